// Makes a queue, and what writes messages into it.

import { rowState } from "../store/row-state.ts";
import type { Store } from "../store/store.ts";
import type { LockTokens } from "../wire/lock-token.ts";
import { createAlarm } from "./alarm.ts";
import type { QueueDescription, SubscriptionDescription } from "./descriptions.ts";
import { makeAvailable } from "./dispatch.ts";
import { expireDue } from "./expiry.ts";
import type { Entry, Queue, QueuePolicy } from "./queue.ts";
import type { Transfer } from "./transfer.ts";

export interface QueueDependencies {
  readonly store: Store;
  readonly tokens: LockTokens;
  readonly clock: () => number;
}

export function policyOf(
  description: QueueDescription | SubscriptionDescription,
  isDead: boolean,
): QueuePolicy {
  return {
    requiresSession: !isDead && description.requiresSession,
    lockMs: description.lockDurationMs,
    maxDeliveryCount: isDead ? Number.POSITIVE_INFINITY : description.maxDeliveryCount,
    deadLetterOnExpiration: !isDead && description.deadLetteringOnMessageExpiration,
    isMortal: !isDead,
  };
}

export function createQueue(
  id: number,
  path: string,
  policy: QueuePolicy,
  deadLetter: Queue["deadLetter"],
  { store, tokens, clock }: QueueDependencies,
): Queue {
  const queue: Queue = {
    id,
    path,
    policy,
    deadLetter,
    store,
    clock,
    tokens,
    alarm: createAlarm(clock, () => expireDue(queue)),
    entries: new Map(),
    locks: new Map(),
    lanes: new Map(),
    ready: new Set(),
    hasMoreReady: false,
    waiters: new Set(),
  };
  return queue;
}

export type Insert = (
  transfer: Transfer,
  timeToLiveMs: number | undefined,
  lane: string,
  modified?: Buffer,
) => void;

/** Writes messages of a queue; all of one turn are handed to it together, once they are durable. */
export function inserter(queue: Queue): Insert {
  let pending: Entry[] = [];
  const { store } = queue;
  return (transfer, timeToLiveMs, lane, modified) => {
    const enqueuedAt = Math.trunc(queue.clock());
    const { message } = transfer;
    const sequence = store.nextNumber();
    const row = {
      sequence,
      queue: queue.id,
      lane,
      state: rowState.active,
      size: message.raw.length,
      expiresAt: timeToLiveMs === undefined ? null : Math.trunc(enqueuedAt + timeToLiveMs),
      enqueuedAt,
      enqueuedSequence: transfer.enqueuedSequence ?? sequence,
      scheduledFor: null,
      deliveryCount: 0,
      hops: transfer.hops,
      source: transfer.source,
      modified: modified ?? null,
      body: transfer.body,
    };
    store.messages.insert(row, transfer.body === null ? message.raw : null);
    pending.push({
      sequence,
      row,
      message,
      deliveryCount: 0,
      modified: row.modified,
      status: "waiting",
    });
    if (pending.length > 1) return;
    store.afterCommit(
      () => {
        const durable = pending;
        pending = [];
        for (const entry of durable) makeAvailable(queue, entry);
      },
      () => {
        pending = [];
      },
    );
  };
}
