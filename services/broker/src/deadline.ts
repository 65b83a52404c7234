// Deadlines of outbound calls.

import { callMs } from "./ports.ts";

/** Aborts when the work is over or this one call has taken too long, whichever is first. */
export const callSignal = (work: { readonly signal: AbortSignal }): AbortSignal =>
  AbortSignal.any([work.signal, AbortSignal.timeout(callMs)]);
