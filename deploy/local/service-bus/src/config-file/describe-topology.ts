// The entities of our own configuration as the bus describes them.

import type { BusConfig } from "../config.ts";
import {
  defaultRule,
  describeSubscription,
  describeTopic,
  type NamespaceDescription,
  type RuleDescription,
} from "../entities/descriptions.ts";

type SubscriptionConfig = BusConfig["topics"][number]["subscriptions"][number];
type Rule = SubscriptionConfig["rules"][number];

export function describeTopology(config: Pick<BusConfig, "topics">): NamespaceDescription {
  return {
    queues: [],
    topics: config.topics.map(({ subscriptions, ...topic }) => ({
      topic: describeTopic(topic),
      subscriptions: subscriptions.map((subscription) => ({
        subscription: describeOne(topic.name, subscription),
        // Without rules a subscription of this format gets every message.
        rules:
          subscription.rules.length === 0 ? [defaultRule] : subscription.rules.map(describeRule),
      })),
    })),
  };
}

function describeOne(topicName: string, given: SubscriptionConfig) {
  return describeSubscription({
    topicName,
    name: given.name,
    requiresSession: given.requiresSession,
    lockDurationMs: given.lockDurationMs,
    maxDeliveryCount: given.maxDeliveryCount,
    defaultMessageTimeToLiveMs: given.timeToLiveMs,
    deadLetteringOnMessageExpiration: given.deadLetterOnExpiration,
  });
}

function describeRule({ name, correlationFilter }: Rule): RuleDescription {
  const { properties, ...system } = correlationFilter;
  const present = Object.entries(system).filter(([, value]) => value !== undefined);
  return {
    name,
    filter: {
      kind: "correlation",
      ...Object.fromEntries(present),
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, value]) => [key, { type: "string", value }]),
      ),
    },
    action: { kind: "none" },
  };
}
