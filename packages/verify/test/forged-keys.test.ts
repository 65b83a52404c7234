// Somebody who holds none of the policy's keys writes entries that give keys of their own a meaning, or puts one note
// that others vouch for beside a note that nobody does.

import { bytesOf } from "@niivo/contracts/evidence/bytes";
import { describe, expect, test } from "vitest";
import { foundText } from "../src/judge/chain-judge.ts";
import { givenCheckpoint } from "../src/judge/checkpoint-judge.ts";
import { evidenceJudge, staleAfterMs } from "../src/judge/evidence-judge.ts";
import { judgeProofs } from "../src/judge/proof-judge.ts";
import type { Report } from "../src/judge/verdict.ts";
import {
  approvedStory,
  begun,
  chain,
  checkpointOf,
  now,
  origin,
  policyIn,
  proofIn,
  sealedStory,
  signer,
  unwitnessedText,
  vault,
  witness,
  witnessedText,
} from "./sealed-chain.ts";

const stranger = signer(origin, "ecdsa");

function chainOf(rotation?: { readonly vkey: string; readonly replaces: string }) {
  const tell = begun();
  if (rotation !== undefined) tell.control("key.rotate", rotation);
  approvedStory(tell);
  return sealedStory(tell);
}
const genuine = chainOf();
const backward = chainOf({ vkey: vault.key.vkey, replaces: stranger.key.vkey });
const forward = chainOf({ vkey: stranger.key.vkey, replaces: vault.key.vkey });
const rotation = 2;

function judgeLog(log: readonly string[], notes: readonly string[]): Report {
  const judging = evidenceJudge({
    policy: policyIn(unwitnessedText),
    given: notes.flatMap((note) => givenCheckpoint(note, false) ?? []),
    hasValues: false,
    now,
    staleAfterMs,
  });
  for (const entry of log) judging.add(foundText(entry));
  return judging.end();
}

interface Shown {
  readonly log: readonly string[];
  readonly seq: number;
  readonly note: string;
  readonly size: number;
}
const judgeShown = (shown: readonly Shown[], policy = unwitnessedText): Report =>
  judgeProofs({
    policy: policyIn(policy),
    items: shown.map(({ log, seq, note, size }) => ({
      bytes: bytesOf(log[seq] ?? ""),
      proof: proofIn(log, seq, note, size),
    })),
    chain,
    trusted: [],
  });

describe("V5: a chain of one's own", () => {
  const size = backward.length;

  test("that says the policy's key had replaced one's own", () => {
    expect(judgeLog(backward, [checkpointOf(backward, size, [stranger])])).toMatchObject({
      exitCode: 50,
      verdicts: { integrity: "OK", keys: "KEY_UNKNOWN", anchoring: "UNANCHORED" },
      signedSize: 0,
    });
  });

  test("the same, with a genuine checkpoint of another tree beside it", () => {
    const notes = [checkpointOf(genuine, 5, [vault]), checkpointOf(backward, size, [stranger])];
    expect(judgeLog(backward, notes)).toMatchObject({
      exitCode: 40,
      verdicts: { integrity: "ALTERED", keys: "KEY_UNKNOWN" },
    });
  });

  test("that says one's own had replaced the policy's", () => {
    const notes = [checkpointOf(genuine, 5, [vault]), checkpointOf(forward, size, [stranger])];
    expect(judgeLog(forward, notes)).toMatchObject({
      exitCode: 40,
      verdicts: { integrity: "ALTERED", keys: "KEY_EPOCH" },
    });
  });
});

describe("V5: entries with proofs", () => {
  const size = backward.length;
  const real = { log: genuine, seq: 0, note: checkpointOf(genuine, 13, [vault]), size: 13 };

  test("under one's own key, which the policy's is said to have replaced", () => {
    const note = checkpointOf(backward, size, [stranger]);
    const shown = [0, rotation, 5].map((seq) => ({ log: backward, seq, note, size }));
    expect(judgeShown(shown)).toMatchObject({
      exitCode: 50,
      unattested: 3,
      verdicts: { keys: "KEY_UNKNOWN", anchoring: "UNANCHORED" },
    });
  });

  test.each([rotation, 6])(
    "under one's own key, which is said to have replaced the policy's: entry %i",
    (seq) => {
      const note = checkpointOf(forward, size, [stranger]);
      const shown = [
        real,
        ...[rotation, seq].map((one) => ({ log: forward, seq: one, note, size })),
      ];
      expect(judgeShown(shown)).toMatchObject({
        exitCode: 50,
        verdicts: { keys: "KEY_EPOCH", anchoring: "UNANCHORED" },
      });
    },
  );
});

describe("V14: a witness of one tree", () => {
  const seen = { log: genuine, seq: 4, note: checkpointOf(genuine, 9, [vault, witness]), size: 9 };
  const size = forward.length;
  const unseen = { log: forward, seq: 6, note: checkpointOf(forward, size, [vault]), size };

  test("attests no entry of another", () => {
    expect(judgeShown([seen], witnessedText)).toMatchObject({ exitCode: 0, unattested: 0 });
    expect(judgeShown([seen, unseen], witnessedText)).toMatchObject({
      exitCode: 10,
      signedSize: size,
      witnessedSize: 9,
      unattested: 1,
      verdicts: { anchoring: "UNANCHORED" },
      findings: [{ code: "UNANCHORED", from: 6, to: 6 }],
    });
  });

  test("attests an entry of that tree, whichever note of it stands in the entry's proof", () => {
    const bare = { ...seen, seq: 6, note: checkpointOf(genuine, 9, [vault]) };
    expect(judgeShown([seen, bare], witnessedText)).toMatchObject({ exitCode: 0, unattested: 0 });
  });
});
