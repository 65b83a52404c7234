// A service put together from its parts: bindings on subscriptions, dead letters, HTTP, and the drain. The real
// parts are chosen in `service.ts`, those of tests in `testing/in-process.ts`; everything else is the same.

import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Customer } from "@niivo/contracts/customers";
import { platformCustomer, type TopicContract } from "@niivo/contracts/envelope";
import { type Identity, pathOf, type Subscription } from "@niivo/contracts/topology";
import type { Hono } from "hono";
import type { Binding, HostParts } from "./binding.ts";
import type { Publisher, Receiver, Receiving } from "./bus.ts";
import { createDeadLetters, tellsDeadLetters, watchDeadLetters } from "./dead-letters.ts";
import type { Host } from "./host.ts";
import type { Logger } from "./logger.ts";
import { createMarks } from "./marks.ts";
import { commandSender } from "./own-topic.ts";
import { reception } from "./reception.ts";
import { createApp } from "./serve.ts";
import type { Store } from "./store.ts";
import { watchedStore } from "./watched-store.ts";

/** What a service is, apart from where it runs. */
export interface ServiceDefinition {
  readonly name: Identity;
  /** The topic this process publishes to, and all it may say there. */
  readonly contract: TopicContract;
  readonly bindings: (host: Host) => readonly Binding[];
  readonly http?: (host: Host) => Hono | OpenAPIHono;
  /**
   * Where only one process of several may receive: resolves when this one may. Until then it answers HTTP and is not
   * ready. What it resolves to is called once it has drained.
   * @param lost ends the process, which may not receive any more.
   */
  readonly admission?: (host: Host, lost: (error: Error) => void) => Promise<() => Promise<void>>;
}

export interface ServiceParts {
  readonly customers: readonly Customer[];
  readonly store: Store;
  readonly publisher: Publisher;
  readonly receiver: Receiver;
  readonly log: Logger;
  readonly now: () => Date;
  /** A clock in milliseconds that only runs forward. Default: this process's own. */
  readonly elapsedMs?: () => number;
  readonly onFatal: (error: Error) => void;
  readonly holdMs: number;
}

export interface Composed {
  readonly host: Host;
  readonly app: Hono;
  /** Waits for the definition's admission. It never throws for a drain: the process ends while it waits. */
  readonly admitted: () => Promise<void>;
  /** Begins to receive; from now on it is ready. */
  readonly start: () => void;
  /** Takes nothing new, lets what is being handled end, and closes publisher and store. */
  readonly drain: () => Promise<void>;
}

export function compose(definition: ServiceDefinition, parts: ServiceParts): Composed {
  const { name, contract } = definition;
  const { publisher, receiver, log, now } = parts;
  const { store, problem: storeProblem } = watchedStore(parts.store, log);
  const draining = new AbortController();
  const marks = createMarks(store, log);
  const engine = { contract, publisher, store, marks, now, log, closing: draining.signal };
  const engineParts = { ...engine, holdMs: parts.holdMs };
  const customers = new Set([...parts.customers.map(({ id }) => id), platformCustomer]);
  const hearing = reception(parts.elapsedMs ?? (() => performance.now()));
  const { receivingMs } = hearing;
  const host: Host = { store, log, now, receivingMs, send: commandSender(engineParts) };
  if (!tellsDeadLetters(contract))
    throw new TypeError(`${contract.topic} cannot tell of dead letters`); // H6
  const bindings = definition.bindings(host);
  checkBindings(name, bindings);
  const reads = bindings.flatMap(({ subscriptions }) => subscriptions);
  const hostParts: HostParts = {
    ...engineParts,
    deadLetters: createDeadLetters(engineParts, customers),
    letters: receiver,
    reads,
    onFatal: parts.onFatal,
  };
  let receivings: readonly Receiving[] = [];
  let watching: Promise<void> = Promise.resolve();
  let isReady = false;
  let leave = async (): Promise<void> => {};
  return {
    host,
    app: createApp({
      log,
      notReady: () => (isReady ? storeProblem() : "It is starting, or draining."),
      routes: definition.http?.(host),
    }),
    admitted: async () => {
      if (definition.admission !== undefined)
        leave = await definition.admission(host, parts.onFatal);
    },
    start: () => {
      receivings = bindings.flatMap((binding) =>
        receiveAll(binding, hostParts, { receiver, interrupted: hearing.interrupted }),
      );
      hearing.begin();
      watching = watchDeadLetters(hostParts, receiver, reads);
      isReady = true;
    },
    drain: async () => {
      isReady = false;
      draining.abort();
      await Promise.all([...receivings.map((receiving) => receiving.close()), watching]);
      await leave();
      await publisher.close();
      await marks.flush();
      await store.close();
    },
  };
}

interface Hearing {
  readonly receiver: Receiver;
  readonly interrupted: () => void;
}

function receiveAll(
  binding: Binding,
  parts: HostParts,
  { receiver, interrupted }: Hearing,
): readonly Receiving[] {
  const handle = binding.open(parts);
  return binding.subscriptions.map((subscription) =>
    receiver.receive(
      subscription,
      (delivery) => handle(subscription, delivery),
      (error) => parts.onFatal(error),
      interrupted,
    ),
  );
}

/**
 * The inbox knows an input by its id alone, so a message that two deciding subscriptions of one process read
 * would be handled by one of them only.
 * @throws TypeError on such a pair, on a subscription bound twice, and on another identity's subscription.
 */
function checkBindings(name: Identity, bindings: readonly Binding[]): void {
  const all = bindings.flatMap(({ subscriptions }) => subscriptions);
  const paths = all.map(pathOf);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice !== undefined) throw new TypeError(`${twice} is bound twice`);
  const other = all.find(({ reader }) => reader !== name);
  if (other !== undefined) throw new TypeError(`${pathOf(other)} is not read by ${name}`);
  const deciding = bindings.filter(({ decides }) => decides);
  const read = deciding.flatMap(({ subscriptions }) => subscriptions.flatMap(readsOf));
  const shared = read.find((one, index) => read.findIndex((two) => overlap(one, two)) !== index);
  if (shared !== undefined) throw new TypeError(`two subscriptions decide on ${shared.type}`);
}

const readsOf = ({ topic, types, mode }: Subscription) =>
  types.map((type) => ({ topic, type, mode }));
type Reads = ReturnType<typeof readsOf>[number];

const overlap = (one: Reads, two: Reads): boolean =>
  one.topic === two.topic &&
  one.type === two.type &&
  (one.mode === undefined || two.mode === undefined || one.mode === two.mode);
