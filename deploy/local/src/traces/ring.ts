// The recent spans, bounded by count: the oldest go first.

import type { TraceSpan } from "./otlp.ts";

export interface SpanRing {
  readonly add: (spans: readonly TraceSpan[]) => void;
  /** In the order in which they came. */
  readonly all: () => readonly TraceSpan[];
}

export function spanRing(spansMax: number): SpanRing {
  const slots: TraceSpan[] = [];
  let next = 0;
  return {
    add: (spans) => {
      for (const span of spans) {
        slots[next] = span;
        next = (next + 1) % spansMax;
      }
    },
    all: () =>
      slots.length < spansMax ? [...slots] : [...slots.slice(next), ...slots.slice(0, next)],
  };
}
