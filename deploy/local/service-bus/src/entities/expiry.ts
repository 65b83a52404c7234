// What time does to a queue: locks, session locks and messages end.

import { deadLetter, deadLetterReason, discard, isExpired } from "./dispatch.ts";
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
  for (const entry of [...queue.entries.values()]) {
    // A locked message lives on until its lock ends.
    if (entry.status === "locked" || !isExpired(queue, entry)) continue;
    if (queue.policy.deadLetterOnExpiration) {
      const text = "the message expired before it was received";
      deadLetter(queue, entry, deadLetterReason("TTLExpiredException", text));
    } else {
      discard(queue, entry);
    }
  }
  setAlarm(queue);
}

function setAlarm(queue: Queue): void {
  const isMortal = queue.deadLetters !== undefined;
  let next = Number.POSITIVE_INFINITY;
  for (const lock of queue.locks.values()) {
    if (lock.lane.hold === undefined) next = Math.min(next, lock.until);
  }
  for (const { hold } of queue.lanes.values()) if (hold) next = Math.min(next, hold.until);
  for (const entry of queue.entries.values()) {
    if (isMortal && entry.status !== "locked") next = Math.min(next, entry.expiresAt);
  }
  if (Number.isFinite(next)) queue.alarm.at(next);
}
