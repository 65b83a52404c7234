// The operations of the administration API on a namespace: what `ServiceBusAdministrationClient`
// asks for, without HTTP and without rights.
// https://learn.microsoft.com/rest/api/servicebus/service-bus-entities-rest-api
//
// Invariants:
//   M1. Nothing is changed by a request that is refused: descriptions are read whole before.
//   M2. A change is answered when the namespace says that it is durable.

import { EntityError } from "../entities/entity-error.ts";
import { limits } from "../limits.ts";
import type { Namespace } from "../namespace.ts";
import { type Entry, entryDocument, feedDocument, type Origin } from "./atom.ts";
import {
  type EntryContext,
  namespaceEntry,
  queueEntry,
  ruleEntry,
  subscriptionEntry,
  topicEntry,
} from "./entries.ts";
import { readDescription } from "./read-description.ts";
import type { Resource, SingleResource } from "./resource.ts";

export interface Asked {
  readonly method: "GET" | "PUT" | "DELETE";
  readonly resource: Resource;
  readonly query: URLSearchParams;
  /** `If-Match: *`: the entity is to exist already. */
  readonly isUpdate: boolean;
  readonly body: string;
  readonly origin: Origin;
}

export interface Answered {
  readonly status: 200 | 201;
  readonly document: string;
}

export interface Administration {
  readonly namespace: Namespace;
  /** The name of the namespace, shown in its properties. */
  readonly name: string;
}

/** Answers one request. Throws `EntityError` for what is refused. */
export async function administer(administration: Administration, asked: Asked): Promise<Answered> {
  switch (asked.method) {
    case "GET":
      return { status: 200, document: read(administration, asked) };
    case "PUT":
      return write(administration, asked);
    case "DELETE":
      await remove(administration.namespace, asked.resource);
      return { status: 200, document: "" }; // M2
  }
}

function read(administration: Administration, asked: Asked): string {
  const { resource, origin } = asked;
  const { namespace } = administration;
  const context = contextOf(administration, asked);
  switch (resource.kind) {
    case "namespace":
      return entryDocument(origin, namespaceEntry(context, administration.name));
    case "entity":
    case "subscription":
    case "rule":
      return entryDocument(origin, found(context, resource));
    case "queues":
      return page(asked, "$Resources/Queues", namespace.queues(), (one) =>
        queueEntry(context, one),
      );
    case "topics":
      return page(asked, "$Resources/Topics", namespace.topics(), (one) =>
        topicEntry(context, one),
      );
    case "subscriptions": {
      const topic = topicOf(namespace, resource.topic);
      return page(
        asked,
        `${topic.name}/Subscriptions`,
        namespace.subscriptions(topic.name),
        (one) => subscriptionEntry(context, one),
      );
    }
    case "rules": {
      const owner = subscriptionOf(namespace, resource.topic, resource.subscription);
      const path = `${owner.topicName}/Subscriptions/${owner.name}/Rules`;
      return page(asked, path, namespace.rules(owner.topicName, owner.name), (one) =>
        ruleEntry(context, owner, one),
      );
    }
  }
}

/** The entry of one entity. Throws `EntityError` ("not-found"). */
function found(context: EntryContext, resource: SingleResource): Entry {
  const { namespace } = context;
  switch (resource.kind) {
    case "entity": {
      const queue = namespace.queue(resource.name);
      if (queue !== undefined) return queueEntry(context, queue);
      return topicEntry(context, topicOf(namespace, resource.name));
    }
    case "subscription":
      return subscriptionEntry(context, subscriptionOf(namespace, resource.topic, resource.name));
    case "rule": {
      const owner = subscriptionOf(namespace, resource.topic, resource.subscription);
      const wanted = resource.name.toLowerCase();
      const rules = namespace.rules(owner.topicName, owner.name);
      const rule = rules.find(({ name }) => name.toLowerCase() === wanted);
      if (rule === undefined) throw missing(`${owner.topicName}/${owner.name}/${resource.name}`);
      return ruleEntry(context, owner, rule);
    }
  }
}

async function write(administration: Administration, asked: Asked): Promise<Answered> {
  const { namespace } = administration;
  const { resource, isUpdate } = asked;
  const given = readDescription(resource, asked.body); // M1
  switch (given.kind) {
    case "queue":
      await (isUpdate ? namespace.updateQueue(given.queue) : namespace.createQueue(given.queue));
      break;
    case "topic":
      await (isUpdate ? namespace.updateTopic(given.topic) : namespace.createTopic(given.topic));
      break;
    case "subscription":
      await (isUpdate
        ? namespace.updateSubscription(given.subscription)
        : namespace.createSubscription(given.subscription, [given.rule]));
      break;
    case "rule":
      await (isUpdate
        ? namespace.updateRule(given.topic, given.subscription, given.rule)
        : namespace.createRule(given.topic, given.subscription, given.rule));
      break;
  }
  const entry = found(contextOf(administration, asked), given.resource);
  return { status: isUpdate ? 200 : 201, document: entryDocument(asked.origin, entry) }; // M2
}

async function remove(namespace: Namespace, resource: Resource): Promise<void> {
  switch (resource.kind) {
    case "entity":
      if (namespace.queue(resource.name) !== undefined) await namespace.deleteQueue(resource.name);
      else await namespace.deleteTopic(resource.name);
      return;
    case "subscription":
      await namespace.deleteSubscription(resource.topic, resource.name);
      return;
    case "rule":
      await namespace.deleteRule(resource.topic, resource.subscription, resource.name);
      return;
    case "namespace":
    case "queues":
    case "topics":
    case "subscriptions":
    case "rules":
      throw new EntityError("invalid", "Only a single entity can be deleted.");
  }
}

function page<D>(
  { query, origin }: Asked,
  path: string,
  all: readonly D[],
  entryOf: (one: D) => Entry,
): string {
  const skip = wholeNumber(query.get("$skip") ?? "0", 0, Number.MAX_SAFE_INTEGER, "$skip");
  const max = limits.entitiesPerPageMax;
  const top = wholeNumber(query.get("$top") ?? String(max), 1, max, "$top");
  const end = skip + top;
  const next = end < all.length ? `$skip=${end}&$top=${top}` : undefined;
  return feedDocument(origin, path, all.slice(skip, end).map(entryOf), next);
}

function wholeNumber(text: string, min: number, max: number, name: string): number {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new EntityError("invalid", `${name} must be between ${min} and ${max}.`);
}

function topicOf(namespace: Namespace, name: string) {
  const topic = namespace.topic(name);
  if (topic === undefined) throw missing(name);
  return topic;
}

function subscriptionOf(namespace: Namespace, topic: string, name: string) {
  const subscription = namespace.subscription(topic, name);
  if (subscription === undefined) throw missing(`${topic}/Subscriptions/${name}`);
  return subscription;
}

const missing = (path: string) => new EntityError("not-found", `Entity '${path}' was not found.`);

function contextOf({ namespace }: Administration, { origin }: Asked): EntryContext {
  return { namespace, address: origin.base.replace(/^https?:/, "sb:") };
}
