// The local anchor: one file per chain in a folder that is not the store's, a line per checkpoint, only ever appended.
//
// Invariants:
//   F1. A checkpoint is on the disk before it counts as anchored.
//   F2. A file that is shorter than it was, or ends with a larger or another tree, is left as it is and refused: either
//       it was cut, or the store is an older copy.

import { closeSync, fstatSync, fsyncSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Hex256 } from "@niivo/contracts/envelope";
import { z } from "zod";
import { type Anchor, type AnchorAnswer, type Anchored, anchorLine } from "./anchor.ts";

const AnchorLine = z.strictObject({
  size: z.int().min(1),
  root: Hex256,
  signedAt: z.string(),
  note: z.string(),
});
/** A line has some hundred bytes, at most those of a note. */
const tailBytes = 64 * 1024;

/** @param folder on another disk than the store where there is one. */
export function fileAnchor(folder: string): Anchor {
  const lengths = new Map<string, number>();
  return {
    name: "file",
    takes: () => true,
    append: async (checkpoint) => {
      mkdirSync(folder, { recursive: true });
      const path = join(folder, `${checkpoint.chain}.jsonl`);
      // Only ever appended, also by whoever else has it open.
      const file = openSync(path, "a+", 0o600);
      try {
        const answer = appendLine(file, checkpoint, lengths.get(path) ?? 0);
        lengths.set(path, fstatSync(file).size);
        return answer;
      } finally {
        closeSync(file);
      }
    },
  };
}

function appendLine(file: number, checkpoint: Anchored, knownLength: number): AnchorAnswer {
  const { size: length } = fstatSync(file);
  if (length < knownLength) return { kind: "refused", code: "anchor-shrank" }; // F2
  const last = lastLine(file, length);
  if (last === "unreadable") return { kind: "refused", code: "anchor-unreadable" };
  const problem = problemOf(last, checkpoint);
  if (problem !== undefined) return { kind: "refused", code: problem };
  writeSync(file, anchorLine(checkpoint));
  fsyncSync(file); // F1
  return { kind: "anchored" };
}

/** Why this checkpoint cannot follow the one that the anchor has last (F2). */
export function problemOf(
  last: { readonly size: number; readonly root: string } | undefined,
  { size, root, tookBefore }: Anchored,
): string | undefined {
  if ((last?.size ?? 0) < tookBefore) return "anchor-shrank";
  if (last === undefined) return undefined;
  if (last.size > size) return "anchor-is-ahead";
  return last.size === size && last.root !== root ? "anchor-has-a-fork" : undefined;
}

function lastLine(
  file: number,
  length: number,
): z.infer<typeof AnchorLine> | undefined | "unreadable" {
  if (length === 0) return undefined;
  const from = Math.max(0, length - tailBytes);
  const buffer = Buffer.alloc(length - from);
  readSync(file, buffer, 0, buffer.length, from);
  return lastAnchorLine(buffer.toString("utf8"));
}

/** The last whole line of an anchor. A line that a loss of power cut is passed over: it was never anchored. */
export function lastAnchorLine(
  tail: string,
): z.infer<typeof AnchorLine> | undefined | "unreadable" {
  const lines = tail.split("\n").filter((line) => line !== "");
  for (const line of lines.reverse()) {
    const parsed = anchorLineIn(line);
    if (parsed !== undefined) return parsed;
  }
  return lines.length === 0 ? undefined : "unreadable";
}

function anchorLineIn(line: string): z.infer<typeof AnchorLine> | undefined {
  try {
    return AnchorLine.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
