// The whole namespace as it runs: every entity, what clients may do with them, and how they change.
//
// Invariant:
//   B1. A change of an entity takes effect when it is durable, and then at once: links to what was
//       deleted or disabled are told to close.

import type { Node } from "./address.ts";
import type { NamespaceDescription } from "./entities/descriptions.ts";
import type { Live, LiveQueue, LiveTopic } from "./entities/live.ts";
import type { Queue } from "./entities/queue.ts";
import { createRegistry, type Registry } from "./entities/registry.ts";
import { createScheduler } from "./entities/scheduler.ts";
import { type Sent, send } from "./entities/sending.ts";
import type { Namespace } from "./namespace.ts";
import { createNamespace } from "./open-namespace.ts";
import type { Store } from "./store/store.ts";
import type { IncomingMessage } from "./wire/incoming-message.ts";

/** Why links to an entity must close. */
export type Closing = "deleted" | "disabled";

export interface Broker {
  readonly namespace: Namespace;
  /** What a link address names, whatever its status. */
  find(node: Node): Live | undefined;
  /** What is received from at an address. */
  queue(node: Node): Queue | undefined;
  /** Throws `EntityError` when the entity does not take the messages. Answers their numbers. */
  send(live: LiveQueue | LiveTopic, messages: readonly IncomingMessage[], done: Sent): number[];
  cancel(live: LiveQueue | LiveTopic, sequences: readonly number[]): boolean;
  afterCommit(committed: () => void, failed?: () => void): void;
  /** Sets who is told, once for each entity (`topic/subscription` or a name, lower case). */
  onClosing(told: (path: string, why: Closing) => void): void;
  stop(): void;
}

/** Opens the namespace of a store and puts the configuration into effect over it. */
export function createBroker(
  configured: NamespaceDescription,
  store: Store,
  clock: () => number,
): Broker {
  let closing: (path: string, why: Closing) => void = () => undefined;
  const registry: Registry = createRegistry(store, clock, (path, why) => closing(path, why));
  registry.open(configured);
  const scheduler = createScheduler(store, clock, (queue) => {
    const live = registry.live.byId((queue - (queue % 4)) / 4);
    return live?.kind === "subscription" ? undefined : live;
  });
  const queueOf = (node: Node): Queue | undefined => {
    const live = registry.find(node);
    if (live === undefined || live.kind === "topic" || node.kind === "cbs") return undefined;
    switch (node.subQueue) {
      case "main":
        return live.inbox.main;
      case "deadLetter":
        return live.inbox.dead;
      case "transferDeadLetter":
        return live.inbox.transferDead;
    }
  };
  return {
    namespace: createNamespace(registry, store),
    find: registry.find,
    queue: queueOf,
    send: (live, messages, done) =>
      send({ store, clock, scheduled: scheduler.at }, live, messages, done),
    cancel: scheduler.cancel,
    afterCommit: store.afterCommit,
    onClosing: (told) => {
      closing = told;
    },
    stop() {
      scheduler.stop();
      registry.stop();
    },
  };
}
