// A subscription: its rules, its queue, its dead-letter queue, and what the store remembers of it.

import type { SubscriptionConfig } from "../config.ts";
import { matches } from "../filters.ts";
import type { Store } from "../store.ts";
import type { IncomingMessage } from "../wire/incoming-message.ts";
import type { LockTokens } from "../wire/lock-token.ts";
import { readPairs } from "../wire/values.ts";
import { createAlarm } from "./alarm.ts";
import { addEntry, deadLetterReason, saveEntry } from "./dispatch.ts";
import { expireDue } from "./expiry.ts";
import type { Entry, Queue, QueuePolicy, StoredMessage } from "./queue.ts";

export interface Subscription {
  readonly main: Queue;
  readonly dead: Queue;
  wants(message: IncomingMessage): boolean;
  /** Writes a copy to the store. The answer puts it into the queue, once it is durable. */
  accept(stored: StoredMessage, sequenceNumber: number, enqueuedAt: number): () => void;
  /** Takes back what the store kept from an earlier run. */
  restore(messages: ReadonlyMap<number, StoredMessage>): void;
  stop(): void;
}

export interface SubscriptionDependencies {
  readonly store: Store;
  readonly tokens: LockTokens;
  readonly clock: () => number;
}

export function createSubscription(
  topic: string,
  config: SubscriptionConfig,
  dependencies: SubscriptionDependencies,
): Subscription {
  const { main, dead } = createQueues(topic, config, dependencies);
  const expiryOf = (message: IncomingMessage, enqueuedAt: number) =>
    enqueuedAt +
    Math.min(
      message.timeToLiveMs ?? Number.POSITIVE_INFINITY,
      config.timeToLiveMs ?? Number.POSITIVE_INFINITY,
    );
  const place = (stored: StoredMessage, sequenceNumber: number, enqueuedAt: number): Entry => ({
    sequenceNumber,
    stored,
    enqueuedAt,
    expiresAt: expiryOf(stored.message, enqueuedAt),
    deliveryCount: 0,
    status: "available",
    modified: new Map(),
  });
  return {
    main,
    dead,
    wants: (message) => matches(config.rules, message),
    accept(stored, sequenceNumber, enqueuedAt) {
      const entry = place(stored, sequenceNumber, enqueuedAt);
      const queue = queueFor(main, dead, entry);
      stored.references += 1;
      saveEntry(queue, entry);
      return () => addEntry(queue, entry);
    },
    restore(messages) {
      for (const copy of dependencies.store.copies(main.entity)) {
        const stored = messages.get(copy.message);
        if (stored === undefined) continue;
        const entry = place(stored, copy.sequence, copy.enqueuedAt);
        entry.deliveryCount = copy.deliveryCount;
        entry.status = copy.isDeferred ? "deferred" : "available";
        entry.modified = copy.modified === null ? new Map() : readPairs(copy.modified);
        addEntry(copy.isDead ? dead : queueFor(main, dead, entry), entry);
      }
    },
    stop() {
      main.alarm.stop();
      dead.alarm.stop();
    },
  };
}

// A subscription with sessions cannot deliver a message without one: it is dead-lettered at once.
function queueFor(main: Queue, dead: Queue, entry: Entry): Queue {
  if (!main.policy.requiresSession) return main;
  if (entry.stored.message.system.sessionId !== undefined) return main;
  const text = "a message without a session id was sent to an entity that requires sessions";
  entry.modified = new Map([...entry.modified, ...deadLetterReason("Session ID is null", text)]);
  return dead;
}

function createQueues(
  topic: string,
  config: SubscriptionConfig,
  dependencies: SubscriptionDependencies,
): { readonly main: Queue; readonly dead: Queue } {
  const policy: QueuePolicy = {
    requiresSession: config.requiresSession,
    lockMs: config.lockDurationMs,
    maxDeliveryCount: config.maxDeliveryCount,
    deadLetterOnExpiration: config.deadLetterOnExpiration,
  };
  const path = `${topic}/Subscriptions/${config.name}`;
  const entity = `${topic}/${config.name}`.toLowerCase();
  const dead = createQueue(entity, path, undefined, dependencies, {
    ...policy,
    requiresSession: false,
    maxDeliveryCount: Number.POSITIVE_INFINITY,
  });
  return { main: createQueue(entity, path, dead, dependencies, policy), dead };
}

function createQueue(
  entity: string,
  path: string,
  deadLetters: Queue | undefined,
  { store, tokens, clock }: SubscriptionDependencies,
  policy: QueuePolicy,
): Queue {
  const queue: Queue = {
    entity,
    path,
    policy,
    deadLetters,
    store,
    clock,
    tokens,
    alarm: createAlarm(clock, () => expireDue(queue)),
    entries: new Map(),
    locks: new Map(),
    lanes: new Map(),
    readyLanes: new Set(),
    waiters: new Set(),
  };
  return queue;
}
