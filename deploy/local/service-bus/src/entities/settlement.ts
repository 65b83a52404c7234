// Settlement: complete, abandon, defer, dead-letter, and what becomes of a delivery that failed.

import { limits } from "../limits.ts";
import { rowState } from "../store/row-state.ts";
import { encodeString, mapValue, readPairs } from "../wire/values.ts";
import { lockedUntil, makeAvailable, makeReady, pump } from "./dispatch.ts";
import { forget, hasWaiting, removeIdleLane, storedOf } from "./lanes.ts";
import type { DeadLetterReason, Entry, Lane, Lock, Queue } from "./queue.ts";

type Changes = ReadonlyMap<string, Buffer>;

/** What a receiver says about a message. `modify` holds encoded application properties. */
export type Outcome =
  | { readonly kind: "complete" }
  | { readonly kind: "abandon"; readonly modify: Changes }
  | { readonly kind: "defer"; readonly modify: Changes }
  | {
      readonly kind: "dead-letter";
      readonly reason: string | undefined;
      readonly description: string | undefined;
      readonly modify: Changes;
    };

/** `unavailable`: nothing was changed because it could not be written; the lock is still held. */
export type Settled = "settled" | "message-lock-lost" | "session-lock-lost" | "unavailable";

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
  const after = apply(queue, lock, outcome);
  release(queue, lock, after, {
    committed: () => answer("settled"), // Q5
    failed: () => answer("unavailable"),
  });
}

/** Whether the lock is still the one under which the message is held. */
export function isHeld(queue: Queue, lock: Lock): boolean {
  return queue.locks.get(lock.id) === lock && lockedUntil(lock) > queue.clock();
}

/** Counts a failed delivery, and returns the message to its place or dead-letters it (Q4). */
export function failDelivery(queue: Queue, lock: Lock): void {
  release(queue, lock, countFailure(queue, lock.entry, new Map()), {
    committed: () => undefined,
    // The lock is over, counted or not: the alarm looks again.
    failed: () => queue.alarm.at(queue.clock() + limits.storeRetryMs),
  });
}

/** Returns a message whose receiver closed without trying it: the delivery does not count. */
export function returnDelivery(queue: Queue, lock: Lock): void {
  dropLock(queue, lock);
  comeBack(queue, lock.entry);
  removeIdleLane(queue, lock.lane);
}

/** What happens to the entry in memory when its write is durable, and whether it comes back. */
interface After {
  readonly isBack: boolean;
  readonly run: () => void;
}

function apply(queue: Queue, { entry }: Lock, outcome: Outcome): After {
  switch (outcome.kind) {
    case "complete":
      queue.store.messages.remove(entry.row);
      return leave(queue, entry);
    case "abandon":
      return countFailure(queue, entry, outcome.modify);
    case "defer":
      queue.store.messages.setState(entry.row, rowState.deferred, merged(entry, outcome.modify));
      return leave(queue, entry);
    case "dead-letter": {
      const { reason = "", description = "", modify } = outcome;
      const short = (text: string) => text.slice(0, limits.deadLetterTextMax);
      return bury(queue, entry, { reason: short(reason), description: short(description) }, modify);
    }
  }
}

function countFailure(queue: Queue, entry: Entry, modify: Changes): After {
  const count = entry.deliveryCount + 1;
  if (count >= queue.policy.maxDeliveryCount) {
    const description = `the message was delivered ${count} times without being completed`;
    return bury(queue, entry, { reason: "MaxDeliveryCountExceeded", description }, modify, count);
  }
  const modified = merged(entry, modify);
  queue.store.messages.setDelivery(entry.row, count, modified);
  const run = () => {
    entry.deliveryCount = count;
    entry.modified = modified;
    comeBack(queue, entry);
  };
  return { isBack: true, run };
}

function bury(
  queue: Queue,
  entry: Entry,
  why: DeadLetterReason,
  modify: Changes,
  deliveryCount = entry.deliveryCount,
): After {
  const modified = merged(entry, modify);
  const stored = storedOf(queue, entry);
  // A dead letter that is dead-lettered again stays where it is.
  if (queue.deadLetter === undefined || stored === undefined) {
    queue.store.messages.setDelivery(entry.row, deliveryCount, modified);
    const run = () => {
      entry.modified = modified;
      comeBack(queue, entry);
    };
    return { isBack: true, run };
  }
  queue.deadLetter({ ...stored, modified, deliveryCount }, why);
  return leave(queue, entry);
}

const leave = (queue: Queue, entry: Entry): After => ({
  isBack: false,
  run: () => forget(queue, entry),
});

// A deferred message goes back to the store alone: it is not in the line.
function comeBack(queue: Queue, entry: Entry): void {
  if (entry.row.state === rowState.active) makeAvailable(queue, entry);
  else forget(queue, entry);
}

/** Takes the lock away until the write is decided; a failed write gives it back (Q6). */
function release(
  queue: Queue,
  lock: Lock,
  after: After,
  done: { readonly committed: () => void; readonly failed: () => void },
): void {
  const { entry, lane } = lock;
  const { hold } = lane;
  dropLock(queue, lock);
  const decided = () => {
    lane.pending -= 1;
    if (after.isBack) lane.returning -= 1;
  };
  lane.pending += 1;
  if (after.isBack) lane.returning += 1;
  queue.store.afterCommit(
    () => {
      decided();
      after.run();
      finishLane(queue, lane);
      done.committed();
    },
    () => {
      decided();
      entry.status = "locked";
      if (lane.hold === hold) {
        queue.locks.set(lock.id, lock);
        lane.locks.add(lock);
      } else {
        comeBack(queue, entry);
        finishLane(queue, lane);
      }
      done.failed();
    },
  );
}

// A session that was left while writes were under way: what came back is offered to the next.
function finishLane(queue: Queue, lane: Lane): void {
  if (lane.sessionId === undefined) return;
  if (lane.hold !== undefined) {
    pump(queue, lane);
    return;
  }
  if (lane.pending > 0 || lane.locks.size > 0) return;
  const isReady = hasWaiting(queue, lane);
  removeIdleLane(queue, lane);
  if (isReady) makeReady(queue, lane.key);
}

function merged(entry: Entry, changes: Changes): Buffer | null {
  if (changes.size === 0) return entry.modified;
  const before = entry.modified === null ? [] : readPairs(entry.modified);
  return mapValue(new Map([...before, ...changes]), encodeString);
}

function dropLock(queue: Queue, lock: Lock): void {
  lock.entry.status = "leaving";
  queue.locks.delete(lock.id);
  lock.lane.locks.delete(lock);
}
