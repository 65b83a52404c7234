// The door to all entities: what the administration API, the rule operations and the metrics use.
//
// Names compare without case and keep the case they were created with. A change is durable when its
// promise resolves; a refusal is an `EntityError`.

import type {
  QueueDescription,
  RuleDescription,
  SubscriptionDescription,
  TopicDescription,
} from "./entities/descriptions.ts";

/** How many messages wait where. */
export interface MessageCounts {
  readonly active: number;
  readonly deadLettered: number;
  readonly scheduled: number;
  /** Waiting to be forwarded. */
  readonly transfer: number;
  readonly transferDeadLettered: number;
}

/** Times are milliseconds since 1970. */
export interface EntityRuntime {
  readonly counts: MessageCounts;
  /** Of all messages kept for the entity, dead letters included. */
  readonly sizeInBytes: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The last time a client sent to it, received from it or changed it. */
  readonly accessedAt: number;
}

export interface TopicRuntime extends EntityRuntime {
  readonly subscriptionCount: number;
}

export interface Namespace {
  /** Kept in the store: the first start with this data. */
  readonly createdAt: number;

  createQueue(description: QueueDescription): Promise<void>;
  /** Replaces the description. Fails with "not-allowed" for what cannot change. */
  updateQueue(description: QueueDescription): Promise<void>;
  deleteQueue(name: string): Promise<void>;
  queue(name: string): QueueDescription | undefined;
  /** In the order of their names. */
  queues(): readonly QueueDescription[];
  queueRuntime(name: string): EntityRuntime;

  createTopic(description: TopicDescription): Promise<void>;
  updateTopic(description: TopicDescription): Promise<void>;
  deleteTopic(name: string): Promise<void>;
  topic(name: string): TopicDescription | undefined;
  topics(): readonly TopicDescription[];
  topicRuntime(name: string): TopicRuntime;

  /** With its first rules; a subscription without any matches nothing. */
  createSubscription(
    description: SubscriptionDescription,
    rules: readonly RuleDescription[],
  ): Promise<void>;
  updateSubscription(description: SubscriptionDescription): Promise<void>;
  deleteSubscription(topic: string, name: string): Promise<void>;
  subscription(topic: string, name: string): SubscriptionDescription | undefined;
  subscriptions(topic: string): readonly SubscriptionDescription[];
  subscriptionRuntime(topic: string, name: string): EntityRuntime;

  createRule(topic: string, subscription: string, rule: RuleDescription): Promise<void>;
  updateRule(topic: string, subscription: string, rule: RuleDescription): Promise<void>;
  deleteRule(topic: string, subscription: string, name: string): Promise<void>;
  rules(topic: string, subscription: string): readonly RuleDescription[];
}
