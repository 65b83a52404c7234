// The broker's actor. One state per action: join policy's allow with audit's receipt, start once, take one
// outcome. Facts that policy or approvals ask for pass through it and leave no state.
//
// Invariants:
//   B1. Nothing starts on an allow alone or a receipt alone; both must be about the same action, digest
//       and event, and both in time (R3).
//   B2. A receipt counts only with a chain of signatures from a pinned vault key.
//   B3. An action starts at most once: the commit that starts it consumes the receipt.
//   B4. What is refused leaves an event with its reason (R10), and every wait has an end.
//   B5. Every credential is announced before the effect that takes it (R6).
//   B6. A started action has one outcome; what comes after `unknown` is evidence, not a second one.
//   B7. A result is published only in the closed form of its tool (R5).

import type { Customer } from "@niivo/contracts/customers";
import { attemptsMax, authorizationMs } from "@niivo/contracts/policy";
import { judgeReceipt, type PinnedKey, type Receipt } from "@niivo/contracts/receipt";
import type { Actor } from "@niivo/host/actor";
import {
  type Allow,
  type Allowed,
  type HeldAllow,
  isOver,
  mismatch,
  problemOfAllow,
} from "./authorization.ts";
import { factsCredential } from "./credentials.ts";
import type { EffectReport, Event, FactsQuestioned, Input, State } from "./messages.ts";
import { checkedOutcome, outcomeEvents, reconcilingEvents } from "./outcome.ts";
import { announcement, startEvents } from "./start.ts";

/** What the actor is sure of before any message comes. */
export interface Trust {
  readonly customers: readonly Customer[];
  /** One vault key; both while one replaces the other. */
  readonly pinnedKeys: readonly PinnedKey[];
  readonly platformVaultUrl: string;
}

type Waiting = Extract<State, { status: "waiting" }>;
const nothingHeld: Waiting = { status: "waiting", held: null, receipts: [] };

/** The state key: everything about one action meets in one state. */
export const actionOf = (input: Input): string =>
  input.type === "action.allowed.v1" ? input.data.action.id : input.data.actionId;

export function brokerActor(trust: Trust): Actor<State, Input, Event> {
  return {
    initialState: nothingHeld,
    decide(input, state, now) {
      switch (input.type) {
        case "facts.requested.v1":
          return factsOrdered(trust, input, now);
        case "facts.fetched.v1":
          return [{ type: "facts.attested.v1", data: input.data }];
        case "action.allowed.v1":
          return state.status === "waiting" ? allowed(trust, input, state, now) : []; // B3
        case "receipt.issued.v1":
          return state.status === "waiting"
            ? receipted(trust, input.customer, input.data, state, now)
            : [rejected(input.data, "replayed")]; // B3
        case "authorization.due.v1":
          return state.status === "waiting" ? overdue(state, now) : [];
        case "effect.ended.v1":
          return ended(input, state);
        case "lease.due.v1": {
          if (state.status !== "started") return [];
          const detail = "The effect's lease ended without a result.";
          return outcomeEvents(state.about, { kind: "unknown", detail });
        }
      }
    },
    evolve,
  };
}

function allowed(trust: Trust, input: Allowed, state: Waiting, now: Date): readonly Event[] {
  const { id, data: allow, customer: customerId } = input;
  // Only policy's next attempt can take the place of one that waits.
  if (state.held !== null && allow.attempt <= state.held.allow.attempt) return [];
  const customer = customerOf(trust, customerId);
  const problem = problemOfAllow(input, customer, now);
  if (problem !== undefined) return [lapsed(allow, problem)];
  const held: HeldAllow = { id, allow };
  const strangers = state.receipts.filter((receipt) => receipt.allowId !== id);
  const own = state.receipts.find((receipt) => receipt.allowId === id);
  const wait: readonly Event[] = [
    { type: "note.allow-held", data: held },
    {
      type: "authorization.due.v1",
      data: { actionId: allow.action.id },
      notBefore: allow.expiresAt,
    },
  ];
  const joined = own === undefined ? [] : join(trust, customerId, held, own, now);
  return [...strangers.map((one) => rejected(one, "other-allow")), ...wait, ...joined];
}

function receipted(
  trust: Trust,
  customerId: string,
  receipt: Receipt,
  state: Waiting,
  now: Date,
): readonly Event[] {
  if (state.held !== null) return join(trust, customerId, state.held, receipt, now);
  const verdict = judgeReceipt(receipt, trust.pinnedKeys, now);
  // An expired receipt is right in all else. It waits for its allow, which then lapses by name.
  if (verdict !== "valid" && verdict !== "expired") return [rejected(receipt, verdict)]; // B2
  if (state.receipts.some((one) => one.allowId === receipt.allowId))
    return [rejected(receipt, "replayed")];
  if (state.receipts.length >= attemptsMax) return [rejected(receipt, "too-many")];
  return [
    { type: "note.receipt-held", data: receipt },
    {
      type: "authorization.due.v1",
      data: { actionId: receipt.actionId },
      notBefore: new Date(Date.parse(receipt.expiresAt) + authorizationMs).toISOString(),
    },
  ];
}

// B1, B2. A bad receipt leaves the allow waiting for a good one; lateness ends the wait.
function join(
  trust: Trust,
  customerId: string,
  held: HeldAllow,
  receipt: Receipt,
  now: Date,
): readonly Event[] {
  const verdict = judgeReceipt(receipt, trust.pinnedKeys, now);
  if (verdict !== "valid" && verdict !== "expired") return [rejected(receipt, verdict)];
  const difference = mismatch(receipt, held);
  if (difference !== undefined) return [rejected(receipt, difference)];
  const { allow } = held;
  if (isOver(allow.expiresAt, now)) return [lapsed(allow, "allow-expired")];
  if (verdict === "expired") return [lapsed(allow, "receipt-expired")];
  const customer = customerOf(trust, customerId);
  const agent = customer?.agents.find(({ name }) => name === allow.action.agent);
  // Both were known when the allow came; the file may have changed since.
  if (customer === undefined || agent === undefined) return [lapsed(allow, "agent-unknown")];
  const { platformVaultUrl } = trust;
  return startEvents({ held, receipt, customer, agent, platformVaultUrl, now });
}

// B4. A receipt is held until no allow that it names could still be in time.
function overdue({ held, receipts }: Waiting, now: Date): readonly Event[] {
  if (held !== null)
    return isOver(held.allow.expiresAt, now) ? [lapsed(held.allow, "receipt-missing")] : [];
  const late = new Date(now.getTime() - authorizationMs);
  const dropped = receipts.filter((receipt) => isOver(receipt.expiresAt, late));
  if (dropped.length === 0) return [];
  const allowIds = dropped.map((receipt) => receipt.allowId);
  return [
    ...dropped.map((receipt) => rejected(receipt, "allow-missing")),
    { type: "note.receipts-dropped", data: { allowIds } },
  ];
}

function ended({ data }: EffectReport, state: State): readonly Event[] {
  switch (state.status) {
    case "waiting":
      throw new RangeError("effect-not-started");
    case "started":
      return outcomeEvents(state.about, checkedOutcome(state.about.tool, data.outcome));
    case "unknown":
      return reconcilingEvents(state.about, checkedOutcome(state.about.tool, data.outcome));
    case "ended":
      return [];
  }
}

function factsOrdered(trust: Trust, input: FactsQuestioned, now: Date): readonly Event[] {
  const { request, actionId, question } = input.data;
  const requestedBy = input.source;
  if (requestedBy !== "policy" && requestedBy !== "approvals")
    throw new RangeError("facts-not-for-this-topic");
  const customer = customerOf(trust, input.customer);
  if (customer === undefined) {
    const answer = { kind: "unavailable" } as const;
    const data = { request, actionId, requestedBy, answer, attestedAt: now.toISOString() };
    return [{ type: "facts.attested.v1", data }];
  }
  return [
    announcement(factsCredential(customer), actionId, { purpose: "facts" }), // B5
    { type: "facts.fetch.v1", data: { request, actionId, requestedBy, question } },
  ];
}

function evolve(state: State, event: Event): State {
  switch (event.type) {
    case "note.allow-held":
      return { status: "waiting", held: event.data, receipts: [] };
    case "note.receipt-held": {
      const receipts = state.status === "waiting" ? state.receipts : [];
      return { status: "waiting", held: null, receipts: [...receipts, event.data] };
    }
    case "note.receipts-dropped": {
      if (state.status !== "waiting") return state;
      const isKept = ({ allowId }: Receipt) => !event.data.allowIds.includes(allowId);
      return { ...state, receipts: state.receipts.filter(isKept) };
    }
    case "authorization.lapsed.v1":
      return nothingHeld;
    case "action.started.v1": {
      const { action, digest, mode } = event.data;
      const about = { actionId: action.id, digest, tool: action.tool, mode };
      return { status: "started", about };
    }
    case "action.unknown.v1": {
      const { actionId, digest, tool, mode } = event.data;
      return { status: "unknown", about: { actionId, digest, tool, mode } };
    }
    case "action.completed.v1":
    case "action.failed.v1":
    case "action.reconciled.v1":
      return { status: "ended" };
    case "credential.access.v1":
    case "receipt.rejected.v1":
    case "secret.stored.v1":
    case "reply.recorded.v1":
    case "facts.attested.v1":
    case "facts.fetch.v1":
    case "authorization.due.v1":
    case "lease.due.v1":
      return state;
  }
}

const customerOf = (trust: Trust, id: string): Customer | undefined =>
  trust.customers.find((customer) => customer.id === id);

const lapsed = ({ action, digest }: Allow, code: string): Event => ({
  type: "authorization.lapsed.v1",
  data: { actionId: action.id, digest, tool: action.tool, code },
});

const rejected = ({ actionId, digest }: Receipt, code: string): Event => ({
  type: "receipt.rejected.v1",
  data: { actionId, digest, code },
});
