// The rules of one decision: Cedar, the mode its permits ask for, and the floor in code. Pure.
//
// Invariants:
//   P1. Nothing is allowed unless a permit says so: no permit, any forbid, any evaluation error, an unknown
//       tool or missing facts is a denial with a code.
//   P2. The floor: a credential action on a privileged or VIP person needs two people of the identity
//       approvers, whatever a policy set says.
//   P3. Of several permits the strictest mode counts, the largest quorum and the shortest time.
//   P4. Whether people are asked depends on attested facts, the requester as intake knows them, the parsed
//       arguments and the time; never on the agent's reason.

import { catalogue, type Tool } from "@niivo/contracts/tools";
import { type Annotated, floorName, type Terms } from "./annotations.ts";
import { cedarRequests, type Question } from "./cedar-request.ts";
import type { PolicySet } from "./policy-set.ts";

/** The group that the floor asks. */
const floorGroup = "identity-approvers";
const floorQuorum = 2;
const floorExpiresMs = 30 * 60 * 1000;

/** The group that is told of what ran with mode `notify`, and asked where a person has no manager. */
export const identityGroup = "identity-approvers";

/** `policies` are those that determined it, `floor` included. */
export type Ruling = { readonly policies: readonly string[] } & (
  | { readonly kind: "allow"; readonly mode: "log" | "notify" }
  | ({ readonly kind: "approve" } & Omit<Approval, "mode">)
  | { readonly kind: "deny"; readonly code: string; readonly detail: string }
);

type Approval = Extract<Terms, { mode: "approve" }>;
type Permit = Extract<Annotated, { effect: "permit" }>;

export type Rules = (question: Question, now: Date) => Ruling;

/** The rules of one policy set. */
export function rulesOf(set: PolicySet): Rules {
  const request = cedarRequests();
  return (question, now) => {
    const { action, target } = question;
    const tool = Object.hasOwn(catalogue, action.tool) ? catalogue[action.tool] : undefined;
    if (tool === undefined) return deny("unknown-tool", `There is no tool ${action.tool}.`); // P1
    if (tool.target !== undefined && target === undefined)
      return deny("facts-missing", "Nothing is known about the person acted on."); // P1
    const evaluation = set.evaluate(request(tool, question, now));
    switch (evaluation.kind) {
      case "failed":
        return deny("evaluation-error", "A policy could not be evaluated.", evaluation.policies);
      case "forbidden":
        return deny("forbidden", "A policy forbids it.", evaluation.policies);
      case "unmentioned":
        return deny("no-permit", "No policy permits it.");
      case "permitted":
        return permitted(evaluation.permits, tool, question);
    }
  };
}

function permitted(permits: readonly Permit[], tool: Tool, { target, reason }: Question): Ruling {
  const policies = permits.map((permit) => permit.id);
  if (permits.some((permit) => permit.reasonRequired) && reason.trim() === "")
    return deny("reason-missing", "The policy requires a reason.", policies);
  const approvals = permits
    .map((permit) => permit.terms)
    .filter((terms) => terms.mode === "approve");
  if (new Set(approvals.map((terms) => terms.approvers)).size > 1)
    return deny("conflicting-approvers", "Two policies ask two different groups.", policies);
  const asked = approvals.reduce(stricter, undefined); // P3
  if (tool.class === "credential" && target !== undefined && (target.privileged || target.vip))
    return floored(asked, policies); // P2
  if (asked !== undefined) return { ...approve(asked), policies };
  const notify = permits.some((permit) => permit.terms.mode === "notify");
  return { kind: "allow", mode: notify ? "notify" : "log", policies };
}

// P2. Where the set already asks these people in this number, the floor changes nothing and is not named.
function floored(asked: Approval | undefined, policies: readonly string[]): Ruling {
  if (asked?.approvers === floorGroup && asked.quorum >= floorQuorum)
    return { ...approve(asked), policies };
  const raised: Approval = {
    mode: "approve",
    approvers: floorGroup,
    quorum: Math.max(floorQuorum, asked?.quorum ?? 0),
    expiresMs: Math.min(floorExpiresMs, asked?.expiresMs ?? floorExpiresMs),
  };
  return { ...approve(raised), policies: [...policies, floorName] };
}

const stricter = (left: Approval | undefined, right: Approval): Approval => ({
  ...right,
  quorum: Math.max(left?.quorum ?? 0, right.quorum),
  expiresMs: Math.min(left?.expiresMs ?? right.expiresMs, right.expiresMs),
});

const approve = ({ approvers, quorum, expiresMs }: Approval) => ({
  kind: "approve" as const,
  approvers,
  quorum,
  expiresMs,
});

const deny = (code: string, detail: string, policies: readonly string[] = []): Ruling => ({
  kind: "deny",
  code,
  detail,
  policies,
});
