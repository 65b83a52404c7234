// The attack matrix: every change that somebody could make to a small log, at every position of it, with the exact
// answer that it must give: here through the files of a bundle whose manifest was made to fit.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { foundText } from "../src/judge/chain-judge.ts";
import { givenCheckpoint } from "../src/judge/checkpoint-judge.ts";
import { evidenceJudge, staleAfterMs } from "../src/judge/evidence-judge.ts";
import { attackedBundle, verifiedIn } from "./attack-bundle.ts";
import { answerOf, entries, notes, sorted } from "./attack-log.ts";
import { attacks } from "./attack-table.ts";
import { now, policyIn, witnessedText } from "./sealed-chain.ts";

const work = mkdtempSync(join(tmpdir(), "niivo-attacks-"));
afterAll(() => rmSync(work, { recursive: true }));
const policy = policyIn(witnessedText);

test("1: the honest log is in order in every respect", async () => {
  const report = await verifiedIn(work, attackedBundle({ rows: entries, notes }));
  expect(answerOf(report)).toEqual({ exitCode: 0, findings: [], verdicts: {} });
});

describe.each(attacks)("$name", (attack) => {
  const { change, answer, not } = attack;
  if (not?.export !== undefined) {
    test.skip(`not in an export: ${not.export}`, () => {});
    return;
  }
  test.each(attack.positions)("at %i", async (at) => {
    const report = await verifiedIn(work, attackedBundle(change(at)));
    expect(answerOf(report)).toEqual(sorted(answer(at)));
  });
});

test("2: any byte that is flipped is an alteration, found at its entry or at the one after it", () => {
  const given = notes.flatMap(({ note }) => givenCheckpoint(note, false) ?? []);
  for (const [seq, entry] of entries.entries())
    for (let position = 0; position < entry.length; position += 1) {
      const bytes = Buffer.from(entry);
      bytes[position] = (bytes[position] ?? 0) ^ 1;
      const judging = evidenceJudge({ policy, given, hasValues: false, now, staleAfterMs });
      for (const [at, text] of entries.entries())
        judging.add(at === seq ? { bytes } : foundText(text));
      const { exitCode, verdicts, findings } = judging.end();
      const where = `entry ${seq}, byte ${position}`;
      expect([exitCode, verdicts.integrity], where).toEqual([40, "ALTERED"]);
      const isNear = findings.every(
        ({ code, from, to }) =>
          code === "UNANCHORED" ||
          // A flipped time of the newest entry stands before the time of the entry before it, too.
          (code === "REORDERED" && from === seq && seq === entries.length - 1) ||
          (code === "ALTERED" && from <= seq && seq <= to && to - from <= 4),
      );
      expect(isNear, where).toBe(true);
    }
}, 240_000);
