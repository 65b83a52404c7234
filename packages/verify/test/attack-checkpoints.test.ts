// The attack matrix, where checkpoints, keys, times and the beginning are attacked: what is no change of one row.

import type { Entry } from "@niivo/contracts/evidence";
import { checkpointText, parseCheckpoint } from "@niivo/contracts/evidence/checkpoint";
import { noteText, parseNote } from "@niivo/contracts/evidence/note";
import { describe, expect, test } from "vitest";
import { foundText } from "../src/judge/chain-judge.ts";
import { givenCheckpoint } from "../src/judge/checkpoint-judge.ts";
import { evidenceJudge, staleAfterMs } from "../src/judge/evidence-judge.ts";
import type { Report } from "../src/judge/verdict.ts";
import { entries, notes as marked, positions, recomputed, size, tell } from "./attack-log.ts";
import {
  checkpointOf,
  now,
  origin,
  policyIn,
  type Signer,
  sealed,
  signedNote,
  signer,
  software,
  unwitnessedText,
  vault,
  witness,
  witnessedText,
} from "./sealed-chain.ts";

const notes = marked.map(({ note }) => note);

interface Given {
  readonly log?: readonly string[];
  readonly notes?: readonly string[];
  readonly trusted?: readonly string[];
  readonly policy?: string;
  readonly at?: Date;
}

function judge(given: Given = {}): Report {
  const judging = evidenceJudge({
    policy: policyIn(given.policy ?? witnessedText),
    given: [
      ...(given.trusted ?? []).flatMap((note) => givenCheckpoint(note, true) ?? []),
      ...(given.notes ?? notes).flatMap((note) => givenCheckpoint(note, false) ?? []),
    ],
    hasValues: false,
    now: given.at ?? now,
    staleAfterMs,
  });
  for (const one of given.log ?? entries) judging.add(foundText(one));
  return judging.end();
}

/** `CODE from-to`, without what follows from every break: that the checkpoints after it cover nothing any more. */
const findingsOf = (report: Report): readonly string[] =>
  report.findings
    .filter(({ code }) => code !== "UNANCHORED")
    .map(({ code, from, to }) => `${code} ${from === to ? from : `${from}-${to}`}`);

describe("at every position", () => {
  test.each(positions)(
    "17: everything recomputed after %i and signed anew with the very key: a fork",
    (seq) => {
      const log = recomputed((entry) =>
        entry.seq === seq ? { ...entry, occurredAt: "2026-11-23T08:00:00.000Z" } : entry,
      );
      const renewed = checkpointOf(log, size, [vault, witness]);
      const report = judge({ log, notes: [renewed], trusted: [notes[2]!] });
      expect(report.verdicts.integrity).toBe("FORK");
      expect(report.exitCode).toBe(30);
      expect(report.contradiction?.toSorted()).toEqual([notes[2], renewed].toSorted());
    },
  );

  test.each(positions)("18: the same, grown by an entry, against an older checkpoint", (seq) => {
    const change = (entry: Entry) =>
      entry.seq === seq ? { ...entry, occurredAt: "2026-11-23T08:00:00.000Z" } : entry;
    const log = recomputed(change);
    const report = judge({ log, notes: [checkpointOf(log, size, [vault])], trusted: [notes[0]!] });
    expect(report.verdicts.integrity).toBe(seq < 5 ? "FORK" : "OK");
  });
});

describe("checkpoints", () => {
  const stranger: Signer = signer(origin, "ecdsa");
  const withNote = (note: string): Report => judge({ notes: [notes[0]!, notes[1]!, note] });

  test("19: none at all: nothing is attested, so nothing is verified", () => {
    const report = judge({ notes: [] });
    expect(report).toMatchObject({ exitCode: 50, unattested: size, signedSize: 0 });
    expect(report.verdicts).toMatchObject({ integrity: "OK", anchoring: "UNANCHORED" });
  });

  test("20: by another key of the same name", () => {
    const report = withNote(checkpointOf(entries, size, [stranger, witness]));
    expect(findingsOf(report)).toEqual([`KEY_UNKNOWN ${size - 1}`]);
    expect(report.exitCode).toBe(20);
  });

  test("21: all by another key, the log recomputed under it", () => {
    const log = recomputed((entry) => ({ ...entry, writer: 3 }));
    const report = judge({ log, notes: [checkpointOf(log, size, [stranger, witness])] });
    expect(report.verdicts.keys).toBe("KEY_UNKNOWN");
    expect(report.exitCode).toBe(50);
  });

  test("22: by the software key alone, which the policy does not name", () => {
    expect(findingsOf(withNote(checkpointOf(entries, size, [software, witness])))).toEqual([
      `KEY_UNKNOWN ${size - 1}`,
    ]);
  });

  test("23: without the witness that the policy asks for", () => {
    const report = withNote(checkpointOf(entries, size, [vault, software]));
    expect(report).toMatchObject({ exitCode: 10, signedSize: size, witnessedSize: 9 });
    expect(report.unattested).toBe(size - 9);
    expect(report.verdicts).toMatchObject({ integrity: "OK", anchoring: "UNANCHORED" });
  });

  test("23: a witness of entries that are not here vouches for none of those that are", () => {
    const unwitnessed = [checkpointOf(entries, 9, [vault]), notes[2]!];
    const report = judge({ log: entries.slice(0, 9), notes: unwitnessed });
    expect(report).toMatchObject({ signedSize: 9, witnessedSize: 0, exitCode: 50 });
  });

  test("24: of another chain, with its own origin", () => {
    const other = checkpointOf(entries, size, [vault], {
      origin: `audit.example/${"e".repeat(64)}`,
    });
    expect(withNote(other).verdicts.keys).toBe("KEY_UNKNOWN");
  });

  test("25: any character of it changed: it does not count, and never makes anything better", () => {
    const note = notes[2]!;
    for (let position = 0; position < note.length; position += 1) {
      const changed = `${note.slice(0, position)}${note[position] === "7" ? "8" : "7"}${note.slice(position + 1)}`;
      const given = givenCheckpoint(changed, false);
      const report = withNote(changed);
      const isCounted =
        given !== undefined && report.signedSize === size && report.witnessedSize === size;
      // The second line is of a key that the policy does not name, so nobody looks at it.
      const isSecondLine = changed.includes(noteLine(vault)) && changed.includes(noteLine(witness));
      const isFirstChanged = parseNote(changed)?.text !== parseNote(note)?.text;
      if (isCounted) expect(isSecondLine && !isFirstChanged, `character ${position}`).toBe(true);
    }
  });

  const noteLine = ({ key }: Signer): string => {
    const line = parseNote(notes[2]!)?.signatures.find(({ keyId }) => keyId === key.keyId);
    return noteText({ text: "", signatures: line === undefined ? [] : [line] }).trim();
  };

  test("26: two of one size with different roots: a fork, whatever the entries say", () => {
    const { root } = parseCheckpoint(parseNote(notes[1]!)?.text ?? "")!;
    const text = checkpointText({ origin, size, root, extensions: [] });
    const report = judge({ notes: [...notes, signedNote(text, [vault], 0)] });
    expect(report).toMatchObject({ exitCode: 30, verdicts: { integrity: "FORK" } });
    expect(report.contradiction).toBeDefined();
  });

  test("27: an older one with another root than the entries give: a fork with the newer", () => {
    const { root } = parseCheckpoint(parseNote(notes[1]!)?.text ?? "")!;
    const text = checkpointText({ origin, size: 7, root, extensions: [] });
    const report = judge({ notes: [...notes, signedNote(text, [vault], 0)] });
    expect(report.verdicts.integrity).toBe("FORK");
  });

  test("28: one that attests entries which are not here: the tail was cut", () => {
    const report = judge({ log: entries.slice(0, size - 2) });
    expect(report.truncated).toEqual({ attested: size, found: size - 2 });
    expect(report.exitCode).toBe(20);
  });

  test("29: an old snapshot, whole in itself, against the checkpoint kept from before", () => {
    const report = judge({
      log: entries.slice(0, 9),
      notes: notes.slice(0, 2),
      trusted: [notes[2]!],
    });
    expect(report.truncated).toEqual({ attested: size, found: 9 });
    expect(report.exitCode).toBe(20);
  });

  test("30: none newer than the limit: stale", () => {
    const report = judge({ at: new Date(now.getTime() + 60 * 60_000) });
    expect(report.verdicts).toMatchObject({ integrity: "OK", freshness: "STALE" });
    expect(report.exitCode).toBe(20);
  });

  test("31: with a line more than a checkpoint has", () => {
    const { root } = parseCheckpoint(parseNote(notes[2]!)?.text ?? "")!;
    const text = checkpointText({ origin, size, root, extensions: ["more"] });
    expect(givenCheckpoint(signedNote(text, [vault], 0), false)).toBeUndefined();
  });

  test("32: newest entries that none covers yet are in order, and counted", () => {
    const report = judge({ notes: notes.slice(0, 2) });
    expect(report).toMatchObject({ exitCode: 10, unattested: size - 9 });
    expect(report.notProven[0]).toMatch(/no accepted checkpoint covers them yet/);
  });

  test("33: without a witness in the policy, the answer says what it cannot know", () => {
    const report = judge({ policy: unwitnessedText });
    expect(report.exitCode).toBe(0);
    expect(report.notProven.join(" ")).toMatch(/the policy asks for no witness/);
  });
});

describe("the beginning", () => {
  test("34: nothing at all is never in order", () => {
    const report = judge({ log: [], notes: [] });
    expect(report).toMatchObject({ exitCode: 50, verdicts: { integrity: "NOT_JUDGED" } });
  });

  test("35: nothing, where checkpoints attest something", () => {
    const report = judge({ log: [] });
    expect(report.exitCode).toBe(50);
  });

  test("36: another genesis with the same id", () => {
    const log = sealed([
      { ...tell.told[0]!, detail: { nonce: "18".repeat(32), format: "audit-entry/1" } },
      ...tell.told.slice(1),
    ]);
    expect(findingsOf(judge({ log }))[0]).toMatch(/^ALTERED 0/);
  });

  test("37: a whole chain in the place of another: its id is not that of the policy's key", () => {
    const other = sealed(tell.told, { chain: "f".repeat(64) });
    const report = judge({ log: other });
    expect(report.exitCode).toBe(40);
  });

  test("38: a chain without a genesis", () => {
    const [first] = findingsOf(judge({ log: sealed(tell.told.slice(1)) }));
    expect(first).toBe("ALTERED 0");
  });
});

test("39: several breaks are all reported, each with its range", () => {
  const swapped = entries.with(2, entries[3]!).with(3, entries[2]!);
  const log = swapped.with(6, entries[6]!.replace("v1", "v2")).toSpliced(8, 2).slice(0, -1);
  const findings = findingsOf(judge({ log }));
  expect(findings).toContain("REORDERED 2");
  expect(findings.some((one) => one.startsWith("ALTERED 6"))).toBe(true);
  expect(findings).toContain("GAP 8-9");
  expect(findings).toContain(`TRUNCATED ${size - 1}`);
});
