// The body of a PUT: one Atom entry with the description of the entity that the path names.

import {
  defaultRule,
  describeQueue,
  describeSubscription,
  describeTopic,
  type QueueDescription,
  type RuleDescription,
  type SubscriptionDescription,
  type TopicDescription,
} from "../entities/descriptions.ts";
import { EntityError } from "../entities/entity-error.ts";
import { queueFields, serviceFields, subscriptionFields, topicFields } from "./entity-fields.ts";
import { readFields } from "./fields.ts";
import type { Resource } from "./resource.ts";
import { readRule } from "./rule-xml.ts";
import { asElement, parseXml, textOf, type XmlElement } from "./xml.ts";

type Of<Kind> = Extract<Resource, { kind: Kind }>;

export type Given =
  | { readonly kind: "queue"; readonly resource: Of<"entity">; readonly queue: QueueDescription }
  | { readonly kind: "topic"; readonly resource: Of<"entity">; readonly topic: TopicDescription }
  | {
      readonly kind: "subscription";
      readonly resource: Of<"subscription">;
      readonly subscription: SubscriptionDescription;
      /** The rule it begins with. */
      readonly rule: RuleDescription;
    }
  | {
      readonly kind: "rule";
      readonly resource: Of<"rule">;
      readonly topic: string;
      readonly subscription: string;
      readonly rule: RuleDescription;
    };

/** Reads a description; what is absent gets the service's default. Throws `EntityError`. */
export function readDescription(resource: Resource, body: string): Given {
  const { root, content } = contentOf(body);
  const expected = (name: string) => {
    if (root !== name) {
      throw new EntityError("invalid", `The body describes a ${root}, the address a ${name}.`);
    }
  };
  switch (resource.kind) {
    case "entity": {
      const { name } = resource;
      if (root === "TopicDescription") {
        const topic = describeTopic({ ...readFields(topicFields, serviceFields, content), name });
        return { kind: "topic", resource, topic };
      }
      expected("QueueDescription");
      const queue = describeQueue({ ...readFields(queueFields, serviceFields, content), name });
      return { kind: "queue", resource, queue };
    }
    case "subscription": {
      expected("SubscriptionDescription");
      const { topic: topicName, name } = resource;
      const read = readFields(subscriptionFields, serviceFields, content);
      const subscription = describeSubscription({ ...read, topicName, name });
      return { kind: "subscription", resource, subscription, rule: firstRule(content) };
    }
    case "rule": {
      expected("RuleDescription");
      const { topic, subscription, name } = resource;
      return { kind: "rule", resource, topic, subscription, rule: readRule(content, name) };
    }
    case "namespace":
    case "queues":
    case "topics":
    case "subscriptions":
    case "rules":
      throw new EntityError("invalid", "Only a single entity can be created or updated.");
  }
}

/** The names of the entities that the described one forwards to: messages, and dead letters. */
export function destinationsOf(given: Given): readonly [string | undefined, string | undefined] {
  switch (given.kind) {
    case "queue":
      return [given.queue.forwardTo, given.queue.forwardDeadLetteredMessagesTo];
    case "subscription":
      return [given.subscription.forwardTo, given.subscription.forwardDeadLetteredMessagesTo];
    case "topic":
    case "rule":
      return [undefined, undefined];
  }
}

function contentOf(body: string): { readonly root: string; readonly content: XmlElement } {
  const document = parseXml(body);
  if (document === undefined) throw new EntityError("invalid", "The body is not XML.");
  const content = asElement(asElement(document["entry"])?.["content"]);
  for (const [root, node] of Object.entries(content ?? {})) {
    if (!root.endsWith("Description") || node === undefined) continue;
    // A description without any property is read as text.
    return { root, content: asElement(node) ?? {} };
  }
  throw new EntityError("invalid", "The body is not an Atom entry with a description.");
}

function firstRule(content: XmlElement): RuleDescription {
  const given = asElement(content["DefaultRuleDescription"]);
  if (given === undefined) return defaultRule;
  return readRule(given, textOf(given["Name"]) ?? defaultRule.name);
}
