// The entities as they run: what their owner said of them, and what they do with a message.
//
// Invariants:
//   T1. A send is answered after the message and all its copies are durable; a batch as one.
//   T2. Subscriptions get messages in the order in which they were accepted.
//   T3. A scheduled message is delivered to nobody before its time.

import { limits } from "../limits.ts";
import { applyChanges } from "../rules/apply-changes.ts";
import { viewMessage } from "../rules/message-view.ts";
import type { RuleSet } from "../rules/rule-set.ts";
import type { EntityRow } from "../store/entity-store.ts";
import { rowState } from "../store/row-state.ts";
import type { Store } from "../store/store.ts";
import { type IncomingMessage, parseStored } from "../wire/incoming-message.ts";
import type { Inbox } from "./inbox.ts";
import type { DeadLetterReason } from "./queue.ts";
import type { Transfer } from "./transfer.ts";

type Row<Kind extends EntityRow["kind"]> = Extract<EntityRow, { readonly kind: Kind }>;

interface LiveBase {
  accessedAt: number;
}

export interface LiveQueue extends LiveBase {
  readonly kind: "queue";
  row: Row<"queue">;
  readonly inbox: Inbox;
}

export interface LiveSubscription extends LiveBase {
  readonly kind: "subscription";
  row: Row<"subscription">;
  readonly inbox: Inbox;
  rules: RuleSet;
}

export interface LiveTopic extends LiveBase {
  readonly kind: "topic";
  row: Row<"topic">;
  /** By lower-case name. */
  readonly subscriptions: Map<string, LiveSubscription>;
}

export type Live = LiveQueue | LiveTopic | LiveSubscription;

/** Bytes kept for the entity: its messages, its dead letters and what is scheduled. */
export function bytesOf(store: Store, live: Live): number {
  switch (live.kind) {
    case "queue":
    case "subscription":
      return live.inbox.bytes();
    case "topic": {
      let sum = store.messages.counts(live.row.id * 4).bytes;
      for (const { inbox } of live.subscriptions.values()) sum += inbox.bytes();
      return sum;
    }
  }
}

/** Writes a message into a queue, or its copies into the subscriptions that want it. */
export function takeInto(
  store: Store,
  live: LiveQueue | LiveTopic,
  transfer: Transfer,
  now: number,
): DeadLetterReason | undefined {
  live.accessedAt = now;
  if (live.kind === "queue") return live.inbox.take(transfer);
  const sequence = transfer.enqueuedSequence ?? store.nextNumber();
  const copies = copiesOf(live, transfer.message, sequence, now);
  const body = shareBody(store, transfer.message, copies);
  for (const { subscription, message, failure } of copies) {
    const isShared = message === transfer.message;
    const copy = { ...transfer, message, enqueuedSequence: sequence, body: isShared ? body : null };
    const refused = failure ?? subscription.inbox.take(copy);
    // A subscription with sessions cannot deliver a message without one: it is dead-lettered.
    if (refused !== undefined) subscription.inbox.takeDead(copy, refused);
  }
  return undefined; // A message that no subscription wants is accepted and kept nowhere.
}

interface Copy {
  readonly subscription: LiveSubscription;
  readonly message: IncomingMessage;
  readonly failure?: DeadLetterReason;
}

// Rules without an action share one copy; each rule with an action makes its own.
function copiesOf(
  topic: LiveTopic,
  message: IncomingMessage,
  sequence: number,
  now: number,
): Copy[] {
  const view = viewMessage(message, { enqueuedAt: now, sequenceNumber: sequence });
  const copies: Copy[] = [];
  for (const subscription of topic.subscriptions.values()) {
    const { status, deadLetteringOnFilterEvaluationExceptions: keepsFailures } =
      subscription.row.description;
    if (status === "disabled" || status === "sendDisabled") continue;
    const { isPlain, copies: changed, failures } = subscription.rules.select(view);
    for (const description of keepsFailures ? failures : []) {
      const failure = { reason: "FilterEvaluationException", description };
      copies.push({ subscription, message, failure });
    }
    for (const changes of changed) {
      copies.push({ subscription, message: parseStored(applyChanges(message.raw, changes)) });
    }
    if (isPlain) copies.push({ subscription, message });
  }
  return copies;
}

// Only copies that are surely kept as they are share their bytes: forwarding and dead-lettering at
// once take them along.
function shareBody(store: Store, message: IncomingMessage, copies: readonly Copy[]): number | null {
  if (message.raw.length < limits.sharedBodyBytesMin) return null;
  const sharing = copies.filter(
    (copy) =>
      copy.message === message &&
      copy.failure === undefined &&
      copy.subscription.row.description.forwardTo === undefined &&
      !(
        copy.subscription.row.description.requiresSession && message.system.sessionId === undefined
      ),
  );
  if (sharing.length < 2 || sharing.length !== copies.length) return null;
  const id = store.nextNumber();
  store.messages.insertBody(id, sharing.length, message.raw);
  return id;
}

/** Keeps a message until its time; the answer is its number. */
export function schedule(
  store: Store,
  live: LiveQueue | LiveTopic,
  message: IncomingMessage,
  at: number,
  now: number,
): number {
  const sequence = store.nextNumber();
  const row = {
    sequence,
    queue: live.row.id * 4,
    lane: live.kind === "queue" ? laneOf(live, message) : "",
    state: rowState.scheduled,
    size: message.raw.length,
    expiresAt: null,
    enqueuedAt: Math.trunc(now),
    enqueuedSequence: sequence,
    scheduledFor: Math.trunc(at),
    deliveryCount: 0,
    hops: 0,
    source: null,
    modified: null,
    body: null,
  };
  store.messages.insert(row, message.raw);
  return sequence;
}

function laneOf(live: LiveQueue, message: IncomingMessage): string {
  return live.row.description.requiresSession ? (message.system.sessionId ?? "") : "";
}
