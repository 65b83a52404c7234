// Deadlines of outbound calls.

import { callMs } from "./ports.ts";

/** Aborts when the work is over or this one call has taken too long, whichever is first. */
export const callSignal = (work: { readonly signal: AbortSignal }): AbortSignal =>
  AbortSignal.any([work.signal, AbortSignal.timeout(callMs)]);

/**
 * Ends when the signal aborts, whatever the call does: @azure/identity takes an abort signal and goes on
 * waiting for the token endpoint. What the abandoned call still answers goes nowhere.
 * @throws the signal's reason.
 */
export async function within<Answer>(
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([call(signal), aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
