// What time does to a queue: locks, session locks and messages end.

import { limits } from "../limits.ts";
import { isExpired, pump } from "./dispatch.ts";
import { forget, reloadIfFailed } from "./lanes.ts";
import type { Queue } from "./queue.ts";
import { loseSession } from "./sessions.ts";
import { failDelivery } from "./settlement.ts";

/** Ends everything that is due, and sets the alarm for what is due next. */
export function expireDue(queue: Queue): void {
  const now = queue.clock();
  for (const lock of [...queue.locks.values()]) {
    if (lock.lane.hold === undefined && lock.until <= now) failDelivery(queue, lock);
  }
  for (const { hold } of [...queue.lanes.values()]) {
    if (hold !== undefined && hold.until <= now) loseSession(queue, hold);
  }
  if (queue.policy.isMortal) expireMessages(queue, now);
  for (const lane of queue.lanes.values()) pump(queue, lane);
  for (const lock of queue.locks.values()) {
    if (lock.lane.hold === undefined) queue.alarm.at(lock.until);
  }
  for (const { hold } of queue.lanes.values()) if (hold) queue.alarm.at(hold.until);
}

// A locked message lives on until its lock ends; the store is asked again after a pause, however
// many messages expire one by one.
function expireMessages(queue: Queue, now: number): void {
  if (queue.store.isWriting()) {
    queue.alarm.at(now + 1);
    return;
  }
  const found = queue.store.messages.expired(queue.id, now, limits.expireBatch);
  for (const stored of found) {
    const entry = queue.entries.get(stored.sequence);
    if (entry?.status === "locked" || entry?.status === "leaving") continue;
    if (entry !== undefined) {
      if (!isExpired(queue, entry)) continue;
      queue.lanes.get(stored.lane)?.waiting.remove(entry);
      forget(queue, entry);
    }
    if (queue.policy.deadLetterOnExpiration && queue.deadLetter !== undefined) {
      const description = "the message expired before it was received";
      queue.deadLetter(stored, { reason: "TTLExpiredException", description });
    } else {
      queue.store.messages.remove(stored);
    }
  }
  if (found.length > 0) reloadIfFailed(queue);
  const next = queue.store.messages.nextExpiry(queue.id);
  if (next !== undefined) queue.alarm.at(Math.max(next, now + limits.expirePauseMs));
}
