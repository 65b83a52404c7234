// Delivery: a message becomes available in its lane, and goes to a receiver that has room.

import { limits } from "../limits.ts";
import { writeOutgoing } from "../wire/outgoing-message.ts";
import { readPairs } from "../wire/values.ts";
import { forget, laneFor, loadMore, messageOf, place } from "./lanes.ts";
import type { Consumer, Entry, Lane, Lock, Queue, SessionHold, SessionWaiter } from "./queue.ts";
import { nextReady } from "./ready-sessions.ts";

/** Puts a durable entry at its place in the line and offers it to a receiver. */
export function makeAvailable(queue: Queue, entry: Entry): void {
  const { expiresAt } = entry.row;
  if (queue.policy.isMortal && expiresAt !== null) queue.alarm.at(expiresAt);
  if (!queue.policy.requiresSession) {
    const lane = laneFor(queue, undefined);
    place(queue, lane, entry);
    pump(queue, lane);
    return;
  }
  const lane = queue.lanes.get(entry.row.lane);
  if (lane?.hold === undefined) {
    forget(queue, entry);
    makeReady(queue, entry.row.lane);
    return;
  }
  place(queue, lane, entry);
  pump(queue, lane);
}

/** Offers a free session with waiting messages to whoever waits for one. */
export function makeReady(queue: Queue, key: string): void {
  if (queue.lanes.get(key)?.hold !== undefined) return;
  const [waiter] = queue.waiters;
  if (waiter === undefined) {
    if (queue.ready.size < limits.readySessionsMax) queue.ready.add(key);
    else queue.hasMoreReady = true;
    return;
  }
  queue.waiters.delete(waiter);
  queue.ready.delete(key);
  waiter.granted(holdLane(queue, laneFor(queue, key), waiter));
}

/** Takes back the wish for any session, or grants it: the sessions that waited longest come first. */
export function grantNext(queue: Queue, waiter: SessionWaiter): boolean {
  const key = nextReady(queue);
  if (key === undefined) return false;
  waiter.granted(holdLane(queue, laneFor(queue, key), waiter));
  return true;
}

/** Locks a free lane for a receiver. */
export function holdLane(
  queue: Queue,
  lane: Lane,
  { owner, onLost }: Pick<SessionWaiter, "owner" | "onLost">,
): SessionHold {
  const until = queue.clock() + queue.policy.lockMs;
  const hold: SessionHold = { lane, owner, onLost, until };
  lane.hold = hold;
  queue.ready.delete(lane.key);
  queue.alarm.at(until);
  return hold;
}

/** Hands waiting entries to the lane's receivers in turn, while they have room. */
export function pump(queue: Queue, lane: Lane): void {
  if (lane.sessionId !== undefined && lane.returning > 0) return; // Q3
  for (let consumer = nextWithRoom(lane); consumer !== undefined; consumer = nextWithRoom(lane)) {
    if (lane.waiting.size === 0) loadMore(queue, lane, () => pump(queue, lane));
    const entry = lane.waiting.take();
    if (entry === undefined) return;
    // An expired entry is left to the alarm, which removes or dead-letters it.
    if (isExpired(queue, entry)) forget(queue, entry);
    else deliver(queue, lane, entry, consumer);
  }
}

/** Locks an entry and gives the lock's token (Q1). */
export function lockEntry(queue: Queue, lane: Lane, entry: Entry): Lock {
  const { id, token } = queue.tokens.next();
  const until = lane.hold?.until ?? queue.clock() + queue.policy.lockMs;
  const lock: Lock = { id, token, entry, lane, until };
  entry.status = "locked";
  queue.entries.set(entry.sequence, entry);
  queue.locks.set(id, lock);
  lane.locks.add(lock);
  queue.alarm.at(until);
  return lock;
}

/** When the lock ends: in a session, with the session's lock. */
export function lockedUntil(lock: Lock): number {
  return lock.lane.hold?.until ?? lock.until;
}

/** The bytes of an entry for a receiver; undefined when the store no longer has it. */
export function encodeEntry(
  queue: Queue,
  entry: Entry,
  until: number | undefined,
): Buffer | undefined {
  const message = messageOf(queue, entry);
  if (message === undefined) return undefined;
  const { row } = entry;
  return writeOutgoing(message, {
    sequenceNumber: row.sequence,
    enqueuedSequenceNumber: row.enqueuedSequence,
    enqueuedAt: row.enqueuedAt,
    deliveryCount: entry.deliveryCount,
    timeToLiveMs: row.expiresAt === null ? undefined : row.expiresAt - row.enqueuedAt,
    lockedUntil: until,
    state: row.state,
    deadLetterSource: row.source ?? undefined,
    modified: entry.modified === null ? undefined : readPairs(entry.modified),
  });
}

export function isExpired(queue: Queue, entry: Entry): boolean {
  const { expiresAt } = entry.row;
  return queue.policy.isMortal && expiresAt !== null && expiresAt <= queue.clock();
}

function deliver(queue: Queue, lane: Lane, entry: Entry, consumer: Consumer): void {
  if (consumer.mode === "receiveAndDelete") {
    deliverOnce(queue, lane, entry, consumer);
    return;
  }
  const lock = lockEntry(queue, lane, entry);
  const encoded = encodeEntry(queue, entry, lockedUntil(lock));
  if (encoded === undefined) return; // Only a damaged store has a row without its bytes.
  // A held message's bytes are in the store; memory keeps small ones, which often come back soon.
  if (encoded.length > limits.heldBytesMax) entry.message = undefined;
  consumer.deliver(encoded, lock);
}

// At most once: the message is gone before it is sent (Q6).
function deliverOnce(queue: Queue, lane: Lane, entry: Entry, consumer: Consumer): void {
  const encoded = encodeEntry(queue, entry, undefined);
  entry.status = "leaving";
  consumer.reserved += 1;
  queue.store.messages.remove(entry.row);
  queue.store.afterCommit(
    () => {
      consumer.reserved -= 1;
      forget(queue, entry);
      if (encoded !== undefined) consumer.deliver(encoded, undefined);
    },
    () => {
      consumer.reserved -= 1;
      place(queue, lane, entry);
      queue.alarm.at(queue.clock() + limits.storeRetryMs);
    },
  );
}

function nextWithRoom(lane: Lane): Consumer | undefined {
  const { length } = lane.consumers;
  for (let tried = 0; tried < length; tried += 1) {
    lane.nextConsumer = (lane.nextConsumer + 1) % length;
    const consumer = lane.consumers[lane.nextConsumer];
    if (consumer !== undefined && consumer.room() > consumer.reserved) return consumer;
  }
  return undefined;
}
