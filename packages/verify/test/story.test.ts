// Conduct: stories that break a rule, each with its finding, in chains whose every byte is right; and honest
// histories, which give no finding at all.

import { describe, expect, test } from "vitest";
import { foundText } from "../src/judge/chain-judge.ts";
import { givenCheckpoint } from "../src/judge/checkpoint-judge.ts";
import { type EvidenceCase, evidenceJudge, staleAfterMs } from "../src/judge/evidence-judge.ts";
import type { Report } from "../src/judge/verdict.ts";
import {
  approvedStory,
  at,
  begun,
  checkpointOf,
  now,
  origin,
  people,
  policyIn,
  type Signer,
  type StoryOptions,
  sealedStory,
  signer,
  vault,
  witness,
  witnessedText,
} from "./sealed-chain.ts";

type Teller = ReturnType<typeof begun>;

function judgeLog(
  entries: readonly string[],
  notes: readonly string[],
  options: Partial<EvidenceCase> = {},
): Report {
  const judging = evidenceJudge({
    policy: policyIn(witnessedText),
    given: notes.flatMap((note) => givenCheckpoint(note, false) ?? []),
    hasValues: false,
    now,
    staleAfterMs,
    ...options,
  });
  for (const entry of entries) judging.add(foundText(entry));
  return judging.end();
}

/** The report on a chain that was told, under one checkpoint of all of it. */
function judge(tell: Teller): Report {
  const entries = sealedStory(tell);
  return judgeLog(entries, [checkpointOf(entries, entries.length)]);
}

function told(...options: readonly StoryOptions[]): Teller {
  const tell = begun();
  for (const one of options) approvedStory(tell, one);
  return tell;
}

const codesOf = (report: Report): readonly string[] => report.findings.map(({ code }) => code);
const seqOf = (tell: Teller, type: string): number =>
  tell.told.findIndex((one) => one.type === type);

describe("honest histories give no finding", () => {
  test.each([
    ["one approved action", told({})],
    ["two people grant", told({ quorum: 2, grantedBy: [people.boss, people.chief] })],
    ["several tickets", told({ name: "one" }, { name: "two" }, { name: "three" })],
    ["a start that still runs", told({ without: ["action.completed.v1"] })],
    [
      "a denied action",
      told({
        without: [
          "action.allowed.v1",
          "credential.access.v1",
          "action.started.v1",
          "action.completed.v1",
        ],
      }),
    ],
    ["a start under the newest kill revision", killed({ confirmedAt: 1, revision: 4 })],
    [
      "a start before the switch was pressed, sealed late",
      killed({ confirmedAt: 100, revision: 3 }),
    ],
  ])("%s", (_, tell) => {
    const report = judge(tell);
    expect(report.findings).toEqual([]);
    expect(report.exitCode).toBe(0);
  });

  test("a chain that grew over two keys, rotated inside it, with both lines for one interval", () => {
    const next: Signer = signer(origin, "ecdsa");
    const tell = told({ name: "one" });
    tell.control("key.rotate", { vkey: next.key.vkey, replaces: vault.key.vkey });
    approvedStory(tell, { name: "two" });
    tell.control("key.retired", { vkey: vault.key.vkey });
    approvedStory(tell, { name: "three" });
    const entries = sealedStory(tell);
    const [rotated, retired] = [seqOf(tell, "key.rotate"), seqOf(tell, "key.retired")];
    const honest = [
      checkpointOf(entries, rotated, [vault, witness]),
      checkpointOf(entries, rotated + 2, [vault, next, witness]),
      checkpointOf(entries, entries.length, [next, witness]),
    ];
    const report = judgeLog(entries, honest);
    expect(report.findings).toEqual([]);
    expect(report).toMatchObject({ exitCode: 0, witnessedSize: entries.length });
    // An auditor who has only the newest key reads the same history.
    const newest = policyIn(witnessedText.replace(vault.key.vkey, next.key.vkey));
    expect(judgeLog(entries, honest, { policy: newest }).findings).toEqual([]);
    // The old key after it was retired, and the new one before it was announced.
    const late = judgeLog(entries, [
      ...honest,
      checkpointOf(entries, retired + 3, [vault, witness]),
    ]);
    expect(codesOf(late)).toEqual(["KEY_EPOCH"]);
    const early = judgeLog(entries, [checkpointOf(entries, rotated, [next, witness]), ...honest]);
    expect(codesOf(early)).toEqual(["KEY_EPOCH"]);
  });

  test("erased values are counted and in order, withheld ones are not", () => {
    const withValues = (...erased: readonly string[]): Report => {
      const tell = begun();
      tell.say("tickets", "ticket.opened.v1", { commit: { message: "c".repeat(64) } });
      for (const one of erased) tell.control("erasure", { count: 1, entries: one });
      const entries = sealedStory(tell);
      return judgeLog(entries, [checkpointOf(entries, entries.length)], { hasValues: true });
    };
    expect(withValues("2")).toMatchObject({
      exitCode: 0,
      erased: 1,
      verdicts: { privacy: "ERASED" },
    });
    // Two orders may name the same entry, and it was erased once.
    expect(withValues("2", "1-2", "2")).toMatchObject({ exitCode: 0, erased: 2 });
    expect(withValues("")).toMatchObject({ exitCode: 20, verdicts: { completeness: "WITHHELD" } });
  });
});

interface Killed {
  readonly confirmedAt: number;
  readonly revision: number;
}

/** The broker confirms revision 4 of the kill switch; then a start with some revision is sealed. */
function killed({ confirmedAt, revision }: Killed): Teller {
  const tell = begun();
  tell.say("broker", "enforcement.confirmed.v1", {
    name: "switch",
    detail: { revision: 4 },
    occurredAt: at(confirmedAt),
  });
  approvedStory(tell, { revision });
  return tell;
}

describe("a story that breaks a rule has its finding", () => {
  const findingsOf = (tell: Teller): readonly string[] =>
    judge(tell).findings.map(({ code, from }) => `${code} ${tell.told[from]?.type}`);

  test.each<[string, StoryOptions, readonly string[]]>([
    [
      "V8, V9: nobody allowed it",
      { without: ["action.allowed.v1"] },
      ["ACCESS_WITHOUT_ALLOW credential.access.v1", "UNAUTHORIZED action.started.v1"],
    ],
    [
      "V8, V9: the agent did not request it",
      { without: ["action.requested.v1"] },
      ["ACCESS_WITHOUT_ALLOW credential.access.v1", "UNAUTHORIZED action.started.v1"],
    ],
    [
      "V8, V9: nobody granted what is said to be granted",
      { without: ["approval.granted.v1"] },
      ["ACCESS_WITHOUT_ALLOW credential.access.v1", "UNAUTHORIZED action.started.v1"],
    ],
    ["V10: one of two", { quorum: 2 }, ["APPROVAL_SHORT action.allowed.v1"]],
    [
      "V10: one person named twice",
      { quorum: 2, grantedBy: [people.boss, people.boss] },
      ["APPROVAL_SHORT action.allowed.v1"],
    ],
    [
      "V10: of two who granted neither had voted before",
      { quorum: 2, grantedBy: [people.boss, people.chief], voters: [] },
      ["APPROVAL_SHORT action.allowed.v1"],
    ],
    ["V10: the requester", { grantedBy: [people.anna] }, ["APPROVER_EXCLUDED action.allowed.v1"]],
    ["V10: too late", { grantedAt: at(1800) }, ["APPROVAL_LATE action.allowed.v1"]],
  ])("%s", (_, options, expected) => {
    const tell = told(options);
    expect(findingsOf(tell)).toEqual(expected);
    expect(judge(tell).exitCode).toBe(20);
  });

  test("V10: people were asked, and policy allowed it without them", () => {
    const tell = told({});
    const seq = seqOf(tell, "action.allowed.v1");
    const { grantedBy: _by, ...detail } = tell.told[seq]!.detail;
    tell.told[seq] = { ...tell.told[seq]!, detail: { ...detail, mode: "log" } };
    expect(findingsOf(tell)).toEqual(["APPROVAL_SHORT action.allowed.v1"]);
  });

  test("V8: a start on the receipt of another action, or of none", () => {
    const tell = told({ name: "one" }, { name: "two" });
    const starts = tell.told.flatMap(({ type }, seq) =>
      type === "action.started.v1" ? [seq] : [],
    );
    const [first, second] = starts as [number, number];
    tell.told[second] = { ...tell.told[second]!, detail: tell.told[first]!.detail };
    expect(findingsOf(tell)).toEqual(["UNAUTHORIZED action.started.v1"]);
    tell.told[second] = { ...tell.told[second]!, detail: {} };
    expect(findingsOf(tell)).toEqual(["UNAUTHORIZED action.started.v1"]);
  });

  test("V8: two actions on receipts of one nonce", () => {
    const nonced = (second: string) => {
      const tell = told({ name: "one", nonce: "a".repeat(64) });
      approvedStory(tell, { name: "two", nonce: second });
      return codesOf(judge(tell));
    };
    expect(nonced("b".repeat(64))).toEqual([]);
    expect(nonced("a".repeat(64))).toEqual(["RECEIPT_REUSED"]);
  });

  test("V8: an action that is started twice uses its receipt twice", () => {
    const tell = told({});
    const start = tell.told[seqOf(tell, "action.started.v1")]!;
    tell.say("broker", "action.started.v1", { action: start.action!, detail: start.detail });
    expect(findingsOf(tell)).toEqual([
      "STARTED_TWICE action.started.v1",
      "RECEIPT_REUSED action.started.v1",
    ]);
  });

  test("V9: a credential for an action without a digest", () => {
    const tell = told({});
    tell.say("broker", "credential.access.v1", { detail: { purpose: "action" } });
    expect(findingsOf(tell)).toEqual(["ACCESS_WITHOUT_ALLOW credential.access.v1"]);
  });

  test("V11: a start without an outcome, when the time for it is over", () => {
    const tell = told({ without: ["action.completed.v1"] });
    const last = tell.told.length - 1;
    const entries = sealedStory(tell);
    const late = sealedStory({
      ...tell,
      told: tell.told.with(last, { ...tell.told[last]!, ...({ sealedAt: at(3600) } as object) }),
    });
    expect(judgeLog(entries, [checkpointOf(entries, entries.length)]).pending).toBe(1);
    const report = judgeLog(late, [checkpointOf(late, late.length)], { now: new Date(at(3660)) });
    expect(codesOf(report)).toEqual(["OUTCOME_MISSING"]);
  });

  test("V12: a start under an older kill revision than was confirmed before it", () => {
    expect(findingsOf(killed({ confirmedAt: 1, revision: 3 }))).toEqual([
      "STARTED_AFTER_KILL action.started.v1",
    ]);
  });

  test("a message that a counter shows to be missing, used twice, or waited for in vain", () => {
    const change = (sequence: number): readonly string[] => {
      const tell = told({});
      const seq = seqOf(tell, "ticket.resolved.v1");
      const { event } = tell.told[seq]!;
      tell.told[seq] = { ...tell.told[seq]!, event: { ...event!, sequence } };
      return findingsOf(tell);
    };
    expect(change(5)).toEqual(["INGRESS_GAP ticket.resolved.v1"]);
    expect(change(1)).toEqual(["INGRESS_CONFLICT ticket.resolved.v1"]);
    const tell = told({});
    const seq = seqOf(tell, "ticket.resolved.v1");
    const event = { ...tell.told[seq]!.event!, cause: "0b0e9a5c-53ce-8a3e-8b1f-2f6d3c1a4e55" };
    tell.told[seq] = { ...tell.told[seq]!, event, gap: { cause: true, missing: 0 } };
    expect(findingsOf(tell)).toEqual(["INGRESS_GAP ticket.resolved.v1"]);
  });

  test("V13: on a broken chain the story is not judged", () => {
    const entries = sealedStory(told({ without: ["action.allowed.v1"] }));
    const report = judgeLog(entries.toSpliced(4, 1), []);
    expect(report.verdicts.conduct).toBe("NOT_JUDGED");
    expect(codesOf(report)).not.toContain("UNAUTHORIZED");
  });
});
