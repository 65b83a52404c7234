import { expect, test } from "vitest";
import { BusUnavailable } from "./bus-unavailable.ts";
import { FatalError } from "./fatal-error.ts";
import { InvalidOutput } from "./outgoing.ts";
import { type Outcome, outcomeAfterCommit, outcomeOfThrow, settlementOf } from "./settlement.ts";
import { StoreError } from "./store.ts";

const fatal = new FatalError("no credential");

test.each<[Outcome, string]>([
  [{ kind: "handled" }, "complete"],
  [{ kind: "poison", code: "too-old", detail: "old" }, "dead-letter"],
  [{ kind: "transient", reason: "store-unavailable" }, "release"],
  [{ kind: "fatal", error: fatal }, "release"],
])("%o is settled as %s", (outcome, kind) => {
  expect(settlementOf(outcome).kind).toBe(kind);
});

test.each<[unknown, object, object]>([
  [new StoreError("unavailable", "x"), { kind: "transient" }, { kind: "transient" }],
  [
    new StoreError("batch-too-large", "x"),
    { kind: "poison", code: "too-large" },
    { kind: "transient" },
  ],
  [new BusUnavailable("x"), { kind: "transient" }, { kind: "transient" }],
  [fatal, { kind: "fatal" }, { kind: "fatal" }],
  [new InvalidOutput("invalid-output", "x"), { code: "invalid-output" }, { kind: "transient" }],
  [new InvalidOutput("too-large", "x"), { code: "too-large" }, { kind: "transient" }],
  [new TypeError("x"), { kind: "poison", code: "decide-threw" }, { kind: "transient" }],
  ["x", { kind: "poison", code: "decide-threw" }, { kind: "transient" }],
])(
  "H1: a throw of %o before a commit may set aside, the same after it may not",
  (error, before, after) => {
    expect(outcomeOfThrow(error)).toMatchObject(before);
    expect(outcomeAfterCommit(error)).toMatchObject(after);
  },
);

test("the message of a throw, which may hold anything, is not in what is published", () => {
  expect(JSON.stringify(outcomeOfThrow(new RangeError("Summer2026!")))).not.toContain("Summer");
});
