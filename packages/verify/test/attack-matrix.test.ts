// The attack matrix: every change that somebody could make to a small log, at every position of it, with the exact
// verdict that it must give. The log is one approved action, with a checkpoint after entries 5, 9 and the last.

import { type Entry, entryBytes, entryHash } from "@niivo/contracts/evidence";
import { bytesOf } from "@niivo/contracts/evidence/bytes";
import { checkpointText, parseCheckpoint } from "@niivo/contracts/evidence/checkpoint";
import { noteText, parseNote } from "@niivo/contracts/evidence/note";
import { describe, expect, test } from "vitest";
import { type Found, foundText } from "../src/judge/chain-judge.ts";
import { givenCheckpoint } from "../src/judge/checkpoint-judge.ts";
import { evidenceJudge, staleAfterMs } from "../src/judge/evidence-judge.ts";
import type { Report } from "../src/judge/verdict.ts";
import {
  approvedStory,
  begun,
  chain,
  checkpointOf,
  now,
  origin,
  policyIn,
  type Signer,
  sealed,
  sealedStory,
  signedNote,
  signer,
  software,
  unwitnessedText,
  vault,
  witness,
  witnessedText,
} from "./sealed-chain.ts";

const tell = begun();
approvedStory(tell);
const entries = sealedStory(tell);
const size = entries.length;
const marks = [5, 9, size];
const notes = marks.map((mark) => checkpointOf(entries, mark));
const positions = entries.map((_, seq) => seq);
const entryAt = (seq: number): Entry => JSON.parse(entries[seq]!);
const textOf = (entry: Entry): string => Buffer.from(entryBytes(entry)).toString();

interface Given {
  readonly log?: readonly (string | Found)[];
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
  for (const one of given.log ?? entries)
    judging.add(typeof one === "string" ? foundText(one) : one);
  return judging.end();
}

/** `CODE from-to`, without what follows from every break: that the checkpoints after it cover nothing any more. */
const findingsOf = (report: Report): readonly string[] =>
  report.findings
    .filter(({ code }) => code !== "UNANCHORED")
    .map(({ code, from, to }) => `${code} ${from === to ? from : `${from}-${to}`}`);

/** As somebody with the store's rights would: changes entries and recomputes every link after. */
function recomputed(change: (entry: Entry) => Entry | undefined): readonly string[] {
  let prev = chain;
  const log: string[] = [];
  for (const seq of positions) {
    const changed = change(entryAt(seq));
    if (changed === undefined) continue;
    const text = textOf({ ...changed, seq: log.length, prev });
    log.push(text);
    prev = entryHash(bytesOf(text));
  }
  return log;
}

/** Where the first checkpoint at or after this entry's place begins to disagree. */
const markedRange = (seq: number): string => {
  const mark = marks.find((one) => one > seq) ?? size;
  const before = Math.max(0, ...marks.filter((one) => one <= seq));
  return before === mark - 1 ? `${before}` : `${before}-${mark - 1}`;
};

test("1: the honest log is in order in every respect", () => {
  const report = judge();
  expect(report.findings).toEqual([]);
  expect(report).toMatchObject({
    exitCode: 0,
    signedSize: size,
    witnessedSize: size,
    unattested: 0,
    verdicts: {
      integrity: "OK",
      completeness: "OK",
      freshness: "OK",
      anchoring: "OK",
      keys: "OK",
      privacy: "OK",
      conduct: "OK",
    },
  });
});

test("2: any byte that is flipped is an alteration, found at its entry or at the one after it", () => {
  for (const [seq, entry] of entries.entries())
    for (let position = 0; position < entry.length; position += 1) {
      const bytes = Buffer.from(entry);
      bytes[position] = (bytes[position] ?? 0) ^ 1;
      const report = judge({
        log: [...entries.slice(0, seq), { bytes }, ...entries.slice(seq + 1)],
      });
      const where = `entry ${seq}, byte ${position}: ${findingsOf(report).join(", ")}`;
      expect(report.exitCode, where).toBe(40);
      expect(report.verdicts.integrity, where).toBe("ALTERED");
      const isNear = report.findings
        .filter(({ code }) => code !== "UNANCHORED")
        // A flipped time of the newest entry stands before the time of the entry before it, too.
        .filter(({ code, from }) => !(code === "REORDERED" && from === seq && seq === size - 1))
        .every(
          ({ code, from, to }) => code === "ALTERED" && from <= seq && seq <= to && to - from <= 4,
        );
      expect(isNear, where).toBe(true);
    }
}, 240_000);

describe("at every position", () => {
  test.each(positions)("3: entry %i changed, everything else left alone", (seq) => {
    const log = entries.with(seq, textOf({ ...entryAt(seq), actor: "service:nobody" }));
    const last = seq === size - 1;
    const range = seq === 0 && !last ? "0-1" : last ? markedRange(seq) : `${seq}-${seq + 1}`;
    expect(findingsOf(judge({ log }))).toEqual([`ALTERED ${range}`]);
  });

  test.each(positions)("4: entry %i changed in a store that also keeps its hash", (seq) => {
    const bytes = bytesOf(textOf({ ...entryAt(seq), actor: "service:nobody" }));
    const hash = entryHash(bytesOf(entries[seq]!));
    const log: (string | Found)[] = [...entries];
    log[seq] = { bytes, hash };
    expect(findingsOf(judge({ log }))).toEqual([`ALTERED ${seq}`]);
  });

  test.each(positions)("5: entry %i dropped", (seq) => {
    const expected = seq === size - 1 ? `TRUNCATED ${seq}` : `GAP ${seq}`;
    const report = judge({ log: entries.toSpliced(seq, 1) });
    expect(findingsOf(report)).toEqual([expected]);
    expect(report.exitCode).toBe(seq === size - 1 ? 20 : 40);
  });

  test.each(positions)("6: entry %i twice", (seq) => {
    const report = judge({ log: entries.toSpliced(seq, 0, entries[seq]!) });
    expect(findingsOf(report)).toEqual([`DUPLICATE ${seq}`]);
    expect(report.exitCode).toBe(40);
  });

  test.each(positions.slice(1))("7: entry %i before the one before it", (seq) => {
    const log = entries.with(seq - 1, entries[seq]!).with(seq, entries[seq - 1]!);
    expect(findingsOf(judge({ log }))).toEqual([`REORDERED ${seq - 1}`]);
  });

  test.each(positions.slice(1))("8: the first %i entries cut off", (seq) => {
    const range = seq === 1 ? "0" : `0-${seq - 1}`;
    expect(findingsOf(judge({ log: entries.slice(seq) }))).toEqual([`GAP ${range}`]);
  });

  test.each(positions.slice(1))("9: cut off after %i entries", (seq) => {
    const report = judge({ log: entries.slice(0, seq) });
    const range = seq === size - 1 ? `${seq}` : `${seq}-${size - 1}`;
    expect(findingsOf(report).filter((one) => !one.startsWith("STALE"))).toEqual([
      `TRUNCATED ${range}`,
    ]);
    expect(report.truncated).toEqual({ attested: size, found: seq });
    expect(report.exitCode).toBe(seq < 5 ? 50 : 20);
  });

  test.each(positions.slice(1))("10: an entry of one's own making put in before %i", (seq) => {
    const forged = textOf({ ...entryAt(seq), actor: "service:nobody" });
    const report = judge({ log: entries.toSpliced(seq, 0, forged) });
    expect(report.verdicts.integrity).toBe("DUPLICATE");
    expect(findingsOf(report)).toEqual([`DUPLICATE ${seq}`]);
  });

  test.each(positions)("11: what is no entry in the place of %i", (seq) => {
    for (const text of ["", "null", "{}", '{"seq":', "[]", "x".repeat(70_000)])
      expect(findingsOf(judge({ log: entries.with(seq, text) })), text.slice(0, 9)).toEqual([
        `ALTERED ${seq}`,
      ]);
  });

  test.each(positions)("12: the same entry %i in other bytes", (seq) => {
    const entry = entries[seq]!;
    for (const text of [
      entry.replace(",", ", "),
      `${entry} `,
      JSON.stringify(Object.fromEntries(Object.entries(entryAt(seq)).toReversed())),
      entry.replace("{", `{"actor":"service:nobody",`),
      entry.replace('"audit-entry/1"', '"audit\\u002dentry/1"'),
      entry.replace(`"seq":${seq}`, `"seq":${seq}.0`),
    ])
      expect(findingsOf(judge({ log: entries.with(seq, text) })), text).toEqual([`ALTERED ${seq}`]);
  });

  test.each(positions)(
    "13: entry %i with a field that no version knows, or with null for one",
    (seq) => {
      for (const more of [
        { zzz: 1 },
        { outcome: null },
        { commit: null },
        { detail: { a: 1.5 } },
      ]) {
        const text = textOf({ ...entryAt(seq), ...more } as unknown as Entry);
        expect(findingsOf(judge({ log: entries.with(seq, text) }))).toEqual([`ALTERED ${seq}`]);
      }
    },
  );

  test.each(positions)("14: entry %i of another customer's chain", (seq) => {
    const text = textOf({ ...entryAt(seq), chain: "e".repeat(64) });
    const [first] = findingsOf(judge({ log: entries.with(seq, text) }));
    expect(first).toBe(`ALTERED ${seq}`);
  });

  test.each(positions)(
    "15: entry %i changed and the rest recomputed, with the old checkpoints",
    (seq) => {
      const log = recomputed((entry) => (entry.seq === seq ? { ...entry, writer: 2 } : entry)).map(
        (text) => text,
      );
      const report = judge({ log });
      expect(report.exitCode).toBe(40);
      expect(findingsOf(report)).toContain(`ALTERED ${markedRange(seq)}`);
    },
  );

  test.each(positions.slice(1, -1))("16: entry %i left out and the rest recomputed", (seq) => {
    const log = recomputed((entry) => (entry.seq === seq ? undefined : entry));
    const report = judge({ log });
    expect(report.exitCode).toBe(40);
    expect(report.verdicts.integrity).toBe("ALTERED");
    expect(report.truncated).toEqual({ attested: size, found: size - 1 });
  });

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
