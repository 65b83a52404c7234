// Sessions: exclusive locks on the messages of one session id, and the session's state.
//
// Who closes a session returns its unsettled messages without counting a failed delivery, as the
// cloud documents. Who loses it (the lock expired, or the connection broke with messages in hand)
// has each of them counted, so that a message that kills its receiver ends as a dead letter.

import { limits } from "../limits.ts";
import { grantNext, holdLane, makeReady } from "./dispatch.ts";
import { hasWaiting, laneFor, removeIdleLane, resetLane } from "./lanes.ts";
import type { Queue, SessionHold, SessionWaiter } from "./queue.ts";
import { failDelivery, returnDelivery } from "./settlement.ts";

/** Locks a named session, or answers undefined while someone holds it (Q3). */
export function openSession(
  queue: Queue,
  sessionId: string,
  holder: Pick<SessionWaiter, "owner" | "onLost">,
): SessionHold | undefined {
  const held = queue.lanes.get(sessionId)?.hold;
  if (held !== undefined && held.until <= queue.clock()) loseSession(queue, held);
  // Asked again: a lost session may have gone to a receiver that waited for any.
  if (queue.lanes.get(sessionId)?.hold !== undefined) return undefined;
  return holdLane(queue, laneFor(queue, sessionId), holder);
}

/**
 * Locks the session that has waited longest, now or when one becomes free.
 * The answer takes the wish back; after a grant it does nothing.
 */
export function nextSession(queue: Queue, waiter: SessionWaiter): () => void {
  if (!grantNext(queue, waiter)) queue.waiters.add(waiter);
  return () => {
    queue.waiters.delete(waiter);
  };
}

/** Gives a session back. `isLost` says that its holder did not do so by itself. */
export function releaseSession(queue: Queue, hold: SessionHold, isLost: boolean): void {
  const { lane } = hold;
  if (lane.hold !== hold) return;
  lane.consumers.length = 0;
  // The lane stays held while the messages go back, so that the next holder finds them all (Q3).
  for (const lock of [...lane.locks]) {
    if (isLost) failDelivery(queue, lock);
    else returnDelivery(queue, lock);
  }
  lane.hold = undefined;
  if (lane.pending > 0) {
    // With writes under way the lane is finished when they are decided.
    resetLane(queue, lane);
    return;
  }
  const isReady = hasWaiting(queue, lane);
  removeIdleLane(queue, lane);
  if (isReady) makeReady(queue, lane.key);
}

/** The lock has expired: the holder is told and the session is free. */
export function loseSession(queue: Queue, hold: SessionHold): void {
  releaseSession(queue, hold, true);
  hold.onLost();
}

/** The live lock of a session if `owner` holds it. */
export function findHold(queue: Queue, sessionId: string, owner: object): SessionHold | undefined {
  const hold = queue.lanes.get(sessionId)?.hold;
  return hold?.owner === owner && hold.until > queue.clock() ? hold : undefined;
}

/** Prolongs a session lock; the answer is its new end in ms since 1970. */
export function renewSession(queue: Queue, hold: SessionHold): number {
  hold.until = queue.clock() + queue.policy.lockMs;
  queue.alarm.at(hold.until);
  return hold.until;
}

export function readSessionState(queue: Queue, sessionId: string): Buffer | undefined {
  return queue.store.sessionState(queue.id, sessionId);
}

/** Replaces or, with null, clears the state; false when it is too large. */
export function writeSessionState(queue: Queue, sessionId: string, state: Buffer | null): boolean {
  if (state !== null && state.length > limits.sessionStateBytesMax) return false;
  queue.store.putSessionState(queue.id, sessionId, state, queue.clock());
  return true;
}

/**
 * The sessions in which a message came, or whose state changed, after a time; of those with waiting
 * messages when the time is the greatest there is, as the cloud documents.
 */
export function listSessions(
  queue: Queue,
  since: number,
  { skip, top }: { readonly skip: number; readonly top: number },
): string[] {
  const { messages } = queue.store;
  if (since >= limits.timeMaxMs) return messages.activeLanes(queue.id, "", skip + top).slice(skip);
  const found = new Set([
    ...messages.lanesSince(queue.id, since),
    ...queue.store.statesSince(queue.id, since),
  ]);
  return [...found].sort().slice(skip, skip + top);
}
