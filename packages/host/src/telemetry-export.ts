// The one way out for spans: each is reduced to what may leave this process (T1, T2 of `telemetry-names.ts`)
// before any exporter sees it, and an exporter that fails is told of in the log, once a minute at most.

import { type Attributes, SpanStatusCode } from "@opentelemetry/api";
import type { IAttributesProcessor } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { exportable, exportableName } from "./telemetry-names.ts";

const linksMax = 128;
const toldEveryMs = 60_000;

/** `exporter`, given only what is allowed. @param onFailure told that spans were lost, seldom. */
export function allowedOnly(exporter: SpanExporter, onFailure: () => void): SpanExporter {
  let toldAt = Number.NEGATIVE_INFINITY;
  return {
    export: (spans, done) =>
      exporter.export(spans.map(reduced), (result) => {
        const now = performance.now();
        if (result.error !== undefined && now - toldAt > toldEveryMs) {
          toldAt = now;
          onFailure();
        }
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: async () => exporter.forceFlush?.(),
  };
}

/** The same rule for the attributes of metrics. */
export const allowedAttributes: IAttributesProcessor = {
  process: (attributes: Attributes) => exportable(attributes),
};

/** Written out member by member: a member that a later version of the SDK adds is not exported by itself. */
const reduced = (span: ReadableSpan): ReadableSpan => ({
  name: exportableName(span.name),
  kind: span.kind,
  spanContext: () => span.spanContext(),
  ...(span.parentSpanContext === undefined ? {} : { parentSpanContext: span.parentSpanContext }),
  startTime: span.startTime,
  endTime: span.endTime,
  status: { code: span.status.code === SpanStatusCode.ERROR ? span.status.code : 0 },
  attributes: exportable(span.attributes),
  links: span.links
    .slice(0, linksMax)
    .map(({ context, attributes = {} }) => ({ context, attributes: exportable(attributes) })),
  events: [],
  duration: span.duration,
  ended: span.ended,
  resource: span.resource,
  instrumentationScope: span.instrumentationScope,
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
});
