// How an open action comes to its decision: what it still waits for, and what the rules' answer becomes.
// Pure; the invariants are those of actor.ts.

import type { Requester } from "@niivo/contracts/action";
import { derivedId } from "@niivo/contracts/canonical";
import type { Customer } from "@niivo/contracts/customers";
import type { UserFacts } from "@niivo/contracts/facts";
import { authorizationMs, factsAgeMaxMs } from "@niivo/contracts/policy";
import { clockSkewMs } from "@niivo/contracts/receipt";
import { toolOf } from "./admission.ts";
import { groupIdOf } from "./groups.ts";
import { noticeGroup, type Rules, type Ruling } from "./rules.ts";
import type { Event, Grant, OpenAction, State } from "./ticket-state.ts";

/** A ticket's requester, or facts about a person, are awaited this long. */
const answerMaxMs = 30 * 1000;
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

/** Decides with what is known, or waits for what is missing. */
export function proceed(one: OpenAction, turn: Turn, options: DecisionOptions): readonly Event[] {
  const { state, now } = turn;
  if (state.requester === null) return [due(one, later(now, answerMaxMs))]; // P8
  const user = targetOf(one);
  if (user === undefined) return decided(one, undefined, state.requester, turn, options);
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
  { now, customer }: Turn,
  options: DecisionOptions,
): readonly Event[] {
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
    basis,
  };
  const allowed = {
    ...about,
    expiresAt: later(now, authorizationMs),
    attempt: one.attempts + 1, // P10: the lapse that leads here counts them
  };
  if (ruling.kind === "deny") return [denied(one, ruling.code, ruling.detail, basis)];
  if (one.grant !== null) {
    const grantedBy = countable(one.grant, requester, target);
    return suffices(ruling, one.grant, grantedBy, customer)
      ? [{ type: "action.allowed.v1", data: { ...allowed, mode: "approved", grantedBy } }]
      : [denied(one, "approval-insufficient", "The grants are not what the policy asks.", basis)];
  }
  if (ruling.kind === "allow" && ruling.mode === "log")
    return [{ type: "action.allowed.v1", data: { ...allowed, mode: "log" } }];
  if (ruling.kind === "allow") {
    const group = groupIdOf(customer, noticeGroup);
    // Where nobody can be told, it does not run unseen.
    if (group === undefined)
      return [denied(one, "unknown-group", "The customer has no such group.", basis)];
    const notice = { group, groupName: noticeGroup };
    return [{ type: "action.allowed.v1", data: { ...allowed, mode: "notify", notice } }];
  }
  const group = groupIdOf(customer, ruling.approvers);
  if (group === undefined)
    return [denied(one, "unknown-group", "The customer has no such group.", basis)];
  const { approvers: groupName, quorum, expiresMs } = ruling;
  const expiresAt = later(now, Math.min(expiresMs, options.approvalMsMax));
  const terms = { group, groupName, quorum, expiresAt };
  return [
    { type: "approval.required.v1", data: { ...about, terms, reason: one.reason } },
    due(one, later(new Date(expiresAt), approvalGraceMs)), // P8
  ];
}

// P7. Each person once, without those who may not grant. Object ids are compared without regard to case:
// written differently, an id is still the same person.
function countable({ grantedBy }: Grant, requester: Requester, target: UserFacts | undefined) {
  const excluded = [requester.objectId, target?.objectId].map((id) => id?.toLowerCase());
  return [...new Set(grantedBy.map((id) => id.toLowerCase()))].filter(
    (id) => !excluded.includes(id),
  );
}

function suffices(
  ruling: Exclude<Ruling, { kind: "deny" }>,
  grant: Grant,
  grantedBy: readonly string[],
  customer: Customer,
): boolean {
  if (ruling.kind === "allow") return grantedBy.length > 0;
  return groupIdOf(customer, ruling.approvers) === grant.group && grantedBy.length >= ruling.quorum;
}
