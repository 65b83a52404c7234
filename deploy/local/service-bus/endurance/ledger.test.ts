// The ledger itself: it must see each kind of broken promise, or the kill rounds prove nothing.

import { expect, test } from "vitest";
import { createLedger } from "./ledger.ts";

const nothing = { waiting: [], dead: [], deferred: [] };

test("K1: a sent message that is nowhere is a problem", () => {
  const ledger = createLedger();
  ledger.sending("a");
  expect(ledger.problems(nothing)).toEqual([]);
  ledger.sent("a");
  expect(ledger.problems(nothing)).toHaveLength(1);
  expect(ledger.problems({ ...nothing, waiting: ["a"] })).toEqual([]);
});

test("K1: a settlement without an answer may have been done or not, but nothing else", () => {
  const ledger = createLedger();
  ledger.sending("a");
  ledger.sent("a");
  ledger.settling("a", "completed");
  expect(ledger.problems(nothing)).toEqual([]);
  expect(ledger.problems({ ...nothing, waiting: ["a"] })).toEqual([]);
  expect(ledger.problems({ ...nothing, dead: ["a"] })).toHaveLength(1);
});

test("K2: what was settled is neither delivered nor found elsewhere", () => {
  const ledger = createLedger();
  ledger.sending("a");
  ledger.sent("a");
  ledger.settling("a", "completed");
  ledger.settled("a", "completed");
  expect(() => ledger.received("a")).toThrow("K2");
  expect(ledger.problems({ ...nothing, waiting: ["a"] })).toHaveLength(1);
  expect(ledger.problems(nothing)).toEqual([]);
});

test("K3: strangers and doubles are problems", () => {
  const ledger = createLedger();
  ledger.sending("a");
  expect(() => ledger.received("b")).toThrow("K3");
  expect(ledger.problems({ ...nothing, waiting: ["a", "a"] })).toHaveLength(1);
  expect(ledger.problems({ ...nothing, dead: ["b"] })).toHaveLength(1);
});
