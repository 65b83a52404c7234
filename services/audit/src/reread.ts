// Reads stored entries again before their tree is signed, and believes only their bytes: the hash is recomputed, the
// link is the recomputed hash of the entry before, the number is the place. Leaves of a tile already begun come along.

import { bytesOf, fromHex, hexOf } from "@niivo/contracts/evidence/bytes";
import {
  type CompactRange,
  compactRange,
  type Hash,
  hashBytes,
  leafHash,
  rootOf,
  withLeaf,
} from "@niivo/contracts/evidence/tree";
import type { StoreReader } from "@niivo/host/store";
import { z } from "zod";
import { tileHashes } from "./rows.ts";
import { readEntries } from "./stored-chain.ts";

const pageEntries = 500;

/** The tree as it was read last. */
export interface ReadSoFar {
  readonly size: number;
  readonly range: readonly string[];
  readonly headHash: string;
  /** What was signed of it. */
  readonly signed?: { readonly size: number; readonly root: string } | undefined;
}

export type Reread =
  | {
      readonly kind: "read";
      readonly range: CompactRange;
      /** Of the last entry. */
      readonly headHash: string;
      /** The hashes of the entries from `leavesFrom`, a multiple of 256, to the end. */
      readonly leaves: readonly Hash[];
      readonly leavesFrom: number;
    }
  | { readonly kind: "refused"; readonly seq: number; readonly reason: string };

const refused = (seq: number, reason: string): Reread => ({ kind: "refused", seq, reason });

/** Reads the entries from `sofar.size` to `upTo`. */
export async function reread(
  store: StoreReader,
  customer: string,
  sofar: ReadSoFar,
  upTo: number,
): Promise<Reread> {
  const begun = compactRange(
    sofar.size,
    sofar.range.flatMap((hash) => fromHex(hash, hashBytes) ?? []),
  );
  if (begun === undefined || upTo < sofar.size)
    return refused(upTo, "the chain is shorter than what was read of it before");
  const { signed } = sofar;
  if (signed?.size === sofar.size && hexOf(rootOf(begun)) !== signed.root)
    return refused(
      sofar.size,
      "the tree kept since the last checkpoint is not the one that was signed",
    ); // L22
  let range = begun;
  let previous = sofar.headHash;
  const leavesFrom = sofar.size - (sofar.size % tileHashes);
  const leaves: Hash[] = [];
  for (let from = leavesFrom; from < upTo; ) {
    const limit = Math.min(pageEntries, upTo - from);
    const page = await readEntries(store, customer, { from, limit });
    if (page.length < limit) return refused(from + page.length, "an entry is missing");
    for (const [index, { bytes, hash: stored }] of page.entries()) {
      const seq = from + index;
      const leaf = leafHash(bytesOf(bytes));
      leaves.push(leaf);
      if (seq < sofar.size) continue;
      const hash = hexOf(leaf);
      const problem = problemOf(bytes, seq, previous, hash === stored);
      if (problem !== undefined) return refused(seq, problem);
      previous = hash;
      range = withLeaf(range, leaf);
    }
    from += limit;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { kind: "read", range, headHash: previous, leaves, leavesFrom };
}

function problemOf(
  bytes: string,
  seq: number,
  previous: string,
  isAsStored: boolean,
): string | undefined {
  if (!isAsStored) return "the bytes are not those that were sealed";
  const entry = parsed(bytes);
  if (entry?.seq !== seq) return "the entry does not stand in its place";
  const before = seq === 0 ? entry.chain : previous;
  return entry.prev === before ? undefined : "the entry is not linked to the one before";
}

/** What links an entry; the verifier looks at the rest. */
const Link = z.object({ chain: z.string(), seq: z.int(), prev: z.string() });

function parsed(bytes: string): z.infer<typeof Link> | undefined {
  try {
    return Link.safeParse(JSON.parse(bytes)).data;
  } catch {
    return undefined;
  }
}
