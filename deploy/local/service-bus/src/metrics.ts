// What the bus counts, as Prometheus reads it. Counts of waiting messages are taken from the
// namespace when they are asked for; traffic is counted where it passes.

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { EntityRuntime, Namespace } from "./namespace.ts";

/** Counts what passes. `entity` is the address of a link, so only what exists is counted. */
export interface Meter {
  connected(): void;
  disconnected(): void;
  /** Messages of a client were made durable, `waitedMs` after they had come. */
  sent(entity: string, messages: number, waitedMs: number): void;
  delivered(entity: string): void;
  /** `outcome` as the client named it, or that its lock was lost. */
  settled(entity: string, outcome: string): void;
}

export interface Metrics {
  readonly meter: Meter;
  readonly contentType: string;
  /** The text of all metrics; those of entities when there is a namespace. */
  text(namespace: Namespace | undefined): Promise<string>;
}

/** Commits take between a fraction of a millisecond and the time of a disk that is in trouble. */
const COMMIT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2];

const SEPARATOR = "\n";

export function createMetrics(): Metrics {
  const register = new Registry();
  const registers = [register];
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  const counter = (name: string, help: string, labelNames: readonly string[]) =>
    tallied(new Counter({ name, help, labelNames, registers }), labelNames);

  const connections = gauge("servicebus_connections", "Open AMQP connections.");
  const messages = gauge("servicebus_messages", "Messages that wait, by state.", [
    "entity",
    "state",
  ]);
  const bytes = gauge("servicebus_entity_bytes", "Size of all messages kept.", ["entity"]);
  const memory = gauge("servicebus_resident_memory_bytes", "Resident memory of the process.");
  const sent = counter("servicebus_sent_messages_total", "Messages made durable.", ["entity"]);
  const delivered = counter("servicebus_deliveries_total", "Messages handed to receivers.", [
    "entity",
  ]);
  const settled = counter("servicebus_settlements_total", "Settlements answered.", [
    "entity",
    "outcome",
  ]);
  const commit = new Histogram({
    name: "servicebus_send_commit_seconds",
    help: "From the arrival of a send to its being durable.",
    buckets: COMMIT_SECONDS,
    registers,
  });
  return {
    contentType: register.contentType,
    meter: {
      connected: () => connections.inc(),
      disconnected: () => connections.dec(),
      sent(entity, count, waitedMs) {
        sent.add(entity, count);
        commit.observe(waitedMs / 1_000);
      },
      delivered: (entity) => delivered.add(entity, 1),
      settled: (entity, outcome) => settled.add(`${entity}${SEPARATOR}${outcome}`, 1),
    },
    text(namespace) {
      messages.reset();
      bytes.reset();
      for (const [entity, { counts, sizeInBytes }] of runtimesOf(namespace)) {
        messages.set({ entity, state: "active" }, counts.active);
        messages.set({ entity, state: "dead_lettered" }, counts.deadLettered);
        messages.set({ entity, state: "scheduled" }, counts.scheduled);
        messages.set({ entity, state: "transfer" }, counts.transfer);
        messages.set({ entity, state: "transfer_dead_lettered" }, counts.transferDeadLettered);
        bytes.set({ entity }, sizeInBytes);
      }
      for (const one of [sent, delivered, settled]) one.publish();
      memory.set(process.memoryUsage.rss());
      return register.metrics();
    },
  };
}

interface Tallied {
  /** `key` is the values of the labels, separated. */
  add(key: string, count: number): void;
  publish(): void;
}

// The library hashes the labels for every increment, which every message would pay several times.
function tallied(counter: Counter<string>, labelNames: readonly string[]): Tallied {
  const tallies = new Map<string, number>();
  return {
    add: (key, count) => void tallies.set(key, (tallies.get(key) ?? 0) + count),
    publish() {
      counter.reset();
      for (const [key, count] of tallies) {
        const values = key.split(SEPARATOR);
        counter.inc(
          Object.fromEntries(labelNames.map((name, at) => [name, values[at] ?? ""])),
          count,
        );
      }
    },
  };
}

function runtimesOf(
  namespace: Namespace | undefined,
): readonly (readonly [string, EntityRuntime])[] {
  if (namespace === undefined) return [];
  const queues = namespace
    .queues()
    .map(({ name }) => [name, namespace.queueRuntime(name)] as const);
  const topics = namespace
    .topics()
    .flatMap(({ name: topic }) => [
      [topic, namespace.topicRuntime(topic)] as const,
      ...namespace
        .subscriptions(topic)
        .map(
          ({ name }) =>
            [`${topic}/Subscriptions/${name}`, namespace.subscriptionRuntime(topic, name)] as const,
        ),
    ]);
  return [...queues, ...topics];
}
