// Spans as they come over OTLP/HTTP in JSON (opentelemetry-proto, `ExportTraceServiceRequest`), reduced to what
// the page shows. Limits are generous and finite: what is larger is not from our services.

import { z } from "zod";

const text = z.string().max(500);
const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const nanos = z.string().regex(/^\d{1,20}$/);
const Value = z.looseObject({
  stringValue: text.optional(),
  intValue: z.union([z.number(), text]).optional(),
  doubleValue: z.number().optional(),
  boolValue: z.boolean().optional(),
});
const Attributes = z
  .array(z.looseObject({ key: text, value: Value }))
  .max(200)
  .default([]);
const OtlpSpan = z.looseObject({
  traceId: hex(32),
  spanId: hex(16),
  parentSpanId: z.union([hex(16), z.literal("")]).optional(),
  name: text,
  kind: z.int().min(0).max(5).default(0),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes: Attributes,
  links: z
    .array(z.looseObject({ traceId: hex(32), spanId: hex(16) }))
    .max(200)
    .default([]),
  status: z.looseObject({ code: z.int().optional() }).optional(),
});
const TraceRequest = z.looseObject({
  resourceSpans: z
    .array(
      z.looseObject({
        resource: z.looseObject({ attributes: Attributes }).optional(),
        scopeSpans: z.array(z.looseObject({ spans: z.array(OtlpSpan).max(10_000) })).max(100),
      }),
    )
    .max(100),
});

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
}

export interface TraceSpan extends SpanLink {
  readonly parentSpanId: string | undefined;
  readonly service: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly failed: boolean;
  readonly attributes: ReadonlyMap<string, string>;
  readonly links: readonly SpanLink[];
}

/** @throws ZodError on what is not a trace request. */
export function readSpans(request: unknown): readonly TraceSpan[] {
  return TraceRequest.parse(request).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = mapOf(resource?.attributes ?? []).get("service.name") ?? "unknown";
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => read(service, span)));
  });
}

function read(service: string, span: z.infer<typeof OtlpSpan>): TraceSpan {
  const errorCode = 2; // STATUS_CODE_ERROR
  const { traceId, spanId, name, parentSpanId = "" } = span;
  return {
    traceId,
    spanId,
    parentSpanId: parentSpanId === "" ? undefined : parentSpanId,
    service,
    name,
    startMs: Number(BigInt(span.startTimeUnixNano) / 1000n) / 1000,
    endMs: Number(BigInt(span.endTimeUnixNano) / 1000n) / 1000,
    failed: span.status?.code === errorCode,
    attributes: mapOf(span.attributes),
    links: span.links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
  };
}

const mapOf = (attributes: z.infer<typeof Attributes>): ReadonlyMap<string, string> =>
  new Map(
    attributes.map(({ key, value }) => [
      key,
      String(value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue ?? ""),
    ]),
  );
