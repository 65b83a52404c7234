// The policy actor. One state per ticket: every requested action is allowed, denied, or put to people, and
// whoever is asked and whatever is awaited, the answer comes back here.
//
// Invariants (P1 to P4: rules.ts):
//   P5.  An action is decided for the customer and the ticket of its message, under its own digest, or denied.
//   P6.  A decision about a person rests on facts the broker attested for policy's own question, at most
//        `factsAgeMaxMs` old, about somebody of the customer's own tenant.
//   P7.  An approval decides nothing: it makes policy decide again, on facts read after it, about the same
//        person. It counts for its digest only, before it expires, and never by the requester or the target.
//   P8.  Every wait of policy has an end, and its end is a denial.
//   P9.  What belongs to no open action, or to another question than the one asked, decides nothing.
//   P12. For an unverified requester the directory is asked first whose name they use. That person is believed
//       to have asked nothing, and excluded from approving it all the same.
//   P10. An action is allowed at most `attemptsMax` times, each for `authorizationMs`.

import { actionDigest } from "@niivo/contracts/action";
import type { Customer } from "@niivo/contracts/customers";
import { attemptsMax } from "@niivo/contracts/policy";
import type { Actor } from "@niivo/host/actor";
import { admit } from "./admission.ts";
import {
  askFacts,
  type DecisionOptions,
  decided,
  denied,
  due,
  isFresh,
  isOld,
  proceed,
  questionsMax,
  type Turn,
  targetOf,
} from "./decision.ts";
import type { Input, InputOf } from "./input.ts";
import { type Event, evolve, initialState, type OpenAction, type State } from "./ticket-state.ts";

export interface PolicyOptions extends DecisionOptions {
  readonly customers: readonly Customer[];
}

/** The actor of one policy set and one list of customers. Its key is the ticket's id. */
export function policyActor(options: PolicyOptions): Actor<State, Input, Event> {
  const customers = new Map(options.customers.map((customer) => [customer.id, customer]));
  return {
    initialState,
    evolve,
    decide(input, state, now) {
      const turn = { state, now, customer: customers.get(input.customer) };
      switch (input.type) {
        case "ticket.opened.v1":
          return opened(input, turn, options);
        case "ticket.resolved.v1":
        case "ticket.escalated.v1":
          return state.closed ? [] : [{ type: "note.closed", data: {} }];
        case "action.requested.v1":
          return requested(input, turn, options);
        case "facts.attested.v1":
          return attested(input, turn, options);
        case "approval.granted.v1":
          return granted(input, turn, options);
        case "approval.refused.v1":
          return unapproved(input, "approval-refused", input.data.detail, turn);
        case "approval.expired.v1":
          return unapproved(input, "approval-expired", "Nobody granted it in time.", turn);
        case "authorization.lapsed.v1":
          return lapsed(input, turn, options);
        case "action.completed.v1":
        case "action.failed.v1":
        case "action.unknown.v1":
          return ended(input, turn);
        case "decision.due.v1":
          return overdue(input, turn);
      }
    },
  };
}

// The first word on who asked stands. Actions that came before it were held, and are decided now.
function opened(input: InputOf<"ticket.opened.v1">, turn: Turn, options: DecisionOptions) {
  if (turn.state.requester !== null) return [];
  const { requester } = input.data;
  const known = { ...turn, state: { ...turn.state, requester } };
  const held = turn.state.open.filter((one) => one.waiting.status === "ticket");
  const note: Event = { type: "note.requester", data: { requester } };
  return [note, ...held.flatMap((one) => proceed(one, known, options))];
}

function requested(
  { data, customer, ticket }: InputOf<"action.requested.v1">,
  turn: Turn,
  options: DecisionOptions,
): readonly Event[] {
  const { action, digest, reason } = data;
  const admission = admit({ action, digest, customer, ticket }, turn.customer, turn.state); // P5
  switch (admission.kind) {
    case "known":
      return [];
    case "refused":
      // By the digest computed here: a false one might be that of an action that is open.
      return [denied({ action, digest: actionDigest(action) }, admission.code, admission.detail)];
    case "admitted": {
      const one: OpenAction = {
        ...{ action, digest, reason, argumentBytes: admission.argumentBytes },
        ...{ waiting: { status: "ticket" }, dueAt: null, questions: 0, attempts: 0 },
        ...{ targetId: null, grant: null },
      };
      return [{ type: "note.requested", data: one }, ...proceed(one, turn, options)];
    }
  }
}

function attested(
  { data }: InputOf<"facts.attested.v1">,
  turn: Turn,
  options: DecisionOptions,
): readonly Event[] {
  const one = find(turn.state, data.actionId);
  const { requester, claimant } = turn.state;
  if (one === undefined || requester === null) return []; // P9
  if (one.waiting.status !== "facts" || one.waiting.request !== data.request) return []; // P9
  const { user } = one.waiting;
  const { answer, attestedAt } = data;
  const isClaim = requester.assurance === "unverified" && claimant === null;
  if (answer.kind === "not-found")
    return isClaim
      ? claimed(one, [{ type: "note.claimant", data: { objectId: null } }], turn, options)
      : [denied(one, "target-not-found", "The directory knows nobody of that name.")];
  // They were young when they were read, and waited in a queue of ours.
  if (answer.kind === "user" && isOld(attestedAt, turn.now) && one.questions < questionsMax)
    return askFacts(one, user, turn.now); // P6
  if (answer.kind !== "user" || !isFresh(attestedAt, turn.now))
    return [denied(one, "facts-unavailable", "The directory gave no usable answer.")]; // P6
  const note: Event = { type: "note.facts", data: { user, facts: answer.facts, attestedAt } };
  if (isClaim) {
    const { objectId } = answer.facts;
    return claimed(one, [{ type: "note.claimant", data: { objectId } }, note], turn, options);
  }
  return [note, ...decided(one, answer.facts, requester, turn, options)];
}

// P12. Whose name was used is known now, or that it is nobody's; then the action goes its way.
function claimed(one: OpenAction, notes: readonly Event[], turn: Turn, options: DecisionOptions) {
  const state = notes.reduce(evolve, turn.state);
  return [...notes, ...proceed(one, { ...turn, state }, options)];
}

// P7. Facts are asked for again even if those at hand are young: people took their time.
function granted(
  { data, time }: InputOf<"approval.granted.v1">,
  turn: Turn,
  options: DecisionOptions,
): readonly Event[] {
  const { state, now } = turn;
  const one = find(state, data.actionId, data.digest);
  if (one?.waiting.status !== "people" || state.requester === null) return []; // P9
  const { group, manager = null, expiresAt } = one.waiting.terms;
  // Timestamps are UTC of fixed width, so they order as text.
  if (time >= expiresAt) return [denied(one, "approval-expired", "It was granted too late.")];
  const grant = { group, manager, grantedBy: data.grantedBy };
  const note: Event = { type: "note.granted", data: { actionId: one.action.id, ...grant } };
  const user = targetOf(one);
  return user === undefined
    ? [note, ...decided({ ...one, grant }, undefined, state.requester, turn, options)]
    : [note, ...askFacts(one, user, now)];
}

function unapproved(
  { data }: InputOf<"approval.refused.v1" | "approval.expired.v1">,
  code: string,
  detail: string,
  { state }: Turn,
): readonly Event[] {
  const one = find(state, data.actionId, data.digest);
  return one?.waiting.status === "people" ? [denied(one, code, detail)] : []; // P9
}

// P10. Nothing of the old decision is reused but the people's grant, which is of this very digest.
function lapsed(
  { data }: InputOf<"authorization.lapsed.v1">,
  turn: Turn,
  options: DecisionOptions,
): readonly Event[] {
  const one = find(turn.state, data.actionId, data.digest);
  if (one?.waiting.status !== "outcome") return []; // P9
  if (one.attempts >= attemptsMax)
    return [denied(one, "authorization-lapsed", `It was allowed ${attemptsMax} times in vain.`)];
  return proceed(one, turn, options);
}

function ended(
  { data }: InputOf<"action.completed.v1" | "action.failed.v1" | "action.unknown.v1">,
  { state }: Turn,
): readonly Event[] {
  const one = find(state, data.actionId, data.digest);
  return one === undefined ? [] : [{ type: "note.ended", data: { actionId: one.action.id } }];
}

// P8. A timer of an earlier wait, or one that a fast clock sent early, is set again for the present wait.
function overdue({ data }: InputOf<"decision.due.v1">, { state, now }: Turn): readonly Event[] {
  const one = find(state, data.actionId);
  if (one === undefined || one.dueAt === null) return []; // P9
  if (now.toISOString() < one.dueAt) return [due(one, one.dueAt)];
  switch (one.waiting.status) {
    case "ticket":
      return [denied(one, "requester-unknown", "Who opened the ticket did not become known.")];
    case "facts":
      return [denied(one, "facts-unavailable", "The directory's answer did not come in time.")];
    case "people":
      return [denied(one, "approval-expired", "No answer of the approvers came in time.")];
    case "outcome":
      return [];
  }
}

const find = (state: State, actionId: string, digest?: string): OpenAction | undefined =>
  state.open.find(
    (one) => one.action.id === actionId && (digest === undefined || digest === one.digest),
  );
