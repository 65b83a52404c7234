// Spans around what the host does with messages, and the W3C traceparent that carries a trace from message to
// message. Attributes hold ids and names only (OpenTelemetry semantic conventions for messaging, v1.44).
//
// A message's creation context is the span that handled its cause. Its handling is a child of that, so a ticket
// is one trace; a timer's is a trace of its own that links to it, because it may come weeks later. What many
// messages are decided by together is a span with a link to each.

import type { Envelope } from "@niivo/contracts/envelope";
import { isTimer } from "@niivo/contracts/measures";
import { pathOf, type Subscription } from "@niivo/contracts/topology";
import {
  type Context,
  context,
  isSpanContextValid,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import type { Delivery, Outgoing } from "./bus.ts";
import { measurePublished } from "./measured.ts";
import { recordSeconds } from "./metrics.ts";
import type { Outcome } from "./settlement.ts";
import { attribute } from "./telemetry-names.ts";

const tracer = () => trace.getTracer("@niivo/host");

/** The span of this moment as a traceparent (W3C Trace Context, version 00). */
export function activeTraceparent(): string | undefined {
  const span = trace.getActiveSpan();
  return span === undefined ? undefined : traceparentOf(span);
}

/** Are both of one trace? */
export const isSameTrace = (one: string | undefined, other: string | undefined): boolean =>
  one?.split("-")[1] === other?.split("-")[1];

const aboutMessage = (envelope: Envelope) => ({
  [attribute.messagingSystem]: "servicebus",
  [attribute.messageId]: envelope.id,
  [attribute.conversationId]: envelope.correlationid,
  [attribute.messageType]: envelope.type,
});

/** One CONSUMER span for the handling of one message, a child of what the message carries. */
export function tracedProcess(
  subscription: Subscription,
  {
    envelope,
    deliveryCount,
    now,
  }: Pick<Delivery, "deliveryCount"> & {
    readonly envelope: Envelope;
    readonly now: Date;
  },
  work: (traceparent: string | undefined) => Promise<Outcome>,
): Promise<Outcome> {
  const { topic, name } = subscription;
  const where = { [attribute.destination]: topic, [attribute.subscription]: name };
  recordSeconds("messageAge", (now.getTime() - Date.parse(envelope.time)) / 1000, where);
  const created = spanContextOf(envelope.traceparent);
  const isLinked = created !== undefined && isTimer(envelope.type);
  const options = {
    kind: SpanKind.CONSUMER,
    attributes: {
      ...aboutMessage(envelope),
      ...where,
      [attribute.operationName]: "process",
      [attribute.operationType]: "process",
      ...(deliveryCount > 0 ? { [attribute.deliveryCount]: deliveryCount } : {}),
    },
    ...(isLinked ? { links: [{ context: created }] } : {}),
  };
  const parent = isLinked ? ROOT_CONTEXT : parentOf(envelope.traceparent);
  return tracer().startActiveSpan(
    `process ${pathOf(subscription)}`,
    options,
    parent,
    async (span) => {
      try {
        // What a timer leads to goes on in the trace in which it was set.
        const carried = isLinked ? envelope.traceparent : traceparentOf(span);
        const outcome = await work(carried ?? envelope.traceparent);
        if (outcome.kind !== "handled")
          fail(span, outcome.kind === "poison" ? outcome.code : outcome.kind);
        return outcome;
      } finally {
        span.end();
      }
    },
  );
}

/**
 * Runs `work` in the span of the one item it is about, or in a span of its own that links to all of them.
 * @param contexts as `currentContext` gave them when the items came in.
 */
export function tracedTurn<Answer>(
  topic: string,
  contexts: readonly Context[],
  work: () => Promise<Answer>,
): Promise<Answer> {
  const [only = ROOT_CONTEXT] = contexts;
  if (contexts.length < 2) return context.with(only, work);
  const spans = contexts.flatMap((one) => trace.getSpan(one) ?? []);
  const options = {
    kind: SpanKind.INTERNAL,
    attributes: { [attribute.batchCount]: contexts.length },
    links: spans.map((span) => ({ context: span.spanContext() })),
  };
  return tracer().startActiveSpan(`decide ${topic}`, options, ROOT_CONTEXT, async (batch) => {
    for (const span of spans) span.addLink({ context: batch.spanContext() });
    try {
      return await work();
    } finally {
      batch.end();
    }
  });
}

/** The span of this moment, for `tracedTurn`. */
export const currentContext = (): Context => context.active();

/** One CLIENT span per message that `send` publishes: the creation context is the cause's, not this one. */
export async function tracedSend(
  topic: string,
  messages: readonly Outgoing[],
  send: () => Promise<void>,
): Promise<void> {
  const spans = messages.map(({ envelope, notBefore }) =>
    tracer().startSpan(
      `send ${topic}`,
      {
        kind: SpanKind.CLIENT,
        attributes: {
          ...aboutMessage(envelope),
          [attribute.operationName]: notBefore === undefined ? "send" : "schedule",
          [attribute.operationType]: "send",
          [attribute.destination]: topic,
        },
        links: linksFrom(envelope.traceparent),
      },
      parentOf(envelope.traceparent),
    ),
  );
  try {
    await send();
    for (const { envelope } of messages) measurePublished(envelope);
  } catch (error) {
    for (const span of spans) fail(span, error instanceof Error ? error.name : "throw");
    throw error;
  } finally {
    for (const span of spans) span.end();
  }
}

/** To the span of this moment, where the message goes on in another trace. */
function linksFrom(traceparent: string | undefined): Link[] {
  const active = trace.getActiveSpan()?.spanContext();
  const carried = spanContextOf(traceparent);
  const isElsewhere = active !== undefined && carried !== undefined;
  return isElsewhere && active.traceId !== carried.traceId ? [{ context: active }] : [];
}

function fail(span: Span, type: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute(attribute.errorType, type);
}

function traceparentOf(span: Span): string | undefined {
  const its = span.spanContext();
  if (!isSpanContextValid(its)) return undefined;
  return `00-${its.traceId}-${its.spanId}-${its.traceFlags.toString(16).padStart(2, "0")}`;
}

/** What a traceparent names; the envelope's schema has checked its form. */
function spanContextOf(traceparent: string | undefined) {
  if (traceparent === undefined) return undefined;
  const [, traceId = "", spanId = "", flags = ""] = traceparent.split("-");
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return { traceId, spanId, traceFlags, isRemote: true };
}

function parentOf(traceparent: string | undefined): Context {
  const created = spanContextOf(traceparent);
  return created === undefined ? context.active() : trace.setSpanContext(ROOT_CONTEXT, created);
}
