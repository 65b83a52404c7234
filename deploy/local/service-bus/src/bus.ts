// The whole namespace: every topic and subscription of the configuration, with what the store kept.

import type { Node } from "./address.ts";
import type { BusConfig } from "./config.ts";
import type { Queue, StoredMessage } from "./entities/queue.ts";
import { createSubscription, type Subscription } from "./entities/subscription.ts";
import { createTopic, type Topic } from "./entities/topic.ts";
import type { Store } from "./store.ts";
import { parseIncoming } from "./wire/incoming-message.ts";
import { createLockTokens } from "./wire/lock-token.ts";

export interface Bus {
  topic(name: string): Topic | undefined;
  queue(node: Node): Queue | undefined;
  has(node: Node): boolean;
  afterCommit(callback: () => void): void;
  stop(): void;
}

/** Builds the entities and takes back every message of the store that belongs to one of them. */
export function createBus(config: BusConfig, store: Store, clock: () => number): Bus {
  const tokens = createLockTokens();
  const topics = new Map<string, Topic>();
  for (const topic of config.topics) {
    const subscriptions = new Map<string, Subscription>();
    for (const subscription of topic.subscriptions) {
      subscriptions.set(
        subscription.name.toLowerCase(),
        createSubscription(topic.name, subscription, { store, tokens, clock }),
      );
    }
    topics.set(topic.name.toLowerCase(), createTopic(topic.name, subscriptions, store, clock));
  }
  restore(topics, store);
  const queue = (node: Node): Queue | undefined => {
    if (node.kind !== "subscription") return undefined;
    const subscription = topics.get(node.topic)?.subscriptions.get(node.subscription);
    switch (node.subQueue) {
      case "main":
        return subscription?.main;
      case "deadLetter":
        return subscription?.dead;
      case "transferDeadLetter":
        return undefined;
    }
  };
  return {
    topic: (name) => topics.get(name),
    queue,
    has(node) {
      switch (node.kind) {
        case "cbs":
          return true;
        case "entity":
          return node.subQueue === "main" && topics.has(node.name);
        case "subscription":
          return queue(node) !== undefined;
      }
    },
    afterCommit: store.afterCommit,
    stop() {
      for (const topic of topics.values()) {
        topic.stop();
        for (const subscription of topic.subscriptions.values()) subscription.stop();
      }
    },
  };
}

// Rows of entities that the configuration no longer names stay in the store, untouched.
function restore(topics: ReadonlyMap<string, Topic>, store: Store): void {
  const references = store.references();
  const messages = new Map<number, StoredMessage>();
  for (const row of store.messages()) {
    const stored: StoredMessage = {
      id: row.id,
      message: parseIncoming(row.raw, () => String(row.id)),
      references: references.get(row.id) ?? 0,
    };
    if (row.scheduledFor === null) messages.set(row.id, stored);
    else topics.get(row.topic.toLowerCase())?.restore(stored, row.scheduledFor);
  }
  for (const topic of topics.values()) {
    for (const subscription of topic.subscriptions.values()) subscription.restore(messages);
  }
}
