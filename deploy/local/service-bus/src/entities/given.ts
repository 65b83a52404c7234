// An entity as its owner gives it, and what must hold before it is written.

import { limits } from "../limits.ts";
import { compileRule } from "../rules/compile-rule.ts";
import type { EntityRow } from "../store/entity-store.ts";
import type { NamespaceDescription, RuleDescription } from "./descriptions.ts";
import { EntityError } from "./entity-error.ts";
import type { LiveMap } from "./live-map.ts";
import {
  checkChange,
  checkForwarding,
  checkQueue,
  checkRuleName,
  checkSubscription,
  checkTopic,
} from "./validation.ts";

export type Given =
  | Pick<Extract<EntityRow, { kind: "queue" }>, "kind" | "description">
  | Pick<Extract<EntityRow, { kind: "topic" }>, "kind" | "description">
  | Pick<Extract<EntityRow, { kind: "subscription" }>, "kind" | "description" | "rules">;

export const pathOf = (given: Given): string =>
  given.kind === "subscription"
    ? `${given.description.topicName}/${given.description.name}`.toLowerCase()
    : given.description.name.toLowerCase();

/** Refuses what the cloud would refuse, with the first thing that is wrong. */
export function checkGiven({ entities }: LiveMap, given: Given): void {
  switch (given.kind) {
    case "queue":
      checkQueue(given.description);
      break;
    case "topic":
      checkTopic(given.description);
      return;
    case "subscription":
      checkSubscription(given.description);
      checkRules(given.rules);
      break;
  }
  const exists = (name: string) => entities.has(name.toLowerCase());
  // What a subscription forwards must not come back to its topic.
  const from = given.kind === "subscription" ? given.description.topicName : given.description.name;
  checkForwarding(from, given.description, exists, (name) => targetsOf(entities, name));
}

function targetsOf(entities: LiveMap["entities"], name: string): string[] {
  const live = entities.get(name);
  if (live === undefined) return [];
  const inboxes = live.kind === "queue" ? [live] : [...live.subscriptions.values()];
  return inboxes.flatMap(({ row: { description } }) =>
    [description.forwardTo, description.forwardDeadLetteredMessagesTo].filter(
      (target) => target !== undefined,
    ),
  );
}

function checkRules(rules: readonly RuleDescription[]): void {
  if (rules.length > limits.rulesMax) throw new EntityError("quota", "too many rules");
  const names = new Set<string>();
  for (const rule of rules) {
    checkRuleName(rule);
    compileRule(rule); // Throws what is wrong with it.
    const name = rule.name.toLowerCase();
    if (names.has(name)) throw new EntityError("already-exists", `the rule "${rule.name}" exists`);
    names.add(name);
  }
}

/** Refuses a subscription of what is no topic, or of one that has as many as it may. */
export function checkTopicFor({ entities }: LiveMap, name: string): void {
  const topic = entities.get(name.toLowerCase());
  if (topic?.kind !== "topic") throw new EntityError("not-found", `"${name}" is not a topic`);
  if (topic.subscriptions.size >= limits.subscriptionsMax) {
    throw new EntityError("quota", `"${name}" has as many subscriptions as it may`);
  }
}

// What is kept for an entity with sessions has its place by session: it cannot change under it.
export function checkSame(before: EntityRow, given: Given): void {
  if (before.kind !== given.kind) {
    throw new EntityError(
      "invalid",
      `"${before.path}" is a ${before.kind} in the data folder and a ${given.kind} in the configuration`,
    );
  }
  checkChange(before.description, given.description);
}

/** Every entity of a configuration; topics come before their subscriptions. */
export function givenBy({ queues, topics }: NamespaceDescription): Given[] {
  return [
    ...queues.map((description) => ({ kind: "queue", description }) as const),
    ...topics.flatMap(({ topic, subscriptions }): Given[] => [
      { kind: "topic", description: topic },
      ...subscriptions.map(
        ({ subscription, rules }) =>
          ({ kind: "subscription", description: subscription, rules }) as const,
      ),
    ]),
  ];
}
