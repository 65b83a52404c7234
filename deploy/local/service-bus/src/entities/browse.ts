// Reading a queue otherwise than in order: peek, renewal by token, and deferred messages.

import { discard, encodeEntry, laneOf, lockEntry, lockedUntil } from "./dispatch.ts";
import type { Entry, Lock, Queue } from "./queue.ts";
import { isHeld } from "./settlement.ts";

/** The encoded messages from a sequence number on, whatever their state, without locking them. */
export function peek(
  queue: Queue,
  from: number,
  count: number,
  sessionId: string | undefined,
): Buffer[] {
  const found: Entry[] = [];
  for (const entry of queue.entries.values()) {
    if (entry.sequenceNumber < from) continue;
    if (sessionId === undefined || entry.stored.message.system.sessionId === sessionId) {
      found.push(entry);
    }
  }
  found.sort((left, right) => left.sequenceNumber - right.sequenceNumber);
  return found.slice(0, count).map((entry) => encodeEntry(queue, entry, undefined));
}

/** The live lock of a token, or undefined when it is lost. */
export function findLock(queue: Queue, token: Buffer): Lock | undefined {
  const id = queue.tokens.idOf(token);
  const lock = id === undefined ? undefined : queue.locks.get(id);
  return lock !== undefined && isHeld(queue, lock) ? lock : undefined;
}

/** Prolongs message locks; the answers are their new ends in ms since 1970. */
export function renewLock(queue: Queue, lock: Lock): number {
  lock.until = queue.clock() + queue.policy.lockMs;
  queue.alarm.at(lock.until);
  return lockedUntil(lock);
}

export interface Deferred {
  readonly encoded: Buffer;
  readonly token: Buffer | undefined;
}

/**
 * Receives deferred messages by number, all or none: undefined when one of them is not deferred
 * here, or belongs to another session.
 */
export function receiveDeferred(
  queue: Queue,
  sequences: readonly number[],
  mode: "peekLock" | "receiveAndDelete",
  sessionId: string | undefined,
): Deferred[] | undefined {
  const entries = sequences.map((sequence) => queue.entries.get(sequence));
  const isWanted = (entry: Entry | undefined): entry is Entry =>
    entry?.status === "deferred" &&
    (!queue.policy.requiresSession || entry.stored.message.system.sessionId === sessionId);
  if (!entries.every(isWanted)) return undefined;
  return entries.map((entry) => {
    if (mode === "receiveAndDelete") {
      const encoded = encodeEntry(queue, entry, undefined);
      discard(queue, entry);
      return { encoded, token: undefined };
    }
    const lock = lockEntry(queue, laneOf(queue, entry), entry);
    // The message is shown as deferred although it is locked now, as the cloud does.
    const shown = encodeEntry(queue, { ...entry, status: "deferred" }, lockedUntil(lock));
    return { encoded: shown, token: lock.token };
  });
}
