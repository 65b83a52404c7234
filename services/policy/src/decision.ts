// How an open action comes to its decision: what it still waits for, and what the rules' answer becomes.
// Pure; the invariants are those of actor.ts.

import { personOf, type Requester } from "@niivo/contracts/action";
import { derivedId } from "@niivo/contracts/canonical";
import type { Customer } from "@niivo/contracts/customers";
import type { UserFacts } from "@niivo/contracts/facts";
import { authorizationMs, factsAgeMaxMs } from "@niivo/contracts/policy";
import { clockSkewMs } from "@niivo/contracts/receipt";
import { toolOf } from "./admission.ts";
import { managerName } from "./annotations.ts";
import { groupIdOf } from "./groups.ts";
import { identityGroup, type Rules, type Ruling } from "./rules.ts";
import type { Event, Grant, OpenAction, State } from "./ticket-state.ts";

/**
 * A ticket's requester, or facts about a person, are awaited this long. The broker ends a call to a directory itself, in
 * less than a minute, and says so. What passes beyond that is our own queue, or the locks of a process that died, and
 * delays a ticket without failing it. Shorter than an agent waits for a step.
 */
const answerMaxMs = 4 * 60 * 1000;
/** The approvals service says itself that an approval expired; this much later its silence counts too. */
const approvalGraceMs = 60 * 1000;

export interface DecisionOptions {
  /** The digest of the policy set whose rules these are. */
  readonly policySet: string;
  readonly rules: Rules;
  /** An approval is never open longer than this, whatever a policy says. */
  readonly approvalMsMax: number;
}

/** In what circumstances something is decided. */
export interface Turn {
  readonly state: State;
  readonly now: Date;
  /** The configuration of the message's customer, if there is one. */
  readonly customer: Customer | undefined;
}

type Basis = { readonly policySet: string; readonly policies: string[] };

const later = (now: Date, ms: number): string => new Date(now.getTime() + ms).toISOString();

export const due = (one: OpenAction, notBefore: string): Event => ({
  type: "decision.due.v1",
  data: { actionId: one.action.id },
  notBefore,
});

export const denied = (
  { action, digest }: Pick<OpenAction, "action" | "digest">,
  code: string,
  detail: string,
  basis?: Basis,
): Event => ({
  type: "action.denied.v1",
  data: {
    actionId: action.id,
    digest,
    tool: action.tool,
    code,
    detail,
    ...(basis === undefined ? {} : { basis }),
  },
});

/** Asks the broker about the person acted on; with a new id each time, so that no old answer fits (P9). */
export function askFacts(one: OpenAction, user: string, now: Date): readonly Event[] {
  const actionId = one.action.id;
  const request = derivedId(actionId, "facts", String(one.questions + 1));
  return [
    { type: "facts.requested.v1", data: { request, actionId, question: { kind: "user", user } } },
    due(one, later(now, answerMaxMs)), // P8
  ];
}

/** The person acted on as the action names them; absent where the tool acts on nobody. */
export function targetOf({ action }: OpenAction): string | undefined {
  const argument = toolOf(action.tool)?.target;
  const user = argument === undefined ? undefined : action.arguments[argument];
  return typeof user === "string" ? user : undefined;
}

/** P6. Clocks differ a little; facts from further in the future are no facts. */
export function isFresh(attestedAt: string, now: Date): boolean {
  const ageMs = now.getTime() - Date.parse(attestedAt);
  return ageMs >= -clockSkewMs && ageMs <= factsAgeMaxMs;
}

/** How often facts are asked for that were too old when they came. */
export const questionsMax = 3;

export const isOld = (attestedAt: string, now: Date): boolean =>
  now.getTime() - Date.parse(attestedAt) > factsAgeMaxMs;

/** Decides with what is known, or waits for what is missing. */
export function proceed(one: OpenAction, turn: Turn, options: DecisionOptions): readonly Event[] {
  const { state, now } = turn;
  if (state.requester === null) return [due(one, later(now, answerMaxMs))]; // P8
  const user = targetOf(one);
  if (user === undefined) return decided(one, undefined, state.requester, turn, options);
  if (state.requester.assurance === "unverified" && state.claimant === null)
    return askFacts(one, state.requester.claims, now); // P12
  const known = state.facts.find((entry) => entry.user === user);
  return known !== undefined && isFresh(known.attestedAt, now)
    ? decided(one, known.facts, state.requester, turn, options)
    : askFacts(one, user, now);
}

/** The decision, now that everything it rests on is known. */
export function decided(
  one: OpenAction,
  target: UserFacts | undefined,
  requester: Requester,
  { now, customer, state }: Turn,
  options: DecisionOptions,
): readonly Event[] {
  const claimant = state.claimant?.objectId ?? undefined;
  if (customer === undefined) return [denied(one, "unknown-customer", "It is not configured.")];
  if (requester.tenantId !== customer.tenantId)
    return [denied(one, "foreign-requester", "The requester is of another tenant.")]; // R12
  if (target !== undefined && target.tenantId !== customer.tenantId)
    return [denied(one, "foreign-tenant", "The person acted on is of another tenant.")]; // P6, R12
  if (target !== undefined && one.targetId !== null && target.objectId !== one.targetId)
    return [denied(one, "target-changed", "The name now belongs to another person.")]; // P7
  const ruling = options.rules({ action: one.action, requester, target, reason: one.reason }, now);
  const basis = { policySet: options.policySet, policies: [...ruling.policies] };
  const about = {
    action: one.action,
    digest: one.digest,
    requester,
    ...(target === undefined ? {} : { target }),
    ...(claimant === undefined ? {} : { claimant }),
    basis,
  };
  const allowed = {
    ...about,
    expiresAt: later(now, authorizationMs),
    attempt: one.attempts + 1, // P10: the lapse that leads here counts them
  };
  if (ruling.kind === "deny") return [denied(one, ruling.code, ruling.detail, basis)];
  if (one.grant !== null) {
    const excluded = [personOf(requester), claimant, target?.objectId];
    const grantedBy = countable(one.grant, excluded);
    const due =
      ruling.kind === "allow" ? undefined : approversOf(ruling, customer, target, excluded);
    return suffices(ruling, one.grant, grantedBy, due)
      ? [{ type: "action.allowed.v1", data: { ...allowed, mode: "approved", grantedBy } }]
      : [denied(one, "approval-insufficient", "The grants are not what the policy asks.", basis)];
  }
  if (ruling.kind === "allow" && ruling.mode === "log")
    return [{ type: "action.allowed.v1", data: { ...allowed, mode: "log" } }];
  if (ruling.kind === "allow") {
    const group = groupIdOf(customer, identityGroup);
    // Where nobody can be told, it does not run unseen.
    if (group === undefined)
      return [denied(one, "unknown-group", "The customer has no such group.", basis)];
    const notice = { group, groupName: identityGroup };
    return [{ type: "action.allowed.v1", data: { ...allowed, mode: "notify", notice } }];
  }
  const excluded = [personOf(requester), claimant, target?.objectId];
  const approvers = approversOf(ruling, customer, target, excluded);
  if (approvers === undefined)
    return [denied(one, "unknown-group", "The customer has no such group.", basis)];
  const { quorum, expiresMs } = ruling;
  const expiresAt = later(now, Math.min(expiresMs, options.approvalMsMax));
  const terms = { ...approvers, quorum, expiresAt };
  return [
    { type: "approval.required.v1", data: { ...about, terms, reason: one.reason } },
    due(one, later(new Date(expiresAt), approvalGraceMs)), // P8
  ];
}

interface Approvers {
  readonly group: string;
  readonly groupName: string;
  readonly manager?: string;
}

/** Whom a ruling asks. A person without a manager who may answer has the identity approvers instead. */
function approversOf(
  { approvers }: Extract<Ruling, { kind: "approve" }>,
  customer: Customer,
  target: UserFacts | undefined,
  excluded: readonly (string | undefined)[],
): Approvers | undefined {
  const groupName = approvers === managerName ? identityGroup : approvers;
  const group = groupIdOf(customer, groupName);
  if (group === undefined) return undefined;
  const manager = approvers === managerName ? target?.manager : undefined;
  const mayAnswer = manager !== undefined && !excluded.some((one) => isSame(one, manager));
  return { group, groupName, ...(mayAnswer ? { manager } : {}) };
}

// Object ids are compared without regard to case: written differently, an id is still the same person.
const isSame = (one: string | undefined, other: string): boolean =>
  one?.toLowerCase() === other.toLowerCase();

// P7, P12. Each person once, without those who may not grant.
const countable = ({ grantedBy }: Grant, excluded: readonly (string | undefined)[]) =>
  [...new Set(grantedBy.map((id) => id.toLowerCase()))].filter(
    (id) => !excluded.some((one) => isSame(one, id)),
  );

// The people whom the rules would ask now are the people who were asked, or the grant is worth nothing.
function suffices(
  ruling: Exclude<Ruling, { kind: "deny" }>,
  grant: Grant,
  grantedBy: readonly string[],
  due: Approvers | undefined,
): boolean {
  if (ruling.kind === "allow") return grantedBy.length > 0;
  if (due === undefined || due.group !== grant.group) return false;
  if ((due.manager ?? null) !== grant.manager) return false;
  const { manager } = due;
  if (manager !== undefined && !grantedBy.some((id) => isSame(manager, id))) return false;
  return grantedBy.length >= ruling.quorum;
}
