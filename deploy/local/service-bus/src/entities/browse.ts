// Reading a queue otherwise than in order: peek, renewal by token, deferred messages, deletion in bulk.

import { limits } from "../limits.ts";
import type { StoredMessage } from "../store/message-store.ts";
import { rowState } from "../store/row-state.ts";
import { encodeEntry, lockEntry, lockedUntil } from "./dispatch.ts";
import { entryOf, forget, laneFor, reloadIfFailed } from "./lanes.ts";
import type { Lock, Queue } from "./queue.ts";
import { isHeld } from "./settlement.ts";

/** The encoded messages from a sequence number on, whatever their state, without locking them. */
export function peek(
  queue: Queue,
  from: number,
  count: number,
  sessionId: string | undefined,
): Buffer[] {
  const isBySession = queue.policy.requiresSession;
  if (!isBySession && sessionId !== undefined) return [];
  const lane = isBySession ? sessionId : "";
  const found: Buffer[] = [];
  let bytes = 0;
  for (const stored of queue.store.messages.browse(queue.id, lane, from, count)) {
    const encoded = encodeEntry(queue, entryOf(stored), undefined);
    if (encoded === undefined) continue;
    bytes += encoded.length;
    if (found.length > 0 && bytes > limits.answerBytesMax) break;
    found.push(encoded);
  }
  return found;
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
 * here, is held, or belongs to another session.
 */
export function receiveDeferred(
  queue: Queue,
  sequences: readonly number[],
  mode: "peekLock" | "receiveAndDelete",
  sessionId: string | undefined,
): Deferred[] | undefined {
  const rows: StoredMessage[] = [];
  for (const sequence of new Set(sequences)) {
    const row = queue.store.messages.read(sequence);
    const isHere = row?.queue === queue.id && row.state === rowState.deferred;
    if (!isHere || queue.entries.has(sequence)) return undefined;
    if (queue.policy.requiresSession && row.lane !== sessionId) return undefined;
    rows.push(row);
  }
  const found: Deferred[] = [];
  for (const row of rows) {
    const entry = entryOf(row);
    if (mode === "receiveAndDelete") {
      const encoded = encodeEntry(queue, entry, undefined);
      queue.store.messages.remove(row);
      if (encoded !== undefined) found.push({ encoded, token: undefined });
      continue;
    }
    const lock = lockEntry(queue, laneFor(queue, row.lane), entry);
    // The message is shown as deferred although it is locked now, as the cloud does.
    const encoded = encodeEntry(queue, entry, lockedUntil(lock));
    if (encoded !== undefined) found.push({ encoded, token: lock.token });
  }
  return found;
}

/** Deletes the oldest messages that came before a time and are not held; answers how many. */
export function deleteOldest(queue: Queue, count: number, before: number): number {
  let deleted = 0;
  let from = 0;
  while (deleted < count) {
    const lane = queue.policy.requiresSession ? undefined : "";
    const page = queue.store.messages.browse(queue.id, lane, from, limits.expireBatch);
    for (const stored of page) {
      from = stored.sequence + 1;
      if (stored.enqueuedAt >= before || stored.state === rowState.scheduled) continue;
      const entry = queue.entries.get(stored.sequence);
      if (entry?.status === "locked" || entry?.status === "leaving" || deleted >= count) continue;
      if (entry !== undefined) {
        queue.lanes.get(stored.lane)?.waiting.remove(entry);
        forget(queue, entry);
      }
      queue.store.messages.remove(stored);
      deleted += 1;
    }
    if (page.length < limits.expireBatch) break;
  }
  if (deleted > 0) reloadIfFailed(queue);
  return deleted;
}
