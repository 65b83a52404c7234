// How long to wait before the next try: exponential, capped, with full jitter, and never past a drain.

import { setTimeout as delay } from "node:timers/promises";

const firstMs = 25;
const capMs = 5000;

/** Between nothing and `firstMs` doubled with every failure, at most `capMs`. */
export const backOffMs = (failures: number): number =>
  Math.random() * Math.min(capMs, firstMs * 2 ** Math.min(failures, 20));

/** Waits, or until `closing` aborts. Resolves in both cases. */
export async function pause(ms: number, closing: AbortSignal): Promise<void> {
  if (closing.aborted) return;
  try {
    await delay(ms, undefined, { signal: closing });
  } catch {
    // Only the signal can end the wait early, and the caller looks at it.
  }
}
