// The administrator's view of the registry: descriptions, changes, counts.

import type {
  QueueDescription,
  SubscriptionDescription,
  TopicDescription,
} from "./entities/descriptions.ts";
import { EntityError } from "./entities/entity-error.ts";
import {
  bytesOf,
  type Live,
  type LiveQueue,
  type LiveSubscription,
  type LiveTopic,
} from "./entities/live.ts";
import type { Registry } from "./entities/registry.ts";
import type { EntityRuntime, MessageCounts, Namespace } from "./namespace.ts";
import type { Store } from "./store/store.ts";

export function createNamespace(registry: Registry, store: Store): Namespace {
  const createdAt = store.entities.createdAt(Date.now());
  const find = (name: string) => registry.live.entities.get(name.toLowerCase());
  const queueAt = (name: string): LiveQueue => {
    const live = find(name);
    if (live?.kind === "queue") return live;
    throw new EntityError("not-found", `there is no queue "${name}"`);
  };
  const topicAt = (name: string): LiveTopic => {
    const live = find(name);
    if (live?.kind === "topic") return live;
    throw new EntityError("not-found", `there is no topic "${name}"`);
  };
  const subscriptionAt = (topic: string, name: string): LiveSubscription => {
    const live = topicAt(topic).subscriptions.get(name.toLowerCase());
    if (live !== undefined) return live;
    throw new EntityError("not-found", `there is no subscription "${name}" of "${topic}"`);
  };
  const runtime = (live: Live): EntityRuntime => ({
    counts: countsOf(store, live),
    sizeInBytes: bytesOf(store, live),
    createdAt: live.row.createdAt,
    updatedAt: live.row.updatedAt,
    accessedAt: Math.trunc(live.accessedAt),
  });
  return {
    createdAt,
    createQueue: (description) => registry.create({ kind: "queue", description }),
    updateQueue: (description) => registry.update({ kind: "queue", description }),
    deleteQueue: async (name) => registry.remove(queueAt(name)),
    queue: (name): QueueDescription | undefined => {
      const live = find(name);
      return live?.kind === "queue" ? live.row.description : undefined;
    },
    queues: () => described(registry, "queue"),
    queueRuntime: (name) => runtime(queueAt(name)),
    createTopic: (description) => registry.create({ kind: "topic", description }),
    updateTopic: (description) => registry.update({ kind: "topic", description }),
    deleteTopic: async (name) => registry.remove(topicAt(name)),
    topic: (name): TopicDescription | undefined => {
      const live = find(name);
      return live?.kind === "topic" ? live.row.description : undefined;
    },
    topics: () => described(registry, "topic"),
    topicRuntime: (name) => {
      const live = topicAt(name);
      return { ...runtime(live), subscriptionCount: live.subscriptions.size };
    },
    createSubscription: (description, rules) =>
      registry.create({ kind: "subscription", description, rules }),
    updateSubscription: async (description) => {
      const { row } = subscriptionAt(description.topicName, description.name);
      const { rules } = registry.latest(row);
      return registry.update({ kind: "subscription", description, rules });
    },
    deleteSubscription: async (topic, name) => registry.remove(subscriptionAt(topic, name)),
    subscription: (topic, name): SubscriptionDescription | undefined => {
      const live = find(topic);
      if (live?.kind !== "topic") return undefined;
      return live.subscriptions.get(name.toLowerCase())?.row.description;
    },
    subscriptions: (topic) =>
      [...topicAt(topic).subscriptions.values()].map(({ row }) => row.description).sort(byName),
    subscriptionRuntime: (topic, name) => runtime(subscriptionAt(topic, name)),
    ...ruleOperations(registry, subscriptionAt),
  };
}

function ruleOperations(
  registry: Registry,
  subscriptionAt: (topic: string, name: string) => LiveSubscription,
): Pick<Namespace, "createRule" | "updateRule" | "deleteRule" | "rules"> {
  const isNamed = (name: string) => (rule: { readonly name: string }) =>
    rule.name.toLowerCase() === name.toLowerCase();
  const missing = (name: string) => new EntityError("not-found", `there is no rule "${name}"`);
  return {
    createRule: async (topic, subscription, rule) => {
      const { description, rules } = registry.latest(subscriptionAt(topic, subscription).row);
      return registry.update({ kind: "subscription", description, rules: [...rules, rule] });
    },
    updateRule: async (topic, subscription, rule) => {
      const { description, rules } = registry.latest(subscriptionAt(topic, subscription).row);
      if (!rules.some(isNamed(rule.name))) throw missing(rule.name);
      const changed = rules.map((one) => (isNamed(rule.name)(one) ? rule : one));
      return registry.update({ kind: "subscription", description, rules: changed });
    },
    deleteRule: async (topic, subscription, name) => {
      const { description, rules } = registry.latest(subscriptionAt(topic, subscription).row);
      if (!rules.some(isNamed(name))) throw missing(name);
      const left = rules.filter((one) => !isNamed(name)(one));
      return registry.update({ kind: "subscription", description, rules: left });
    },
    rules: (topic, subscription) => [...subscriptionAt(topic, subscription).row.rules].sort(byName),
  };
}

function described(registry: Registry, kind: "queue"): QueueDescription[];
function described(registry: Registry, kind: "topic"): TopicDescription[];
function described(registry: Registry, kind: "queue" | "topic") {
  return [...registry.live.entities.values()]
    .filter((live) => live.kind === kind)
    .map((live) => live.row.description)
    .sort(byName);
}

const byName = (left: { readonly name: string }, right: { readonly name: string }) =>
  left.name.toLowerCase() < right.name.toLowerCase() ? -1 : 1;

function countsOf(store: Store, live: Live): MessageCounts {
  const counts = (offset: number) => store.messages.counts(live.row.id * 4 + offset);
  const { active, deferred, scheduled } = counts(0);
  return {
    active: active + deferred,
    deadLettered: counts(1).active + counts(1).deferred,
    scheduled,
    transfer: 0,
    transferDeadLettered: counts(2).active + counts(2).deferred,
  };
}
