// Settlement: complete, abandon, defer, dead-letter, and what becomes of a delivery that failed.

import { limits } from "../limits.ts";
import {
  deadLetter,
  deadLetterReason,
  discard,
  lockedUntil,
  makeAvailable,
  saveEntry,
} from "./dispatch.ts";
import type { Entry, Lane, Lock, Queue } from "./queue.ts";

/** What a receiver says about a message. `modify` holds encoded application properties. */
export type Outcome =
  | { readonly kind: "complete" }
  | { readonly kind: "abandon"; readonly modify: ReadonlyMap<string, Buffer> }
  | { readonly kind: "defer"; readonly modify: ReadonlyMap<string, Buffer> }
  | {
      readonly kind: "dead-letter";
      readonly reason: string | undefined;
      readonly description: string | undefined;
      readonly modify: ReadonlyMap<string, Buffer>;
    };

export type Settled = "settled" | "message-lock-lost" | "session-lock-lost";

/** Settles one delivery. Answers once it is durable (Q5), or at once that the lock is lost (Q2). */
export function settle(
  queue: Queue,
  lock: Lock,
  outcome: Outcome,
  answer: (settled: Settled) => void,
): void {
  if (!isHeld(queue, lock)) {
    answer(lock.lane.sessionId === undefined ? "message-lock-lost" : "session-lock-lost"); // Q2
    return;
  }
  dropLock(queue, lock);
  apply(queue, lock, outcome);
  queue.store.afterCommit(() => answer("settled")); // Q5
}

/** Whether the lock is still the one under which the message is held. */
export function isHeld(queue: Queue, lock: Lock): boolean {
  return queue.locks.get(lock.id) === lock && lockedUntil(lock) > queue.clock();
}

/** Counts a failed delivery, and returns the message to its place or dead-letters it (Q4). */
export function failDelivery(queue: Queue, lock: Lock): void {
  dropLock(queue, lock);
  const { entry } = lock;
  entry.deliveryCount += 1;
  if (entry.deliveryCount >= queue.policy.maxDeliveryCount) {
    const text = `the message was delivered ${entry.deliveryCount} times without being completed`;
    deadLetter(queue, entry, deadLetterReason("MaxDeliveryCountExceeded", text));
    return;
  }
  giveBack(queue, lock);
  saveEntry(queue, entry);
}

/** Returns a message whose receiver closed without trying it: the delivery does not count. */
export function returnDelivery(queue: Queue, lock: Lock): void {
  dropLock(queue, lock);
  giveBack(queue, lock);
}

function apply(queue: Queue, lock: Lock, outcome: Outcome): void {
  const { entry } = lock;
  switch (outcome.kind) {
    case "complete":
      discard(queue, entry);
      return;
    case "abandon":
      modify(entry, outcome.modify);
      failDelivery(queue, lock);
      return;
    case "defer":
      modify(entry, outcome.modify);
      entry.status = "deferred";
      saveEntry(queue, entry);
      return;
    case "dead-letter": {
      modify(entry, outcome.modify);
      const { reason = "", description = "" } = outcome;
      const short = (text: string) => text.slice(0, limits.deadLetterTextMax);
      deadLetter(queue, entry, deadLetterReason(short(reason), short(description)));
      return;
    }
  }
}

function giveBack(queue: Queue, { entry, wasDeferred }: Lock): void {
  if (wasDeferred) entry.status = "deferred";
  else makeAvailable(queue, entry);
}

function modify(entry: Entry, changes: ReadonlyMap<string, Buffer>): void {
  if (changes.size > 0) entry.modified = new Map([...entry.modified, ...changes]);
}

function dropLock(queue: Queue, lock: Lock): void {
  queue.locks.delete(lock.id);
  lock.lane.locks.delete(lock);
  removeIdleLane(queue, lock.lane);
}

/** Forgets a session's lane that nothing refers to any more. */
export function removeIdleLane(queue: Queue, lane: Lane): void {
  if (lane.sessionId === undefined || lane.hold !== undefined) return;
  if (lane.waiting.size > 0 || lane.locks.size > 0) return;
  queue.readyLanes.delete(lane);
  queue.lanes.delete(lane.sessionId);
}
