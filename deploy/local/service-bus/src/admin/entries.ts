// The entities of a namespace as Atom entries: the description with its counts, size and times.

import type {
  QueueDescription,
  RuleDescription,
  SubscriptionDescription,
  TopicDescription,
} from "../entities/descriptions.ts";
import type { EntityRuntime, Namespace } from "../namespace.ts";
import type { Entry } from "./atom.ts";
import { queueFields, subscriptionFields, topicFields } from "./entity-fields.ts";
import { writeFields } from "./fields.ts";
import { writeRule } from "./rule-xml.ts";
import type { XmlElement } from "./xml.ts";

const COUNTS = "http://schemas.microsoft.com/netservices/2011/06/servicebus";

export interface EntryContext {
  readonly namespace: Namespace;
  /** How clients reach the bus, `sb://127.0.0.1:5672`: destinations are answered below it. */
  readonly address: string;
}

export function queueEntry({ namespace, address }: EntryContext, queue: QueueDescription): Entry {
  const runtime = namespace.queueRuntime(queue.name);
  return entry(queue.name, queue.name, "QueueDescription", runtime, {
    ...absolute(writeFields(queueFields, queue), address),
    ...countsOf(runtime),
    MessageCount: totalOf(runtime),
    ...timesOf(runtime),
  });
}

export function topicEntry({ namespace }: EntryContext, topic: TopicDescription): Entry {
  const runtime = namespace.topicRuntime(topic.name);
  return entry(topic.name, topic.name, "TopicDescription", runtime, {
    ...writeFields(topicFields, topic),
    ...countsOf(runtime),
    SubscriptionCount: String(runtime.subscriptionCount),
    ...timesOf(runtime),
  });
}

export function subscriptionEntry(
  { namespace, address }: EntryContext,
  subscription: SubscriptionDescription,
): Entry {
  const { topicName, name } = subscription;
  const runtime = namespace.subscriptionRuntime(topicName, name);
  const path = `${topicName}/Subscriptions/${name}`;
  return entry(path, name, "SubscriptionDescription", runtime, {
    ...absolute(writeFields(subscriptionFields, subscription), address),
    ...countsOf(runtime),
    MessageCount: totalOf(runtime),
    ...timesOf(runtime),
  });
}

export function ruleEntry(
  { namespace }: EntryContext,
  { topicName, name }: SubscriptionDescription,
  rule: RuleDescription,
): Entry {
  // The namespace keeps no times of its own for rules.
  const runtime = namespace.subscriptionRuntime(topicName, name);
  const path = `${topicName}/Subscriptions/${name}/Rules/${rule.name}`;
  const content = writeRule(rule, new Date(runtime.createdAt));
  return entry(path, rule.name, "RuleDescription", runtime, content);
}

/** The tier is the one whose limits the bus has: Premium, with its message size. */
export function namespaceEntry({ namespace }: EntryContext, name: string): Entry {
  const created = new Date(namespace.createdAt).toISOString();
  return {
    path: "$namespaceinfo",
    title: name,
    createdAt: namespace.createdAt,
    updatedAt: namespace.createdAt,
    root: "NamespaceInfo",
    content: {
      CreatedTime: created,
      MessagingSKU: "Premium",
      MessagingUnits: "1",
      ModifiedTime: created,
      Name: name,
      NamespaceType: "Messaging",
    },
  };
}

function entry(
  path: string,
  title: string,
  root: string,
  { createdAt, updatedAt }: EntityRuntime,
  content: XmlElement,
): Entry {
  return { path, title, createdAt, updatedAt, root, content };
}

function countsOf({ counts, sizeInBytes }: EntityRuntime): XmlElement {
  return {
    SizeInBytes: String(sizeInBytes),
    CountDetails: {
      // Clients take the prefix from the only attribute.
      $: { "xmlns:d2p1": COUNTS },
      "d2p1:ActiveMessageCount": String(counts.active),
      "d2p1:DeadLetterMessageCount": String(counts.deadLettered),
      "d2p1:ScheduledMessageCount": String(counts.scheduled),
      "d2p1:TransferMessageCount": String(counts.transfer),
      "d2p1:TransferDeadLetterMessageCount": String(counts.transferDeadLettered),
    },
    EntityAvailabilityStatus: "Available",
  };
}

function totalOf({ counts }: EntityRuntime): string {
  return String(Object.values(counts).reduce((sum, one) => sum + one, 0));
}

function timesOf(runtime: EntityRuntime): XmlElement {
  return {
    CreatedAt: new Date(runtime.createdAt).toISOString(),
    UpdatedAt: new Date(runtime.updatedAt).toISOString(),
    AccessedAt: new Date(runtime.accessedAt).toISOString(),
  };
}

function absolute(content: XmlElement, address: string): XmlElement {
  const { ForwardTo, ForwardDeadLetteredMessagesTo } = content;
  return {
    ...content,
    ...(ForwardTo && { ForwardTo: `${address}/${ForwardTo}` }),
    ...(ForwardDeadLetteredMessagesTo && {
      ForwardDeadLetteredMessagesTo: `${address}/${ForwardDeadLetteredMessagesTo}`,
    }),
  };
}
