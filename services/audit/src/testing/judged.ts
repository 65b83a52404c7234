// What the verifier says of a chain that a test sealed, without checkpoints.

import { bytesOf } from "@niivo/contracts/evidence/bytes";
import { evidenceJudge, staleAfterMs } from "@niivo/verify/evidence-judge";
import type { Report } from "@niivo/verify/verdict";
import type { SealTurns } from "./seal-turns.ts";
import { startsAt } from "./story.ts";

export function judged(turns: SealTurns): Report {
  const { chain, size, headHash } = turns.head();
  const judge = evidenceJudge({
    policy: { logs: [], witnesses: [], groups: [], quorum: "none" },
    given: [],
    head: { chain, size, headHash },
    hasValues: false,
    now: startsAt,
    staleAfterMs,
  });
  for (const { text, hash } of turns.sealed()) judge.add({ bytes: bytesOf(text), hash });
  return judge.end();
}

/** What is wrong, apart from what no checkpoint covers: there is none here. */
export const faultsIn = ({ findings }: Report) =>
  findings.filter(({ code }) => code !== "UNANCHORED");
