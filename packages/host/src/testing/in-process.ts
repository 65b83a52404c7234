// A whole service in this process, on the memory bus and a memory store, with a clock that the test moves. Only the
// parts differ from the real service: `compose` is the same.

import type { Customer } from "@niivo/contracts/customers";
import type { Hono } from "hono";
import { pino } from "pino";
import { compose, type ServiceDefinition } from "../compose.ts";
import type { Host } from "../host.ts";
import { type MemoryBus, type MemoryBusOptions, memoryBus } from "../memory-bus.ts";
import { memoryStore } from "../memory-store.ts";
import type { Store } from "../store.ts";

export interface InProcessOptions extends ServiceDefinition {
  readonly customers: readonly Customer[];
  /** All the test's subscriptions, the service's own and any it wants to look at. */
  readonly subscriptions: MemoryBusOptions["subscriptions"];
  readonly startsAt: Date;
  /** Where two services, or a service and its successor, share them. */
  readonly bus?: MemoryBus;
  readonly store?: Store;
  readonly clock?: TestClock;
  /** Short in tests of failures; a test of the main path never waits for it. */
  readonly holdMs?: number;
}

export interface TestClock {
  readonly now: () => Date;
  readonly advance: (ms: number) => void;
  /** Somebody sets the clock, forward or back: no time passes. */
  readonly set: (byMs: number) => void;
  /** What passed, whatever the clock was set to. */
  readonly elapsedMs: () => number;
}

export function testClock(startsAt: Date): TestClock {
  let atMs = startsAt.getTime();
  let passedMs = 0;
  return {
    now: () => new Date(atMs),
    elapsedMs: () => passedMs,
    advance: (ms) => {
      atMs += ms;
      passedMs += ms;
    },
    set: (byMs) => {
      atMs += byMs;
    },
  };
}

export interface InProcess {
  readonly bus: MemoryBus;
  readonly store: Store;
  readonly clock: TestClock;
  readonly host: Host;
  readonly app: Hono;
  readonly fatal: readonly Error[];
  readonly drain: () => Promise<void>;
}

/** Composes and starts the service. `bus.idle()` resolves when it has handled everything that is due. */
export function inProcess(options: InProcessOptions): InProcess {
  const clock = options.clock ?? testClock(options.startsAt);
  const { now } = clock;
  const bus = options.bus ?? memoryBus({ subscriptions: options.subscriptions, now });
  const store = options.store ?? memoryStore({ now });
  const fatal: Error[] = [];
  const composed = compose(options, {
    customers: options.customers,
    store,
    publisher: bus.publisher(options.contract.topic),
    receiver: bus,
    log: pino({ level: "silent" }),
    now,
    elapsedMs: clock.elapsedMs,
    onFatal: (error) => fatal.push(error),
    holdMs: options.holdMs ?? 200,
  });
  composed.start();
  const { host, app, drain } = composed;
  return { bus, store, clock, host, app, fatal, drain };
}
