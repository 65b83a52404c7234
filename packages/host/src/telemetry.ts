// OpenTelemetry for this process: spans and metrics, exported over OTLP/HTTP where a collector is configured.
// Without one spans are made all the same, because every message carries its span's traceparent on.
//
// Invariant: T3. Export never slows or stops the product: the queue is bounded and drops what does not fit,
// nothing waits for an export, and a drain waits for the last one no longer than `flushMs`.

import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { BatchSpanProcessor, NoopSpanProcessor } from "@opentelemetry/sdk-trace";
import { pause } from "./back-off.ts";
import type { Logger } from "./logger.ts";
import { allowedAttributes, allowedOnly } from "./telemetry-export.ts";
import { attribute } from "./telemetry-names.ts";

const exportTimeoutMs = 5000;
/** Spans are sent this often, or when a batch is full. */
const spansEveryMs = 1000;
const metricsEveryMs = 15_000;
/** About four megabytes; what comes while it is full is dropped. */
const queueSpansMax = 4096;
const batchSpansMax = 512;
/** Different attribute sets of one metric; the rest is counted together. */
const cardinalityMax = 500;
const flushMs = 2000;

export interface Telemetry {
  /** Sends what is left, for at most `flushMs`. */
  readonly close: () => Promise<void>;
}

/** @param endpoint base URL of an OTLP/HTTP collector; `/v1/traces` is added (OTLP specification). */
export function startTelemetry(
  name: string,
  endpoint: string | undefined,
  log?: Logger,
): Telemetry {
  const resource = resourceFromAttributes({ [attribute.serviceName]: `niivo-${name}` });
  const at = (path: string): string =>
    new URL(path, endpoint?.endsWith("/") ? endpoint : `${endpoint}/`).href;
  const onFailure = () => log?.warn("spans could not be exported and are dropped");
  // With no processor at all the SDK would make no valid spans.
  const spanProcessors =
    endpoint === undefined
      ? [new NoopSpanProcessor()]
      : [
          new BatchSpanProcessor({
            exporter: allowedOnly(
              new OTLPTraceExporter({ url: at("v1/traces"), timeoutMillis: exportTimeoutMs }),
              onFailure,
            ),
            maxQueueSize: queueSpansMax,
            maxExportBatchSize: batchSpansMax,
            scheduledDelayMillis: spansEveryMs,
            exportTimeoutMillis: exportTimeoutMs,
          }),
        ];
  const sdk = new NodeSDK({
    resource,
    // What the SDK would find out about the machine by itself is not on the list of what may leave (T1).
    autoDetectResources: false,
    // The context travels in the envelope, and in no header that a library would write.
    textMapPropagator: null,
    spanProcessors,
    metricReaders: endpoint === undefined ? [] : [metricReader(at("v1/metrics"))],
    views: [{ instrumentName: "*", attributesProcessors: [allowedAttributes] }],
    // Logs go to stdout and carry the trace's id.
    logRecordProcessors: [],
  });
  sdk.start();
  return {
    close: async () => {
      const flushed = Promise.allSettled([sdk.shutdown()]);
      const controller = new AbortController();
      await Promise.race([flushed, pause(flushMs, controller.signal)]); // T3
      controller.abort();
      for (const api of [trace, metrics, context, propagation]) api.disable();
    },
  };
}

const metricReader = (url: string): PeriodicExportingMetricReader =>
  new PeriodicExportingMetricReader({
    exporter: new OTLPMetricExporter({ url, timeoutMillis: exportTimeoutMs }),
    exportIntervalMillis: metricsEveryMs,
    exportTimeoutMillis: exportTimeoutMs,
    cardinalityLimits: { default: cardinalityMax },
  });
