// Many histories that nobody wrote by hand: honest ones, which give no alarm, and the same with one change somewhere,
// which always gives one. The numbers come from a seeded generator, so a failure can be repeated.

import { describe, expect, test } from "vitest";
import { foundText } from "../src/judge/chain-judge.ts";
import { givenCheckpoint } from "../src/judge/checkpoint-judge.ts";
import { evidenceJudge } from "../src/judge/evidence-judge.ts";
import type { Report } from "../src/judge/verdict.ts";
import {
  approvedStory,
  begun,
  checkpointOf,
  now,
  people,
  policyIn,
  type StoryOptions,
  sealedStory,
  witnessedText,
} from "./sealed-chain.ts";

/** A linear congruential generator (Numerical Recipes): good enough to choose cases. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Names as people and tools have them. Where they may stand, they change nothing. */
const words = [
  "plain",
  "Grüezi",
  "日本語",
  "👩‍💻",
  "e\u0301 is not \u00e9",
  'a"b\\c',
  "\u2028",
  "𝒳 after \uffff",
];

function history(seed: number): {
  readonly entries: readonly string[];
  readonly marks: readonly number[];
} {
  const pick = generator(seed);
  const tell = begun();
  const count = 1 + pick(4);
  for (let index = 0; index < count; index += 1) {
    const quorum = 1 + pick(2);
    const options: StoryOptions = {
      name: `${seed} ${index}`,
      quorum,
      grantedBy: [people.boss, people.chief].slice(0, quorum),
      ...(pick(3) === 0 ? { without: ["action.completed.v1"] } : {}),
    };
    approvedStory(tell, options);
    if (pick(2) === 0) tell.control("chain.heartbeat", { note: words[pick(words.length)] ?? "" });
    if (pick(3) === 0)
      tell.control("writer.takeover", { instance: words[pick(words.length)] ?? "" });
  }
  const entries = sealedStory(tell);
  const marks = [...new Set([1 + pick(entries.length), 1 + pick(entries.length), entries.length])];
  return { entries, marks: marks.toSorted((one, other) => one - other) };
}

function judge(entries: readonly string[], notes: readonly string[]): Report {
  const judging = evidenceJudge({
    policy: policyIn(witnessedText),
    given: notes.flatMap((note) => givenCheckpoint(note, false) ?? []),
    hasValues: false,
    now,
    staleAfterMs: 3_600_000,
  });
  for (const entry of entries) judging.add(foundText(entry));
  return judging.end();
}

const seeds = Array.from({ length: 60 }, (_, index) => index + 1);

test.each(seeds)("history %i is in order as it is, and after no change of it", (seed) => {
  const { entries, marks } = history(seed);
  const notes = marks.map((mark) => checkpointOf(entries, mark));
  const honest = judge(entries, notes);
  expect(honest.findings).toEqual([]);
  expect(honest.exitCode).toBe(0);
  const pick = generator(seed + 1000);
  for (let round = 0; round < 20; round += 1) {
    const at = pick(entries.length);
    const other = pick(entries.length);
    const place = pick((entries[at] ?? "").length);
    const text = entries[at] ?? "";
    const put = String.fromCharCode(32 + pick(90));
    const changes: readonly (readonly string[])[] = [
      entries.toSpliced(at, 1),
      entries.toSpliced(at, 0, entries[other] ?? ""),
      entries.with(at, entries[other] ?? "").with(other, text),
      entries.with(at, text.slice(0, place) + put + text.slice(place + 1)),
      entries.with(at, text.slice(0, place) + text.slice(place + 1)),
      entries.slice(0, at),
      entries.slice(at),
    ];
    for (const [kind, changed] of changes.entries()) {
      const isSame =
        changed.length === entries.length && changed.every((one, seq) => one === entries[seq]);
      const { exitCode } = judge(changed, notes);
      expect(exitCode >= 20, `round ${round}, change ${kind} at ${at}, ${other}, ${place}`).toBe(
        !isSame,
      );
    }
  }
});

describe("a checkpoint", () => {
  test.each(seeds.slice(0, 10))("of history %i proves nothing about another", (seed) => {
    const [one, other] = [history(seed), history(seed + 500)];
    const report = judge(one.entries, [checkpointOf(other.entries, other.entries.length)]);
    expect(report.exitCode).toBeGreaterThanOrEqual(40);
  });
});
