// Delivery: a message becomes available in its lane, and goes to a receiver that has room.

import { writeOutgoing } from "../wire/outgoing-message.ts";
import { encodeString, mapSection } from "../wire/values.ts";
import type { Consumer, Entry, Lane, Lock, Queue, SessionHold, SessionWaiter } from "./queue.ts";
import { createWaitingLine } from "./waiting-line.ts";

/** Takes an entry into the queue. It is already in the store. */
export function addEntry(queue: Queue, entry: Entry): void {
  queue.entries.set(entry.sequenceNumber, entry);
  if (entry.status === "available") makeAvailable(queue, entry);
  if (isMortal(queue)) queue.alarm.at(entry.expiresAt);
}

/** Puts an entry at its place in the line and offers it to a receiver. */
export function makeAvailable(queue: Queue, entry: Entry): void {
  entry.status = "available";
  const lane = laneOf(queue, entry);
  lane.waiting.add(entry);
  offer(queue, lane);
}

/** Offers what waits in a lane: to its receivers, or to whoever waits for a free session. */
export function offer(queue: Queue, lane: Lane): void {
  if (!queue.policy.requiresSession || lane.hold !== undefined) {
    pump(queue, lane);
    return;
  }
  if (lane.waiting.size === 0) return;
  const [waiter] = queue.waiters;
  if (waiter === undefined) {
    queue.readyLanes.add(lane);
    return;
  }
  queue.waiters.delete(waiter);
  waiter.granted(holdLane(queue, lane, waiter));
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
  queue.readyLanes.delete(lane);
  queue.alarm.at(until);
  return hold;
}

/** Hands waiting entries to the lane's receivers in turn, while they have room. */
export function pump(queue: Queue, lane: Lane): void {
  while (lane.waiting.size > 0) {
    const consumer = nextWithRoom(lane);
    if (consumer === undefined) return;
    const entry = lane.waiting.take();
    // An expired entry is left to the alarm, which removes or dead-letters it.
    if (entry !== undefined && !isExpired(queue, entry)) deliver(queue, lane, entry, consumer);
  }
}

/** The lane an entry belongs to, made when it is the first of its session. */
export function laneOf(queue: Queue, entry: Entry): Lane {
  return laneFor(
    queue,
    queue.policy.requiresSession ? entry.stored.message.system.sessionId : undefined,
  );
}

export function laneFor(queue: Queue, sessionId: string | undefined): Lane {
  const key = sessionId ?? "";
  const known = queue.lanes.get(key);
  if (known !== undefined) return known;
  const lane: Lane = {
    sessionId,
    waiting: createWaitingLine(),
    consumers: [],
    locks: new Set(),
    nextConsumer: 0,
    hold: undefined,
  };
  queue.lanes.set(key, lane);
  return lane;
}

/** Locks an entry and gives the lock's token (Q1). */
export function lockEntry(queue: Queue, lane: Lane, entry: Entry): Lock {
  const { id, token } = queue.tokens.next();
  const wasDeferred = entry.status === "deferred";
  const until = lane.hold?.until ?? queue.clock() + queue.policy.lockMs;
  const lock: Lock = { id, token, entry, lane, until, wasDeferred };
  entry.status = "locked";
  queue.locks.set(id, lock);
  lane.locks.add(lock);
  queue.alarm.at(until);
  return lock;
}

/** When the lock ends: in a session, with the session's lock. */
export function lockedUntil(lock: Lock): number {
  return lock.lane.hold?.until ?? lock.until;
}

/** Takes an entry out of the queue and out of the store for good (Q4: the caller says why). */
export function discard(queue: Queue, entry: Entry): void {
  forget(queue, entry);
  queue.store.deleteCopy(queue.entity, entry.sequenceNumber);
  entry.stored.references -= 1;
  if (entry.stored.references === 0) queue.store.deleteMessage(entry.stored.id);
}

/** Moves an entry to the dead-letter queue with the application properties that say why. */
export function deadLetter(queue: Queue, entry: Entry, why: ReadonlyMap<string, Buffer>): void {
  if (queue.deadLetters === undefined) {
    // A dead letter that is dead-lettered again stays where it is.
    makeAvailable(queue, entry);
    saveEntry(queue, entry);
    return;
  }
  forget(queue, entry);
  const moved: Entry = {
    ...entry,
    status: "available",
    modified: new Map([...entry.modified, ...why]),
  };
  saveEntry(queue.deadLetters, moved);
  addEntry(queue.deadLetters, moved);
}

/** The two application properties that explain a dead letter. */
export function deadLetterReason(reason: string, description: string): Map<string, Buffer> {
  return new Map([
    ["DeadLetterReason", encodeString(reason)],
    ["DeadLetterErrorDescription", encodeString(description)],
  ]);
}

/** Writes the entry's present condition to the store. */
export function saveEntry(queue: Queue, entry: Entry): void {
  queue.store.putCopy({
    entity: queue.entity,
    sequence: entry.sequenceNumber,
    message: entry.stored.id,
    isDead: queue.deadLetters === undefined,
    isDeferred: entry.status === "deferred",
    deliveryCount: entry.deliveryCount,
    enqueuedAt: entry.enqueuedAt,
    modified: entry.modified.size === 0 ? null : encodeModified(entry.modified),
  });
}

/** The bytes of an entry for a receiver. */
export function encodeEntry(queue: Queue, entry: Entry, until: number | undefined): Buffer {
  const isDead = queue.deadLetters === undefined;
  return writeOutgoing(entry.stored.message, {
    sequenceNumber: entry.sequenceNumber,
    enqueuedAt: entry.enqueuedAt,
    deliveryCount: entry.deliveryCount,
    timeToLiveMs: Number.isFinite(entry.expiresAt) ? entry.expiresAt - entry.enqueuedAt : undefined,
    lockedUntil: until,
    state: entry.status === "deferred" ? "deferred" : "active",
    deadLetterSource: isDead ? queue.path : undefined,
    modified: entry.modified,
  });
}

export function isExpired(queue: Queue, entry: Entry): boolean {
  return isMortal(queue) && entry.expiresAt <= queue.clock();
}

function deliver(queue: Queue, lane: Lane, entry: Entry, consumer: Consumer): void {
  if (consumer.mode === "receiveAndDelete") {
    const encoded = encodeEntry(queue, entry, undefined);
    discard(queue, entry);
    consumer.deliver(encoded, undefined);
    return;
  }
  const lock = lockEntry(queue, lane, entry);
  consumer.deliver(encodeEntry(queue, entry, lockedUntil(lock)), lock);
}

function nextWithRoom(lane: Lane): Consumer | undefined {
  for (let tried = 0; tried < lane.consumers.length; tried += 1) {
    lane.nextConsumer = (lane.nextConsumer + 1) % lane.consumers.length;
    const consumer = lane.consumers[lane.nextConsumer];
    if (consumer !== undefined && consumer.room() > 0) return consumer;
  }
  return undefined;
}

function forget(queue: Queue, entry: Entry): void {
  if (entry.status === "available") laneOf(queue, entry).waiting.remove(entry);
  entry.status = "gone";
  queue.entries.delete(entry.sequenceNumber);
}

// Time to live is not observed in a dead-letter queue.
function isMortal(queue: Queue): boolean {
  return queue.deadLetters !== undefined;
}

function encodeModified(modified: ReadonlyMap<string, Buffer>): Buffer {
  return mapSection(0x74, modified, encodeString).subarray(3);
}
