// In memory, one core: the judges against bare parse, canonicalise and hash; leaf hashes against bare SHA-256.

import { hash } from "node:crypto";
import { canonicalJson } from "@niivo/contracts/canonical";
import { entryHash } from "@niivo/contracts/evidence";
import { bytesOf } from "@niivo/contracts/evidence/bytes";
import type { CompactRange } from "@niivo/contracts/evidence/tree";
import { evidenceJudge, staleAfterMs } from "@niivo/verify/evidence-judge";
import { chainEntries } from "./chain-entries.ts";
import { type Extent, median, rate, rounded } from "./figures.ts";

/** @param range what is trusted already; absent: nothing. */
export const judgeFrom = (range: CompactRange | undefined) =>
  evidenceJudge({
    policy: { logs: [], witnesses: [], groups: [], quorum: "none" },
    given: [],
    ...(range === undefined ? {} : { start: { range } }),
    hasValues: false,
    now: new Date(),
    staleAfterMs,
  });

export function measureVerify({ isQuick, rounds }: Extent) {
  const bytes = [...chainEntries(isQuick ? 20_000 : 50_000)].map(({ text }) => bytesOf(text));
  const parsed = (one: Uint8Array): unknown => JSON.parse(Buffer.from(one).toString());
  const works = {
    full: () => {
      const judge = judgeFrom(undefined);
      for (const one of bytes) judge.add({ bytes: one });
      const { verdicts } = judge.end();
      if (verdicts.integrity !== "OK") throw new Error("the bench's chain is broken");
    },
    bare: () => {
      for (const one of bytes) hash("sha256", canonicalJson(parsed(one)));
    },
    hashOnly: () => {
      for (const one of bytes) entryHash(one);
    },
    sha: () => {
      for (const one of bytes) hash("sha256", one);
    },
  };
  const names = ["full", "bare", "hashOnly", "sha"] as const;
  const figures = { full: [], bare: [], hashOnly: [], sha: [] } as Record<
    (typeof names)[number],
    number[]
  >;
  for (let round = 0; round < rounds; round += 1)
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const from = performance.now();
      works[name]();
      figures[name].push(performance.now() - from);
    }
  const of = (name: (typeof names)[number]) => rate(bytes.length, median(figures[name]));
  return {
    verifyPerSecond: of("full"),
    parseCanonicaliseHashPerSecond: of("bare"),
    verifyShare: rounded(of("full") / of("bare")),
    hashOnlyPerSecond: of("hashOnly"),
    sha256PerSecond: of("sha"),
    hashOnlyShare: rounded(of("hashOnly") / of("sha")),
  };
}
