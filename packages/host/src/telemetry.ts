// OpenTelemetry for this process. Spans are exported only where a collector is configured; without one they
// are made all the same, because every message carries its span's traceparent on.

import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { NodeSDK } from "@opentelemetry/sdk-node";

const exportTimeoutMs = 5000;

/** @param endpoint base URL of an OTLP/HTTP collector; `/v1/traces` is added (OTLP specification). */
export function startTelemetry(
  name: string,
  endpoint: string | undefined,
): { readonly close: () => Promise<void> } {
  const spans =
    endpoint === undefined
      ? { spanProcessors: [discarding] }
      : {
          traceExporter: new OTLPTraceExporter({
            url: new URL("v1/traces", endpoint.endsWith("/") ? endpoint : `${endpoint}/`).href,
            timeoutMillis: exportTimeoutMs,
          }),
        };
  const sdk = new NodeSDK({
    serviceName: `niivo-${name}`,
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
    ...spans,
  });
  sdk.start();
  return { close: () => sdk.shutdown() };
}

/** A span processor that keeps nothing: with none at all the SDK would make no valid spans. */
const discarding = {
  onStart: () => {},
  onEnd: () => {},
  forceFlush: async () => {},
  shutdown: async () => {},
};
