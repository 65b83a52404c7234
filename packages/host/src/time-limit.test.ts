import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { limited, TimeLimitError } from "./time-limit.ts";

test("a call that ends in time gives its answer, and its signal is never aborted", async () => {
  const signal = await limited("it", 20, async (given) => given);
  await delay(40);
  expect(signal.aborted).toBe(false);
});

test("a call that throws in time throws its own error", async () => {
  const own = new Error("its own");
  await expect(limited("it", 1000, () => Promise.reject(own))).rejects.toBe(own);
});

test("a call that does not end is left, with its signal aborted, and may still throw", async () => {
  const { promise: never, reject } = Promise.withResolvers<string>();
  let given: AbortSignal | undefined;
  const answer = limited("it", 10, (signal) => {
    given = signal;
    return never;
  });
  await expect(answer).rejects.toThrow(TimeLimitError);
  expect(given?.aborted).toBe(true);
  reject(new Error("an unhandled one would fail this test"));
  await delay(1);
});
