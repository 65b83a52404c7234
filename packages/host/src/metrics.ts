// What this process measures. Instruments are made when first used, because the API gives out ones that
// measure nothing before telemetry has started.

import {
  type Attributes,
  type Counter,
  type Histogram,
  metrics,
  type UpDownCounter,
} from "@opentelemetry/api";
import { type AttributeKey, metric } from "./telemetry-names.ts";

type Labels = { readonly [Key in AttributeKey]?: string | number };
type MetricName = keyof typeof metric;

/** Buckets in seconds, from a millisecond to a day: timers and approvals wait for long. */
const secondBuckets = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 86_400,
];

const kept = new Map<string, Counter | Histogram | UpDownCounter>();
let keptFor: unknown;

function instrument<One extends Counter | Histogram | UpDownCounter>(
  name: MetricName,
  make: (name: string, unit: string) => One,
): One {
  // A provider that was replaced (a test starts several) has instruments of its own.
  const provider = metrics.getMeterProvider();
  if (provider !== keptFor) kept.clear();
  keptFor = provider;
  const [full, unit] = metric[name];
  const made = kept.get(full) ?? make(full, unit);
  kept.set(full, made);
  return made as One; // True because each name is used by one of the functions below only.
}

const meter = () => metrics.getMeter("@niivo/host");

/** Adds to a counter. */
export function count(
  name: "decisions" | "deadLetters" | "cost",
  by: number,
  labels: Labels,
): void {
  instrument(name, (full, unit) => meter().createCounter(full, { unit })).add(by, own(labels));
}

/** Moves a level up or down. */
export function move(name: "approvalsWaiting", by: number, labels: Labels = {}): void {
  instrument(name, (full, unit) => meter().createUpDownCounter(full, { unit })).add(
    by,
    own(labels),
  );
}

/** Records a duration in seconds. A clock that went back counts as no time. */
export function recordSeconds(
  name: "messageAge" | "sealLatency" | "effectDuration" | "modelDuration",
  seconds: number,
  labels: Labels,
): void {
  const advice = { explicitBucketBoundaries: secondBuckets };
  instrument(name, (full, unit) => meter().createHistogram(full, { unit, advice })).record(
    Math.max(0, seconds),
    own(labels),
  );
}

/** Records the tokens of one model call. */
export function recordTokens(tokens: number, labels: Labels): void {
  instrument("tokens", (full, unit) => meter().createHistogram(full, { unit })).record(
    tokens,
    own(labels),
  );
}

const own = (labels: Labels): Attributes => ({ ...labels });
