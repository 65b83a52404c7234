// What of a queue is in memory: the first waiting messages of each lane that someone receives from
// (Q7). The rest is read from the store page by page, when no write is under way (Q6).

import { limits } from "../limits.ts";
import type { StoredMessage } from "../store/message-store.ts";
import type { IncomingMessage } from "../wire/incoming-message.ts";
import { parseStored } from "../wire/incoming-message.ts";
import type { Entry, Lane, Queue } from "./queue.ts";
import { createWaitingLine } from "./waiting-line.ts";

/** The lane of a session, or the only one; made when it is not in memory. */
export function laneFor(queue: Queue, sessionId: string | undefined): Lane {
  const key = queue.policy.requiresSession ? (sessionId ?? "") : "";
  const known = queue.lanes.get(key);
  if (known !== undefined) return known;
  const lane: Lane = {
    key,
    sessionId: queue.policy.requiresSession ? key : undefined,
    waiting: createWaitingLine(),
    cursor: 0,
    // What the store has of a session is not known; of a whole queue it is.
    hasMore: queue.policy.requiresSession || queue.store.messages.counts(queue.id).active > 0,
    isLoading: false,
    consumers: [],
    locks: new Set(),
    nextConsumer: 0,
    pending: 0,
    returning: 0,
    hold: undefined,
  };
  queue.lanes.set(key, lane);
  return lane;
}

export function entryOf(stored: StoredMessage, message?: IncomingMessage): Entry {
  return {
    sequence: stored.sequence,
    row: stored,
    message,
    deliveryCount: stored.deliveryCount,
    modified: stored.modified,
    status: "waiting",
  };
}

/** Puts a waiting entry at its place, or leaves it to the store when that is its place. */
export function place(queue: Queue, lane: Lane, entry: Entry): void {
  if (lane.hasMore && entry.sequence > lane.cursor) {
    forget(queue, entry);
    return;
  }
  // A page of the store brought it already, read after the commit that brings it here (Q1).
  const known = queue.entries.get(entry.sequence);
  if (known !== undefined && known !== entry) return;
  entry.status = "waiting";
  queue.entries.set(entry.sequence, entry);
  lane.waiting.add(entry);
  lane.cursor = Math.max(lane.cursor, entry.sequence);
  if (lane.waiting.size > limits.windowMessagesMax * 2) trim(queue, lane);
}

function trim(queue: Queue, lane: Lane): void {
  while (lane.waiting.size > limits.windowMessagesMax) {
    const entry = lane.waiting.takeLast();
    if (entry !== undefined) forget(queue, entry);
  }
  lane.hasMore = true;
  lane.cursor = lane.waiting.last()?.sequence ?? 0;
}

/** The bytes and fields of an entry, read from the store when memory no longer has them. */
export function messageOf(queue: Queue, entry: Entry): IncomingMessage | undefined {
  if (entry.message !== undefined) return entry.message;
  const stored = queue.store.messages.read(entry.sequence);
  return stored === undefined ? undefined : parseStored(stored.raw);
}

/** The entry as a row with its bytes, as it is now. */
export function storedOf(queue: Queue, entry: Entry): StoredMessage | undefined {
  const message = messageOf(queue, entry);
  if (message === undefined) return undefined;
  const { deliveryCount, modified } = entry;
  return { ...entry.row, deliveryCount, modified, raw: message.raw };
}

/** Reads the next page of a lane. `then` is called when there is something new to deliver. */
export function loadMore(queue: Queue, lane: Lane, then: () => void): void {
  if (lane.isLoading || !lane.hasMore) return;
  if (queue.store.isWriting()) {
    // What a query finds now may still be undone: asked again after the commit.
    lane.isLoading = true;
    const again = () => {
      lane.isLoading = false;
      then();
    };
    queue.store.afterCommit(again, again);
    return;
  }
  const { windowMessagesMax, windowBytesMax } = limits;
  while (lane.waiting.size === 0 && lane.hasMore) {
    const page = queue.store.messages.page(
      queue.id,
      lane.key,
      lane.cursor,
      windowMessagesMax,
      windowBytesMax,
    );
    let bytes = 0;
    for (const stored of page) {
      lane.cursor = stored.sequence;
      bytes += stored.size;
      if (queue.entries.has(stored.sequence)) continue; // Locked, or a write about it is under way.
      const entry = entryOf(stored, parseStored(stored.raw));
      queue.entries.set(entry.sequence, entry);
      lane.waiting.add(entry);
    }
    // A page that neither limit ended was the last: most sessions need no second look.
    if (page.length < windowMessagesMax && bytes < windowBytesMax) lane.hasMore = false;
  }
}

/** Forgets an entry: the store has it, or nobody. */
export function forget(queue: Queue, entry: Entry): void {
  entry.status = "gone";
  if (queue.entries.get(entry.sequence) === entry) queue.entries.delete(entry.sequence);
}

/** Forgets a session's lane that nothing refers to any more, with what waits in it. */
export function removeIdleLane(queue: Queue, lane: Lane): void {
  if (lane.sessionId === undefined || lane.hold !== undefined) return;
  if (lane.locks.size > 0 || lane.pending > 0) return;
  resetLane(queue, lane);
  if (queue.lanes.get(lane.key) === lane) queue.lanes.delete(lane.key);
}

/** Lets go of what waits: the next look at the lane starts from the store. */
export function resetLane(queue: Queue, lane: Lane): void {
  for (let entry = lane.waiting.take(); entry !== undefined; entry = lane.waiting.take()) {
    forget(queue, entry);
  }
  lane.cursor = 0;
  lane.hasMore = true;
}

/** Whether a lane has a message that could be delivered. */
export function hasWaiting(queue: Queue, lane: Lane): boolean {
  if (lane.waiting.size > 0) return true;
  return lane.hasMore && queue.store.messages.hasActive(queue.id, lane.key, lane.cursor);
}

/**
 * After writes about waiting messages that memory has already let go: if they fail, memory starts
 * over from the store (Q6).
 */
export function reloadIfFailed(queue: Queue): void {
  queue.store.afterCommit(
    () => undefined,
    () => {
      for (const lane of queue.lanes.values()) resetLane(queue, lane);
      queue.hasMoreReady = queue.policy.requiresSession;
      queue.alarm.at(queue.clock() + limits.storeRetryMs);
    },
  );
}
