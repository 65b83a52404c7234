import { expect, test } from "vitest";
import { callSignal, within } from "./deadline.ts";

const never = () => new Promise<string>(() => {});

test("a call that does not listen to its signal ends with it all the same", async () => {
  const work = new AbortController();
  const ending = within(callSignal(work), never);
  work.abort(new Error("the lease is over"));
  await expect(ending).rejects.toThrow("the lease is over");
});
test("a call that fails after its end disturbs nobody", async () => {
  const work = new AbortController();
  const { promise, reject } = Promise.withResolvers<string>();
  const ending = within(work.signal, () => promise);
  work.abort(new Error("over"));
  await expect(ending).rejects.toThrow("over");
  reject(new Error("late")); // An unhandled rejection would fail this run.
});
test("a call in time gives its answer, or its own error", async () => {
  const { signal } = new AbortController();
  expect(await within(signal, async () => "answer")).toBe("answer");
  await expect(within(signal, () => Promise.reject(new Error("own")))).rejects.toThrow("own");
});
test("after the end nothing is called", async () => {
  let calls = 0;
  const call = async () => {
    calls += 1;
  };
  await expect(within(AbortSignal.abort(new Error("over")), call)).rejects.toThrow("over");
  expect(calls).toBe(0);
});
