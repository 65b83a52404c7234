// A limit for calls of a library that has none of its own, or one that it does not keep.

/** The call did not end in time; whether it had an effect is unknown. */
export class TimeLimitError extends Error {
  readonly code = "time-limit";
  constructor(what: string, limitMs: number) {
    super(`${what} did not end within ${limitMs} ms`);
    this.name = "TimeLimitError";
  }
}

/**
 * Ends with the call, or after `limitMs` whatever the call does: its signal is aborted then, and what it still answers
 * goes nowhere.
 * @throws what the call throws, or TimeLimitError.
 */
export async function limited<Answer>(
  what: string,
  limitMs: number,
  call: (signal: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const controller = new AbortController();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new TimeLimitError(what, limitMs));
    controller.abort();
  }, limitMs);
  try {
    return await Promise.race([call(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
