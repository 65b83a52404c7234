// Spans around what the host does with messages, and the W3C traceparent that carries a trace from message to
// message. Attributes hold ids and names only (OpenTelemetry semantic conventions for messaging).

import type { Envelope } from "@niivo/contracts/envelope";
import { pathOf, type Subscription } from "@niivo/contracts/topology";
import {
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import type { Outgoing } from "./bus.ts";
import type { Outcome } from "./settlement.ts";

const tracer = () => trace.getTracer("@niivo/host");

/** The span of this moment as a traceparent (W3C Trace Context, version 00). */
export function activeTraceparent(): string | undefined {
  const span = trace.getActiveSpan();
  return span === undefined ? undefined : traceparentOf(span);
}

/** One CONSUMER span for the handling of one message, a child of what the message carries. */
export function tracedProcess(
  subscription: Subscription,
  envelope: Envelope,
  work: (traceparent: string | undefined) => Promise<Outcome>,
): Promise<Outcome> {
  const attributes = {
    "messaging.system": "servicebus",
    "messaging.operation.type": "process",
    "messaging.destination.name": subscription.topic,
    "messaging.destination.subscription.name": subscription.name,
    "messaging.message.id": envelope.id,
    "messaging.message.conversation_id": envelope.correlationid,
  };
  const parent = parentOf(envelope.traceparent);
  const options = { kind: SpanKind.CONSUMER, attributes };
  return tracer().startActiveSpan(
    `process ${pathOf(subscription)}`,
    options,
    parent,
    async (span) => {
      try {
        const outcome = await work(traceparentOf(span) ?? envelope.traceparent);
        if (outcome.kind !== "handled")
          span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.kind });
        return outcome;
      } finally {
        span.end();
      }
    },
  );
}

/** One PRODUCER span per message that `send` publishes. */
export async function tracedSend(
  topic: string,
  messages: readonly Outgoing[],
  send: () => Promise<void>,
): Promise<void> {
  const spans = messages.map(({ envelope }) =>
    tracer().startSpan(
      `send ${topic}`,
      {
        kind: SpanKind.PRODUCER,
        attributes: {
          "messaging.system": "servicebus",
          "messaging.operation.type": "send",
          "messaging.destination.name": topic,
          "messaging.message.id": envelope.id,
          "messaging.message.conversation_id": envelope.correlationid,
        },
      },
      parentOf(envelope.traceparent),
    ),
  );
  try {
    await send();
  } catch (error) {
    for (const span of spans) span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

function traceparentOf(span: Span): string | undefined {
  const its = span.spanContext();
  if (!isSpanContextValid(its)) return undefined;
  return `00-${its.traceId}-${its.spanId}-${its.traceFlags.toString(16).padStart(2, "0")}`;
}

/** The context a traceparent names; the envelope's schema has checked its form. */
function parentOf(traceparent: string | undefined) {
  if (traceparent === undefined) return context.active();
  const [, traceId = "", spanId = "", flags = ""] = traceparent.split("-");
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}
