// A CLIENT span around one call to another system. Callers give ids and names of ours only; a URL, a name of a
// person or a text of an answer has no place here, and would not be exported (`telemetry-names.ts`).

import { type Span, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { type AttributeKey, attribute } from "./telemetry-names.ts";

export type SpanAttributes = { readonly [Key in AttributeKey]?: string | number };

export interface OpenSpan {
  readonly set: (attributes: SpanAttributes) => void;
  /** It did not go well: a short code of ours or the other side's. */
  readonly fail: (code: string) => void;
}

/** @throws what `call` throws; the span then carries the error's name. */
export const tracedCall = <Answer>(
  name: string,
  attributes: SpanAttributes,
  call: (span: OpenSpan) => Promise<Answer>,
): Promise<Answer> => inSpan(name, SpanKind.CLIENT, attributes, call);

/** The same for work inside this process, for example the execution of a tool. */
export const tracedWork = <Answer>(
  name: string,
  attributes: SpanAttributes,
  work: (span: OpenSpan) => Promise<Answer>,
): Promise<Answer> => inSpan(name, SpanKind.INTERNAL, attributes, work);

function inSpan<Answer>(
  name: string,
  kind: SpanKind,
  attributes: SpanAttributes,
  work: (span: OpenSpan) => Promise<Answer>,
): Promise<Answer> {
  const options = { kind, attributes: { ...attributes } };
  return trace.getTracer("@niivo/host").startActiveSpan(name, options, async (span) => {
    try {
      return await work({
        set: (more) => span.setAttributes({ ...more }),
        fail: (code) => failed(span, code),
      });
    } catch (error) {
      failed(span, error instanceof Error ? error.name : "throw");
      throw error;
    } finally {
      span.end();
    }
  });
}

function failed(span: Span, code: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute(attribute.errorType, code);
}
