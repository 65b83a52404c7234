// What happens to a send before it is written: the entity's status, size, sessions and duplicates.

import type { Store } from "../store/store.ts";
import type { IncomingMessage } from "../wire/incoming-message.ts";
import { EntityError } from "./entity-error.ts";
import { bytesOf, type LiveQueue, type LiveTopic, schedule, takeInto } from "./live.ts";

export interface SendingDependencies {
  readonly store: Store;
  readonly clock: () => number;
  /** A message was scheduled: it falls due then. */
  readonly scheduled: (at: number) => void;
}

/** `refused` when nothing was kept. */
export type Sent = (refused?: EntityError) => void;

/**
 * Accepts messages together and numbers them; `done` is called when they are durable (T1), or when
 * they could not be written. Throws `EntityError` when the entity does not take them.
 */
export function send(
  { store, clock, scheduled }: SendingDependencies,
  live: LiveQueue | LiveTopic,
  messages: readonly IncomingMessage[],
  done: Sent,
): number[] {
  const now = clock();
  check(store, live, messages);
  const { description, id } = live.row;
  const since = now - description.duplicateDetectionHistoryTimeWindowMs;
  const numbers: number[] = [];
  for (const message of messages) {
    const { messageId } = message.system;
    const isSecond =
      description.requiresDuplicateDetection &&
      messageId !== undefined &&
      store.isDuplicate(id, messageId, since, now);
    if (isSecond) {
      numbers.push(0); // Reported as accepted and dropped, as documented.
      continue;
    }
    const line = () => ({
      topic: description.name,
      at: now,
      base64: message.raw.toString("base64"),
    });
    store.journal(line);
    const at = message.scheduledFor;
    if (at !== undefined && at > now) {
      numbers.push(schedule(store, live, message, at, now));
      store.afterCommit(() => scheduled(at));
      continue;
    }
    const number = live.kind === "topic" ? store.nextNumber() : undefined;
    const transfer = { message, hops: 0, enqueuedSequence: number, source: null, body: null };
    takeInto(store, live, transfer, now);
    numbers.push(number ?? 0);
  }
  store.afterCommit(
    () => done(),
    () => done(unavailable()),
  );
  return numbers;
}

export const unavailable = () =>
  new EntityError("unavailable", "the store cannot be written now; nothing was kept");

function check(
  store: Store,
  live: LiveQueue | LiveTopic,
  messages: readonly IncomingMessage[],
): void {
  const { description } = live.row;
  const { name, status } = description;
  if (status === "disabled" || status === "sendDisabled") {
    throw new EntityError("disabled", `"${name}" does not take messages: its status is ${status}`);
  }
  if (store.isRefusing()) throw unavailable();
  const added = messages.reduce((sum, { raw }) => sum + raw.length, 0);
  const most = description.maxSizeInMegabytes * 1_048_576;
  if (bytesOf(store, live) + added > most) {
    const text = `"${name}" is full: it may hold ${description.maxSizeInMegabytes} MB`;
    throw new EntityError("quota", text);
  }
  const isBySession = live.kind === "queue" && live.row.description.requiresSession;
  if (isBySession && messages.some(({ system }) => system.sessionId === undefined)) {
    throw new EntityError(
      "not-allowed",
      "The SessionId was not set on a message, and it cannot be sent to the entity. Entities that have session support enabled can only receive messages that have the SessionId set to a valid value.",
    );
  }
}
