// A namespace that keeps descriptions in memory and has no messages: what the HTTP side is tested on
// by itself. The administration of the bus proper is tested on the bus proper.

import type {
  QueueDescription,
  RuleDescription,
  SubscriptionDescription,
  TopicDescription,
} from "../src/entities/descriptions.ts";
import { EntityError } from "../src/entities/entity-error.ts";
import type { EntityRuntime, MessageCounts, Namespace } from "../src/namespace.ts";

export const counts: MessageCounts = {
  active: 3,
  deadLettered: 2,
  scheduled: 1,
  transfer: 0,
  transferDeadLettered: 0,
};

const runtime: EntityRuntime = {
  counts,
  sizeInBytes: 4_096,
  createdAt: Date.UTC(2026, 0, 1),
  updatedAt: Date.UTC(2026, 0, 2),
  accessedAt: Date.UTC(2026, 0, 3),
};

export function createTestNamespace(): Namespace {
  const queues = table<QueueDescription>(({ name }) => name);
  const topics = table<TopicDescription>(({ name }) => name);
  const subscriptions = table<SubscriptionDescription>(
    ({ topicName, name }) => `${topicName}/${name}`,
  );
  const rules = new Map<string, ReturnType<typeof table<RuleDescription>>>();
  const rulesOf = (topic: string, name: string) => {
    const found = rules.get(`${topic}/${name}`.toLowerCase());
    if (found === undefined) throw new EntityError("not-found", "no such subscription");
    return found;
  };
  return {
    createdAt: runtime.createdAt,
    async createQueue(queue) {
      if (topics.get(queue.name)) throw new EntityError("already-exists", "there is a topic");
      queues.create(queue);
    },
    async updateQueue(queue) {
      const old = queues.get(queue.name);
      if (old !== undefined && old.requiresSession !== queue.requiresSession) {
        throw new EntityError("not-allowed", "RequiresSession cannot be changed.");
      }
      queues.update(queue);
    },
    deleteQueue: async (name) => queues.remove(name),
    queue: queues.get,
    queues: queues.all,
    queueRuntime: () => runtime,
    createTopic: async (topic) => topics.create(topic),
    updateTopic: async (topic) => topics.update(topic),
    deleteTopic: async (name) => topics.remove(name),
    topic: topics.get,
    topics: topics.all,
    topicRuntime: (name) => ({
      ...runtime,
      subscriptionCount: subscriptions.all().filter(({ topicName }) => topicName === name).length,
    }),
    async createSubscription(subscription, first) {
      if (!topics.get(subscription.topicName)) throw new EntityError("not-found", "no such topic");
      subscriptions.create(subscription);
      const own = table<RuleDescription>(({ name }) => name);
      for (const rule of first) own.create(rule);
      rules.set(`${subscription.topicName}/${subscription.name}`.toLowerCase(), own);
    },
    updateSubscription: async (subscription) => subscriptions.update(subscription),
    deleteSubscription: async (topic, name) => subscriptions.remove(`${topic}/${name}`),
    subscription: (topic, name) => subscriptions.get(`${topic}/${name}`),
    subscriptions: (topic) => subscriptions.all().filter((one) => one.topicName === topic),
    subscriptionRuntime: () => runtime,
    createRule: async (topic, name, rule) => rulesOf(topic, name).create(rule),
    updateRule: async (topic, name, rule) => rulesOf(topic, name).update(rule),
    deleteRule: async (topic, name, rule) => rulesOf(topic, name).remove(rule),
    rules: (topic, name) => rulesOf(topic, name).all(),
  };
}

function table<D>(nameOf: (one: D) => string) {
  const kept = new Map<string, D>();
  const keyOf = (one: D) => nameOf(one).toLowerCase();
  return {
    get: (name: string) => kept.get(name.toLowerCase()),
    all: () => [...kept.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    create(one: D) {
      if (kept.has(keyOf(one))) throw new EntityError("already-exists", "it exists");
      kept.set(keyOf(one), one);
    },
    update(one: D) {
      if (!kept.has(keyOf(one))) throw new EntityError("not-found", "it does not exist");
      kept.set(keyOf(one), one);
    },
    remove(name: string) {
      if (!kept.delete(name.toLowerCase())) throw new EntityError("not-found", "it does not exist");
    },
  };
}
