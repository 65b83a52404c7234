// What receives messages in its own right, a queue or a subscription: its line, its two dead-letter
// queues, and auto-forwarding from any of them.
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-auto-forwarding

import type { StoredMessage } from "../store/message-store.ts";
import { rowState } from "../store/row-state.ts";
import type { IncomingMessage } from "../wire/incoming-message.ts";
import { withProperties } from "../wire/outgoing-message.ts";
import { readPairs } from "../wire/values.ts";
import { createQueue, inserter, policyOf, type QueueDependencies } from "./create-queue.ts";
import type { QueueDescription, SubscriptionDescription } from "./descriptions.ts";
import { makeAvailable } from "./dispatch.ts";
import { forwardBacklog } from "./forward-backlog.ts";
import { entryOf } from "./lanes.ts";
import type { DeadLetterReason, Queue } from "./queue.ts";
import { type Forward, reasonOf, type Transfer, transferOf } from "./transfer.ts";

export interface InboxDependencies extends QueueDependencies {
  readonly forward: Forward;
}

export interface Inbox {
  readonly main: Queue;
  readonly dead: Queue;
  readonly transferDead: Queue;
  /** Takes a message, or answers that it has no session where one is required. */
  take(transfer: Transfer): DeadLetterReason | undefined;
  /** Takes a message straight into the dead-letter queue. */
  takeDead(transfer: Transfer, why: DeadLetterReason): void;
  /** Puts the description into effect, also for what waits already. */
  describe(description: QueueDescription | SubscriptionDescription): void;
  bytes(): number;
  stop(): void;
}

export const noSession: DeadLetterReason = {
  reason: "Session ID is null",
  description: "Session enabled entity doesn't allow a message whose session identifier is null.",
};

export function createInbox(
  id: number,
  path: string,
  given: QueueDescription | SubscriptionDescription,
  dependencies: InboxDependencies,
): Inbox {
  const { store, forward } = dependencies;
  let description = given;
  let isStopped = false;
  const deadPolicy = policyOf(given, true);
  const dead = createQueue(id * 4 + 1, path, deadPolicy, undefined, dependencies);
  const transferDead = createQueue(id * 4 + 2, path, deadPolicy, undefined, dependencies);
  const main = createQueue(id * 4, path, policyOf(given, false), bury, dependencies);
  const insertMain = inserter(main);
  const insertDead = inserter(dead);
  const insertTransferDead = inserter(transferDead);

  function take(transfer: Transfer): DeadLetterReason | undefined {
    const { forwardTo, requiresSession } = description;
    const { sessionId } = transfer.message.system;
    if (forwardTo !== undefined) {
      sendOn(forwardTo, transfer);
      return undefined;
    }
    if (requiresSession && sessionId === undefined) return noSession;
    const lane = requiresSession ? (sessionId ?? "") : "";
    insertMain(transfer, timeToLive(transfer.message, description), lane);
    return undefined;
  }
  // What cannot be forwarded is kept in the transfer dead-letter queue, with the reason.
  function sendOn(name: string, transfer: Transfer): void {
    const moved = { ...transfer, hops: transfer.hops + 1, body: null };
    const refused = forward(name, moved);
    if (refused === undefined) return;
    insertTransferDead({ ...moved, source: path }, undefined, "", reasonOf(null, refused));
  }
  function takeDead(transfer: Transfer, why: DeadLetterReason): void {
    const { forwardDeadLetteredMessagesTo: name } = description;
    const properties = reasonOf(null, why);
    if (name === undefined) {
      insertDead({ ...transfer, source: path }, undefined, "", properties);
      return;
    }
    const message = withProperties(transfer.message, readPairs(properties));
    sendOn(name, { ...transfer, message, source: path, body: null });
  }
  function bury(stored: StoredMessage, why: DeadLetterReason): void {
    const modified = reasonOf(stored.modified, why);
    const { forwardDeadLetteredMessagesTo: name } = description;
    if (name !== undefined) {
      sendOn(name, transferOf(stored, modified, path));
      store.messages.remove(stored);
      return;
    }
    const to = { queue: dead.id, lane: "", source: path, modified };
    store.messages.move(stored, to);
    const row = { ...stored, ...to, state: rowState.active };
    store.afterCommit(() => makeAvailable(dead, entryOf(row)));
  }
  const applyForwarding = () => {
    forwardBacklog(main, () => (isStopped ? undefined : description.forwardTo), sendOn);
    const name = () => (isStopped ? undefined : description.forwardDeadLetteredMessagesTo);
    forwardBacklog(dead, name, sendOn);
  };
  const queues = [main, dead, transferDead];
  if (main.policy.requiresSession) main.hasMoreReady = true;
  main.alarm.at(store.messages.nextExpiry(main.id) ?? Number.POSITIVE_INFINITY);
  store.afterCommit(applyForwarding);
  return {
    main,
    dead,
    transferDead,
    take,
    takeDead,
    describe(next) {
      description = next;
      main.policy = policyOf(next, false);
      for (const queue of [dead, transferDead]) queue.policy = policyOf(next, true);
      store.afterCommit(applyForwarding);
    },
    bytes: () => queues.reduce((sum, queue) => sum + store.messages.counts(queue.id).bytes, 0),
    stop() {
      isStopped = true;
      for (const queue of queues) queue.alarm.stop();
    },
  };
}

/** The shorter of the message's own time to live and the entity's, in ms. */
function timeToLive(
  message: IncomingMessage,
  {
    defaultMessageTimeToLiveMs: most = Number.POSITIVE_INFINITY,
  }: QueueDescription | SubscriptionDescription,
): number | undefined {
  const least = Math.min(message.timeToLiveMs ?? Number.POSITIVE_INFINITY, most);
  return Number.isFinite(least) ? least : undefined;
}
