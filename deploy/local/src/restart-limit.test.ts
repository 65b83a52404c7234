import { expect, test } from "vitest";
import { restartLimit } from "./restart-limit.ts";

test("a part is started again five times in two minutes, each time later, and then no more", () => {
  const mayRestart = restartLimit(() => 1000);
  const waits = Array.from({ length: 6 }, () => mayRestart("broker", "signal SIGSEGV"));
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, undefined]);
  expect(mayRestart("audit", "exit code 70")).toBe(250);
});

test("what ended long ago does not count", () => {
  let now = 0;
  const mayRestart = restartLimit(() => now);
  for (let i = 0; i < 5; i += 1) mayRestart("broker", "exit code 1");
  now = 120_001;
  expect(mayRestart("broker", "exit code 1")).toBe(250);
});

test("a wrong configuration is not started again: it would be the same", () => {
  expect(restartLimit(() => 0)("policy", "exit code 78")).toBeUndefined();
});
