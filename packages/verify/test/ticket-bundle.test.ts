// A ticket's bundle with values: each value against its commitment, what is missing against the orders, and every
// lie that somebody could put into such a bundle.

import { messageCommitment } from "@niivo/contracts/evidence";
import { bytesOf } from "@niivo/contracts/evidence/bytes";
import { describe, expect, test } from "vitest";
import type { GivenValue } from "../src/judge/evidence-judge.ts";
import { judgeProofs, type ProvedEntry } from "../src/judge/proof-judge.ts";
import {
  begun,
  chain,
  checkpointOf,
  people,
  policyIn,
  proofIn,
  sealedStory,
  witnessedText,
} from "./sealed-chain.ts";

const salt = "5".repeat(64);
const message = (text: string) => ({ text });
const commit = (text: string) => ({ commit: { message: messageCommitment(salt, message(text)) } });

const tell = begun();
const first = tell.say("tickets", "ticket.opened.v1", { actor: people.anna, ...commit("opened") });
const other = tell.say("tickets", "ticket.opened.v1", { name: "two", ...commit("other") });
const middle = tell.say("agent", "ticket.waiting.v1", commit("waiting"));
const gone = tell.say("agent", "ticket.waiting.v1", commit("gone"));
const last = tell.say("agent", "ticket.resolved.v1", {
  outcome: "resolved",
  ...commit("resolved"),
});
const order = tell.told.length;
tell.control("erasure", { person: people.anna, count: 1, entries: String(gone) });
const entries = sealedStory(tell);
const size = entries.length;
const note = checkpointOf(entries, size);
const ticket = tell.told[first]?.ticket?.id ?? "";

const item = (seq: number, text?: string): ProvedEntry => {
  const value: GivenValue | undefined =
    text === undefined ? undefined : { salt, message: message(text) };
  return {
    bytes: bytesOf(entries[seq] ?? ""),
    proof: proofIn(entries, seq, note, size),
    ...(value === undefined ? {} : { value }),
  };
};
const honest: readonly ProvedEntry[] = [
  item(0),
  item(first, "opened"),
  item(middle, "waiting"),
  item(gone),
  item(last, "resolved"),
  item(order),
];
const judge = (items: readonly ProvedEntry[], hasValues = true) =>
  judgeProofs({ policy: policyIn(witnessedText), items, ticket, chain, trusted: [], hasValues });
const codes = (items: readonly ProvedEntry[]) => judge(items).findings.map(({ code }) => code);

test("an honest one is in order, with what was erased by an order in it", () => {
  expect(judge(honest)).toMatchObject({ exitCode: 0, erased: 1, verdicts: { privacy: "ERASED" } });
  expect(judge(honest).notProven.join()).toContain("Its end is among them");
});

test("a ticket that has not ended says that more may have come", () => {
  expect(judge(honest.toSpliced(4, 1)).notProven.join()).toContain("it has not ended here");
});

describe("somebody lies", () => {
  test.each<[string, readonly ProvedEntry[], number, string]>([
    ["a middle entry is dropped", honest.toSpliced(2, 1), 40, "GAP"],
    ["the first entry is dropped", honest.toSpliced(1, 1), 40, "GAP"],
    ["a value is altered", honest.with(2, item(middle, "changed")), 40, "ALTERED"],
    ["a value is another entry's", honest.with(2, item(middle, "opened")), 40, "ALTERED"],
    ["a value is withheld", honest.with(2, item(middle)), 20, "WITHHELD"],
    ["the order of an erasure is not there", honest.slice(0, -1), 20, "WITHHELD"],
    [
      "a proof is swapped",
      honest.with(2, { ...item(middle, "waiting"), proof: proofIn(entries, gone, note, size) }),
      40,
      "ALTERED",
    ],
    ["an entry of another ticket is among them", [...honest, item(other, "other")], 40, "ALTERED"],
    ["an entry stands there twice", [...honest, item(middle, "waiting")], 40, "DUPLICATE"],
    ["an entry of no ticket is among them", [...honest, item(1)], 40, "ALTERED"],
    [
      "an erasure is made up",
      honest.with(-1, {
        ...item(order),
        bytes: bytesOf(
          (entries[order] ?? "").replace(`"entries":"${gone}"`, `"entries":"${first}"`),
        ),
      }),
      40,
      "ALTERED",
    ],
  ])("V15, V17: %s", (_, items, exitCode, code) => {
    expect(judge(items).exitCode).toBe(exitCode);
    expect(codes(items)).toContain(code);
  });
});
