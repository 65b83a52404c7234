// What Cedar is asked about one action: everything a policy can see, as `schema.ts` describes it (P4).

import type { CedarValueJson } from "@cedar-policy/cedar-wasm/nodejs";
import { type Action, personOf, type Requester } from "@niivo/contracts/action";
import type { UserFacts } from "@niivo/contracts/facts";
import { catalogue, type Tool } from "@niivo/contracts/tools";
import type { CedarRequest } from "./policy-set.ts";
import { readableArguments } from "./schema.ts";

export interface Question {
  /** Its arguments have passed the tool's schema. */
  readonly action: Action;
  readonly requester: Requester;
  /** The person acted on, as the broker attested them. */
  readonly target: UserFacts | undefined;
  /** The agent's own words. No policy sees them. */
  readonly reason: string;
}

/** The principal is the agent, the resource the person acted on, or the ticket where there is none. */
export function cedarRequests(): (tool: Tool, question: Question, now: Date) => CedarRequest {
  const readable = new Map(
    Object.values(catalogue).map((tool) => [tool.name, Object.keys(readableArguments(tool))]),
  );
  return (tool, question, now) => ({
    principal: { type: "Agent", id: question.action.agent },
    action: { type: "Action", id: tool.name },
    resource:
      question.target === undefined
        ? { type: "Ticket", id: question.action.ticket }
        : { type: "Person", id: question.target.objectId },
    context: contextOf(readable.get(tool.name) ?? [], question, now),
  });
}

function contextOf(names: readonly string[], question: Question, now: Date) {
  const { action, requester, target } = question;
  const readable = names
    .map((name): [string, CedarValueJson] => [name, cedarValue(action.arguments[name])])
    .filter(([, value]) => value !== null);
  const context: Record<string, CedarValueJson> = {
    arguments: Object.fromEntries(readable),
    requester: aboutRequester(requester, now),
    time: { __extn: { fn: "datetime", arg: now.toISOString() } },
  };
  return target === undefined ? context : { ...context, ...aboutPerson(requester, target) };
}

function aboutRequester(requester: Requester, now: Date): Record<string, CedarValueJson> {
  const { assurance } = requester;
  if (requester.assurance === "unverified") return { assurance, multifactor: false };
  const { objectId, multifactor } = requester;
  return { objectId, assurance, multifactor, ...signedIn(requester.signedInAt, now) };
}

// An unverified requester is nobody: never the target, never anybody's manager, whatever they claim.
function aboutPerson(requester: Requester, target: UserFacts): Record<string, CedarValueJson> {
  const { enabled, vip, privileged, department } = target;
  const person = target.tenantId === requester.tenantId ? personOf(requester) : undefined;
  return {
    self: person !== undefined && target.objectId === person,
    managerOfTarget: person !== undefined && target.manager === person,
    facts: { enabled, vip, privileged, ...(department === undefined ? {} : { department }) },
  };
}

// A sign-in that lies in the future is a clock that disagrees; it counts as no known sign-in.
function signedIn(signedInAt: string | undefined, now: Date): Record<string, number> {
  if (signedInAt === undefined) return {};
  const seconds = Math.floor((now.getTime() - Date.parse(signedInAt)) / 1000);
  return seconds < 0 ? {} : { signedInSecondsAgo: seconds };
}

// Scalars and lists of text, which is all that `readableArguments` names. Anything else stays unseen.
function cedarValue(value: Action["arguments"][string] | undefined): CedarValueJson {
  if (value === undefined || value === null) return null;
  if (typeof value !== "object") return value;
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : null;
}
