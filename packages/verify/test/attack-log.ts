// The small log that is attacked, and what an attack on it is: rows as somebody leaves them, at one position, with the
// exact answer that every reader must come to, whichever way the rows reach it.

import { type Entry, entryBytes, entryHash } from "@niivo/contracts/evidence";
import type { ValueLine } from "@niivo/contracts/evidence/bundle";
import { bytesOf } from "@niivo/contracts/evidence/bytes";
import type { z } from "zod";
import { type Aspect, type AspectVerdict, aspects, type Report } from "../src/judge/verdict.ts";
import { approvedStory, begun, chain, checkpointOf, sealedStory } from "./sealed-chain.ts";

export const tell = begun();
approvedStory(tell);
/** One approved action, with a checkpoint after entries 5, 9 and the last. */
export const entries = sealedStory(tell);
export const size = entries.length;
const marks: readonly number[] = [5, 9, size];
export const notes = marks.map((mark) => ({ size: mark, note: checkpointOf(entries, mark) }));
export const positions: readonly number[] = entries.map((_, seq) => seq);
export const entryAt = (seq: number): Entry => JSON.parse(entries[seq] ?? "");
export const textOf = (entry: object): string => Buffer.from(entryBytes(entry as Entry)).toString();
export const hashOf = (text: string): string => entryHash(bytesOf(text));

/** In the place of an entry: its text, its hash alone, a text beside another's hash, or nothing at all. */
export type Row =
  | string
  | { readonly pruned: string }
  | { readonly text: string; readonly hash: string }
  | undefined;

export interface Attacked {
  /** By place. A place without a row is one from which a row was removed. */
  readonly rows: readonly Row[];
  readonly notes: readonly { readonly size: number; readonly note: string }[];
  /** The messages behind the commitments, where they are asked for. */
  readonly values?: readonly z.infer<typeof ValueLine>[];
}

export interface Answer {
  readonly exitCode: number;
  /** `CODE from-to`. */
  readonly findings: readonly string[];
  /** Those that are not OK. */
  readonly verdicts: Partial<Record<Aspect, AspectVerdict>>;
}

type Path = "database" | "export" | "wire";

export interface Attack {
  readonly name: string;
  readonly positions: readonly number[];
  readonly change: (at: number) => Attacked;
  readonly answer: (at: number) => Answer;
  /** Paths that cannot express it, and why. */
  readonly not?: Partial<Record<Path, string>>;
}

export const rowPerNumber = "a store has one row for each number";
export const storedHashes = "only a store keeps hashes beside the bytes";

export const withRows = (rows: readonly Row[]): Attacked => ({ rows, notes });
export const range = (from: number, to: number): string =>
  from === to ? `${from}` : `${from}-${to}`;

/** The newest checkpoint that says nothing about this entry or a later one. */
const markBefore = (seq: number): number => Math.max(0, ...marks.filter((mark) => mark <= seq));
/** Where the first checkpoint over this entry begins to disagree, and where it ends. */
export const marked = (seq: number): string =>
  range(markBefore(seq), (marks.find((mark) => mark > seq) ?? size) - 1);

/** How a reader answers where the bytes are wrong from this entry on: no checkpoint after it covers anything. */
export function broken(
  first: number,
  integrity: AspectVerdict,
  findings: readonly string[],
  found = size,
  more: Answer["verdicts"] = {},
): Answer {
  const mark = markBefore(first);
  return {
    exitCode: 40,
    findings: [...findings, `UNANCHORED ${range(mark, found - 1)}`],
    verdicts: {
      integrity,
      anchoring: "UNANCHORED",
      conduct: "NOT_JUDGED",
      ...(mark === 0 ? { freshness: "NOT_JUDGED" } : {}),
      ...more,
    },
  };
}

export const answerOf = ({ exitCode, findings, verdicts }: Report): Answer => ({
  exitCode,
  findings: findings.map(({ code, from, to }) => `${code} ${range(from, to)}`).toSorted(),
  verdicts: Object.fromEntries(
    aspects.flatMap((aspect) =>
      verdicts[aspect] === "OK" ? [] : [[aspect, verdicts[aspect]] as const],
    ),
  ),
});
export const sorted = (answer: Answer): Answer => ({
  ...answer,
  findings: answer.findings.toSorted(),
});

/** As somebody with all rights to the store would: changes entries, or leaves them out, and links all others anew. */
export function recomputed(change: (entry: Entry) => Entry | undefined): readonly string[] {
  let prev = chain;
  const log: string[] = [];
  for (const seq of positions) {
    const changed = change(entryAt(seq));
    if (changed === undefined) continue;
    const text = textOf({ ...changed, seq: log.length, prev });
    log.push(text);
    prev = hashOf(text);
  }
  return log;
}
