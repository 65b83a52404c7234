// What a turn adds to a chain: which messages are sealed, in which order, and which wait. Pure.
//
// Invariants:
//   L5. One message is sealed once. The same id with another content is evidence of its own.
//   L6. A cause stands before its effects, and messages of one counter stand in its order, unless the
//       entry says by a gap mark that it waited in vain.
//   L7. Nothing that arrives is dropped: it is sealed, or parked with a timer, or was met before.
//   L38. A gap is sealed only by a process that has itself received for `parkedMaxMs` without a break.

import { heartbeatMs, parkedMaxMs } from "@niivo/contracts/audit";
import { digestOf } from "@niivo/contracts/canonical";
import { platformCustomer } from "@niivo/contracts/envelope";
import type { Entry } from "@niivo/contracts/evidence";
import { clockSkewMs } from "@niivo/contracts/receipt";
import { sealAccess } from "./access.ts";
import { control, type Head, type Sealed } from "./chain.ts";
import {
  afterPrefix,
  forCause,
  forSequence,
  nameOf,
  namesOf,
  type ParkedRow,
  sourceOf,
} from "./rows.ts";
import { sealErasure } from "./seal-erasure.ts";
import { sealKeys } from "./seal-keys.ts";
import { sealRetention } from "./seal-retention.ts";
import type { SealedEvent } from "./sealed-event.ts";
import {
  type Arrival,
  addControl,
  begin,
  type Known,
  type SealedMessage,
  type SealedOrder,
  type SealTurn,
  sealMessage,
  type Timer,
  type Work,
} from "./work.ts";

export interface Sealing {
  readonly head: Head;
  readonly control: readonly Sealed[];
  readonly messages: readonly SealedMessage[];
  readonly timers: readonly Timer[];
  readonly readings: ReadonlyMap<string, number>;
  readonly orders: readonly SealedOrder[];
  /** What is known after the turn; what differs from before is written. */
  readonly known: Known;
}

/**
 * Parked messages are released while the turn's commit stays below this many operations; the host adds
 * its own, and a store takes 100. What does not fit follows in a turn of its own.
 */
const operationsBudget = 70;
const operationsPerMessage = 9;
const operationsPerParking = 3;

/** Decides a turn. @throws RangeError on an entry too large, which the closed list of fields excludes. */
export function seal(turn: SealTurn): Sealing {
  const work = begin(turn);
  sealKeys(work);
  for (const [index, arrival] of turn.arrivals.entries()) {
    work.arrival = index;
    take(work, arrival);
  }
  for (const [name, arrival] of work.fresh) {
    const parked = work.parked.get(name);
    if (parked === undefined) continue;
    work.timers.push({ eventId: parked.event.id, arrival, notBefore: dueAt(parked) });
  }
  const { head, control: controls, messages, timers, readings, orders } = work;
  const { events, receipts, requested, granted, sources, tickets, persons, parked } = work;
  const known = { events, receipts, requested, granted, sources, tickets, persons, parked };
  return { head, control: controls, messages, timers, readings, orders, known };
}

function take(work: Work, arrival: Arrival): void {
  switch (arrival.kind) {
    case "event":
      arrive(work, arrival.event);
      return;
    case "due":
      for (const name of namesOf(arrival.eventId)) due(work, name);
      return;
    case "open":
      return; // The chain is open: by `begin`, or since long.
    case "heartbeat":
      beat(work);
      return;
    case "access":
      sealAccess(work, arrival);
      return;
    case "erase":
      sealErasure(work, arrival);
      return;
    case "retention":
      sealRetention(work, arrival);
      return;
  }
}

// Only where nothing was sealed: what was, said already that the chain is alive.
function beat(work: Work): void {
  const { now } = work.turn;
  if (now.getTime() - Date.parse(work.head.lastSealedAt) < heartbeatMs) return;
  addControl(work, control("chain.heartbeat", {}, now));
}

function arrive(work: Work, event: SealedEvent): void {
  const digest = digestOf(event);
  const met = work.events.get(nameOf(event));
  if (met === undefined) {
    place(work, { event, digest, since: work.turn.now.toISOString() });
  } else if (met.digest !== digest) {
    const detail = { event: event.id, source: event.source, met: met.digest, arrived: digest };
    addControl(work, control("ingress.conflict", detail, work.turn.now, "conflict")); // L5
  }
}

// A message met for the first time: sealed if nothing is missing before it, else parked (L6, L7).
function place(work: Work, message: Omit<ParkedRow, "waitsFor">): void {
  const waitsFor = obstacle(work, message.event);
  if (waitsFor === undefined) {
    settle(work, message);
  } else {
    work.fresh.set(nameOf(message.event), work.arrival);
    park(work, { ...message, waitsFor });
  }
}

// A timer: what waited in vain is sealed with a gap mark, after all that is here and belongs before it.
function due(work: Work, name: string): void {
  const parked = work.parked.get(name);
  if (parked === undefined) return;
  const eventId = parked.event.id;
  const waitsFor = obstacle(work, parked.event);
  const restMs = stillToWaitMs(work, parked);
  if (waitsFor !== undefined && restMs > clockSkewMs) {
    const notBefore = new Date(work.turn.now.getTime() + restMs).toISOString();
    work.timers.push({ eventId, arrival: work.arrival, notBefore });
    return;
  }
  for (const one of beforeIt(work, parked)) {
    // An earlier one of this loop may have released it.
    if (!work.parked.has(nameOf(one.event)) || !isAnswerable(work, one.event)) continue;
    if (!affordable(work, one)) {
      work.timers.push({ eventId, arrival: work.arrival });
      return;
    }
    settle(work, one, gapBefore(work, one.event));
  }
}

// The parked messages to seal for this one: its parked causes, the parked ones before it of the same
// counter, and itself, in the order of causes. A circle of causes ends at the one met twice.
function beforeIt(work: Work, last: ParkedRow): readonly ParkedRow[] {
  const ordered = new Set<ParkedRow>();
  const entered = new Set<string>();
  const visit = (parked: ParkedRow): void => {
    const name = nameOf(parked.event);
    if (entered.has(name)) return;
    entered.add(name);
    for (const cause of namesOf(parked.event.causationid ?? "")) {
      const waiting = work.parked.get(cause);
      if (waiting !== undefined) visit(waiting);
    }
    for (const earlier of earlierOf(work, parked.event)) visit(earlier);
    ordered.add(parked);
  };
  visit(last);
  return [...ordered];
}

const earlierOf = (work: Work, event: SealedEvent): readonly ParkedRow[] =>
  [...work.parked.values()]
    .filter((one) => one.waitsFor.startsWith(afterPrefix(sourceOf(event))))
    .filter((one) => one.event.sequence < event.sequence)
    .sort((one, other) => one.event.sequence - other.event.sequence);

// Seals a message, and then all that waited for it, as far as the commit has room.
function settle(
  work: Work,
  message: Omit<ParkedRow, "waitsFor">,
  gap: Entry["gap"] = undefined,
): void {
  sealMessage(work, message, gap);
  const ready = [message.event];
  for (const { id, source, subject, sequence } of ready) {
    const names = [forCause(id), forSequence(sourceOf({ source, subject }), sequence)];
    for (const parked of [...work.parked.values()].filter((one) => names.includes(one.waitsFor))) {
      const waitsFor = obstacle(work, parked.event);
      if (waitsFor !== undefined) {
        park(work, { ...parked, waitsFor });
      } else if (isAnswerable(work, parked.event)) {
        if (affordable(work, parked)) {
          sealMessage(work, parked);
          ready.push(parked.event);
        } else work.timers.push({ eventId: parked.event.id, arrival: work.arrival });
      }
    }
  }
}

function park(work: Work, parked: ParkedRow): void {
  const { event, digest, waitsFor } = parked;
  work.parked.set(nameOf(event), parked);
  work.events.set(nameOf(event), { status: "parked", digest, waitsFor });
}

// What a message still waits for. The platform's own chain knows no causes: they lie in other chains.
function obstacle(work: Work, event: SealedEvent): string | undefined {
  if (isCauseMissing(work, event)) return forCause(event.causationid ?? "");
  const source = sourceOf(event);
  const last = work.sources.get(source) ?? 0;
  return event.sequence > last + 1 ? forSequence(source, event.sequence - 1) : undefined;
}

// An order to erase, like a receipt, follows from the chain and is no message in it.
const isCauseMissing = (work: Work, { causationid, type }: SealedEvent): boolean =>
  causationid !== undefined &&
  type !== "erasure.confirmed.v1" &&
  work.turn.customer !== platformCustomer &&
  namesOf(causationid).every((name) => work.events.get(name)?.status !== "sealed") &&
  !work.receipts.has(causationid);

function gapBefore(work: Work, event: SealedEvent): Entry["gap"] {
  const last = work.sources.get(sourceOf(event)) ?? 0;
  const cause = isCauseMissing(work, event);
  const missing = Math.max(0, event.sequence - last - 1);
  return cause || missing > 0 ? { cause, missing } : undefined;
}

// A receipt goes out under the ticket of the input that led to it. An allow that something of another ticket
// would release waits for its own timer, which is of its own ticket.
function isAnswerable(work: Work, event: SealedEvent): boolean {
  const arrival = work.turn.arrivals[work.arrival];
  return event.type !== "action.allowed.v1" || event.ticket === ticketOf(arrival);
}

function ticketOf(arrival: Arrival | undefined): string | undefined {
  switch (arrival?.kind) {
    case "event":
      return arrival.event.ticket;
    case "due":
      return arrival.ticket;
    case "open":
    case "heartbeat":
    case "access":
    case "erase":
    case "retention":
    case undefined:
      return undefined;
  }
}

function affordable(work: Work, { event }: ParkedRow): boolean {
  if (work.fresh.has(nameOf(event))) return true;
  const kept = [...work.fresh.keys()].filter((name) => work.parked.has(name)).length;
  const spent =
    work.control.length +
    work.messages.length * operationsPerMessage +
    kept * operationsPerParking +
    (work.persons.size - work.turn.known.persons.size) +
    work.timers.length;
  return spent + operationsPerMessage <= operationsBudget;
}

// L38. Time in which nothing could have come does not count: a process that died before had messages locked, and they
// come again when this one has received for long enough. A clock that was set back since tells nothing, and the
// timer, which the bus's clock kept, stands for the time instead.
function stillToWaitMs({ turn }: Work, { since }: ParkedRow): number {
  const waitedMs = turn.now.getTime() - Date.parse(since);
  const countedMs = waitedMs < 0 ? turn.receivingMs : Math.min(waitedMs, turn.receivingMs);
  return Math.max(0, parkedMaxMs - countedMs);
}

const dueAt = ({ since }: ParkedRow): string =>
  new Date(Date.parse(since) + parkedMaxMs).toISOString();
