// The live entities by name and by number: how a stored row begins, changes and ends to be served.

import { limits } from "../limits.ts";
import { compileRuleSet } from "../rules/rule-set.ts";
import type { EntityRow } from "../store/entity-store.ts";
import type { Store } from "../store/store.ts";
import { createLockTokens } from "../wire/lock-token.ts";
import { createInbox, type Inbox } from "./inbox.ts";
import {
  bytesOf,
  type Live,
  type LiveQueue,
  type LiveSubscription,
  type LiveTopic,
  takeInto,
} from "./live.ts";
import type { DeadLetterReason } from "./queue.ts";
import type { Forward, Transfer } from "./transfer.ts";

export interface LiveMap {
  /** Queues and topics by lower-case name. */
  readonly entities: ReadonlyMap<string, LiveQueue | LiveTopic>;
  all(): Live[];
  byId(id: number): Live | undefined;
  /** By the lower-case path of the store. */
  at(path: string, kind: EntityRow["kind"]): Live | undefined;
  serve(row: EntityRow): void;
  change(live: Live, row: EntityRow): void;
  forget(live: Live): void;
}

export function createLiveMap(store: Store, clock: () => number): LiveMap {
  const entities = new Map<string, LiveQueue | LiveTopic>();
  const ids = new Map<number, Live>();
  const tokens = createLockTokens();
  const forward: Forward = (name, transfer) => {
    const target = entities.get(name.toLowerCase());
    const refused = refusalOf(store, target, transfer);
    if (refused !== undefined || target === undefined) return refused;
    return takeInto(store, target, transfer, clock());
  };
  const inboxOf = (row: Exclude<EntityRow, { kind: "topic" }>, path: string): Inbox =>
    createInbox(row.id, path, row.description, { store, tokens, clock, forward });
  const topicAt = (name: string): LiveTopic | undefined => {
    const live = entities.get(name.toLowerCase());
    return live?.kind === "topic" ? live : undefined;
  };
  function keep(live: LiveQueue | LiveTopic): void {
    entities.set(live.row.path, live);
    ids.set(live.row.id, live);
  }
  return {
    entities,
    all: () => [...ids.values()],
    byId: (id) => ids.get(id),
    at(path, kind) {
      if (kind !== "subscription") return entities.get(path);
      const slash = path.lastIndexOf("/");
      return topicAt(path.slice(0, slash))?.subscriptions.get(path.slice(slash + 1));
    },
    serve(row) {
      const accessedAt = row.updatedAt;
      switch (row.kind) {
        case "queue":
          keep({ kind: "queue", row, accessedAt, inbox: inboxOf(row, row.description.name) });
          return;
        case "topic":
          keep({ kind: "topic", row, accessedAt, subscriptions: new Map() });
          return;
        case "subscription": {
          const { topicName, name } = row.description;
          const topic = topicAt(topicName);
          if (topic === undefined) return; // The topic is not configured any more.
          const inbox = inboxOf(row, `${topicName}/Subscriptions/${name}`);
          const rules = compileRuleSet(row.rules);
          const live: LiveSubscription = { kind: "subscription", row, accessedAt, inbox, rules };
          topic.subscriptions.set(name.toLowerCase(), live);
          ids.set(row.id, live);
          return;
        }
      }
    },
    change,
    forget(live) {
      ids.delete(live.row.id);
      if (live.kind !== "topic") live.inbox.stop();
      if (live.kind !== "subscription") entities.delete(live.row.path);
      else {
        const { topicName, name } = live.row.description;
        topicAt(topicName)?.subscriptions.delete(name.toLowerCase());
      }
    },
  };
}

function change(live: Live, row: EntityRow): void {
  if (live.kind === "queue" && row.kind === "queue") {
    live.row = row;
    live.inbox.describe(row.description);
  } else if (live.kind === "topic" && row.kind === "topic") {
    live.row = row;
  } else if (live.kind === "subscription" && row.kind === "subscription") {
    live.row = row;
    live.rules = compileRuleSet(row.rules);
    live.inbox.describe(row.description);
  }
}

/** Why a forwarded message is not taken; undefined when nothing speaks against it. */
function refusalOf(
  store: Store,
  target: LiveQueue | LiveTopic | undefined,
  { hops, message }: Transfer,
): DeadLetterReason | undefined {
  if (hops > limits.hopsMax) {
    const description = `the message was forwarded more than ${limits.hopsMax} times`;
    return { reason: "MaxTransferHopCountExceeded", description };
  }
  if (target === undefined) {
    const description = "the entity to which messages are forwarded does not exist";
    return { reason: "MessagingEntityNotFound", description };
  }
  const { name, status, maxSizeInMegabytes } = target.row.description;
  if (status === "disabled" || status === "sendDisabled") {
    return { reason: "MessagingEntityDisabled", description: `"${name}" is ${status}` };
  }
  if (bytesOf(store, target) + message.raw.length > maxSizeInMegabytes * 1_048_576) {
    return { reason: "QuotaExceeded", description: `"${name}" is full` };
  }
  return undefined;
}
