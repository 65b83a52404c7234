// Reads the entries of a chain one after the other and recomputes links and roots. What it holds does not grow with
// the chain, except by what is wrong with it.
//
// Invariants:
//   V3. Links are compared with recomputed hashes. What an entry says of itself counts only where its link holds.
//   V4. Nothing is selected, skipped or softened by a field that nobody authenticated.

import type { Entry } from "@niivo/contracts/evidence";
import { chainId } from "@niivo/contracts/evidence";
import { bytesOf, hexOf } from "@niivo/contracts/evidence/bytes";
import { controlIn, controlTypes, Genesis, type Range } from "@niivo/contracts/evidence/control";
import { readEntry } from "@niivo/contracts/evidence/read-entry";
import {
  type CompactRange,
  type Hash,
  leafHashHex,
  rootOf,
  withLeaf,
} from "@niivo/contracts/evidence/tree";
import { takeNumber } from "./ranges.ts";
import type { FindingCode, Findings } from "./verdict.ts";

/** Where the reading begins: at the beginning, or after entries that were verified before. */
export interface ChainStart {
  readonly range: CompactRange;
  /** The hash of the entry before, unless nothing is known of it. */
  readonly prev?: string;
  /** The id of the chain, where it is known. */
  readonly chain?: string;
}

/** An entry as it was found. `hash` was stored beside the bytes: it proves nothing and shows which side changed. */
export interface Found {
  readonly bytes: Uint8Array;
  readonly hash?: string;
}

export interface ChainJudge {
  /** @returns the entry, where it stands in its place and nothing is wrong with it. */
  readonly add: (found: Found) => { readonly entry: Entry; readonly hash: string } | undefined;
  /** The leaf hash of an entry whose bytes were pruned. */
  readonly addPruned: (hash: Hash) => void;
  /** To be called once, after the last entry. */
  readonly end: () => void;
  readonly chain: () => string | undefined;
  /** The next number. */
  readonly size: () => number;
  /** The lowest number from which on no root can be compared any more; infinity where all can. */
  readonly firstBreak: () => number;
  readonly entries: () => number;
  readonly head: () => { readonly seq: number; readonly hash: string } | undefined;
  readonly range: () => CompactRange;
  readonly root: () => Hash;
}

interface Read {
  readonly seq: number;
  readonly hash: string;
  /** What the next entry may be linked to; absent where this one was reported and its hash says nothing. */
  readonly links: readonly string[] | undefined;
  readonly sealedAt: string;
  readonly writer: number;
}

interface Reading {
  readonly found: Findings;
  firstBreak: number;
  range: CompactRange;
  chain: string | undefined;
  entries: number;
  expected: number;
  previous: Read | undefined;
  last: Read | undefined;
  /** Numbers that were passed over so far. */
  readonly missing: Range[];
  /** Links by number around a disorder, and the entries whose neighbour was elsewhere. */
  readonly kept: Map<number, string[]>;
  readonly loose: Entry[];
  /** What an entry says about time and writer, until the link after it shows that it says it itself. */
  doubt: { readonly seq: number; readonly detail: string } | undefined;
}

export function chainJudge(found: Findings, start: ChainStart): ChainJudge {
  const { size } = start.range;
  const reading: Reading = {
    found,
    firstBreak: Number.POSITIVE_INFINITY,
    range: start.range,
    chain: start.chain,
    entries: 0,
    expected: size,
    previous:
      size === 0
        ? undefined
        : {
            seq: size - 1,
            hash: start.prev ?? "",
            links: start.prev === undefined ? undefined : [start.prev],
            sealedAt: "",
            writer: 0,
          },
    last: undefined,
    missing: [],
    kept: new Map(),
    loose: [],
    doubt: undefined,
  };
  return {
    add: (one) => add(reading, one),
    addPruned: (hash) => addPruned(reading, hash),
    end: () => end(reading),
    chain: () => reading.chain,
    size: () => reading.expected,
    firstBreak: () => reading.firstBreak,
    entries: () => reading.entries,
    head: () => reading.last && { seq: reading.last.seq, hash: reading.last.hash },
    range: () => reading.range,
    root: () => rootOf(reading.range),
  };
}

function add(reading: Reading, { bytes, hash: stored }: Found): ReturnType<ChainJudge["add"]> {
  reading.entries += 1;
  const hash = leafHashHex(bytes);
  const leaf = Buffer.from(hash, "hex");
  const read = readEntry(bytes);
  const isChanged = stored !== undefined && stored !== hash;
  if (read.kind === "refused" || isChanged) {
    const detail = read.kind === "refused" ? `is no entry: ${read.reason}` : "its bytes changed";
    addChanged(reading, leaf, stored, detail);
    return undefined;
  }
  const { entry } = read;
  const problem = ownProblem(reading, entry);
  if (problem !== undefined) {
    addChanged(reading, leaf, undefined, problem);
    return undefined;
  }
  reading.chain ??= entry.chain;
  const isLinked = compareWithPrevious(reading, entry);
  const isPlaced = place(reading, entry.seq, leaf);
  const { seq, sealedAt, writer } = entry;
  remember(reading, { seq, hash, links: [hash], sealedAt, writer });
  return isLinked && isPlaced ? { entry, hash } : undefined;
}

// What is wrong with an entry whatever stands around it.
function ownProblem(reading: Reading, entry: Entry): string | undefined {
  const { previous, expected, chain } = reading;
  // Linked to the entry before it, it is in its place, so another number is not its own.
  const isNext = previous !== undefined && previous.links?.includes(entry.prev) === true;
  if (isNext && entry.seq !== expected && previous.seq === expected - 1)
    return "its number is not that of its place";
  if (chain !== undefined && entry.chain !== chain) return "belongs to another chain";
  if (entry.seq === 0) return genesisProblem(entry);
  return previous === undefined && expected === 0 && entry.prev === entry.chain
    ? "the first entry is not number 0"
    : undefined;
}

// The genesis gives the chain its id, so nobody can put another beginning under the same id (L2).
function genesisProblem(entry: Entry): string | undefined {
  const genesis = controlIn(entry, controlTypes.genesis, Genesis);
  if (genesis === undefined) return "the first entry is not a genesis";
  if (chainId(genesis.nonce) !== entry.chain) return "the chain's id is not that of its nonce";
  return entry.prev === entry.chain ? undefined : "the genesis is linked to something";
}

// What a changed entry says of itself counts nothing, not even its number: it is the one expected here.
function addChanged(
  reading: Reading,
  leaf: Hash,
  stored: string | undefined,
  detail: string,
): void {
  const seq = reading.expected;
  broken(reading, "ALTERED", [seq, seq], detail);
  const { sealedAt = "", writer = 0 } = reading.previous ?? {};
  reading.expected = seq + 1;
  reading.range = withLeaf(reading.range, leaf);
  const links = stored === undefined ? undefined : [hexOf(leaf), stored];
  remember(reading, { seq, hash: hexOf(leaf), links, sealedAt, writer });
}

function addPruned(reading: Reading, leaf: Hash): void {
  const seq = reading.expected;
  reading.entries += 1;
  reading.expected = seq + 1;
  reading.range = withLeaf(reading.range, leaf);
  const { sealedAt = "", writer = 0 } = reading.previous ?? {};
  const hash = hexOf(leaf);
  remember(reading, { seq, hash, links: [hash], sealedAt, writer });
}

function remember(reading: Reading, read: Read): void {
  const { previous, last, kept } = reading;
  if (previous !== undefined && read.seq !== previous.seq + 1)
    for (const one of [previous, read])
      kept.set(one.seq, [...(kept.get(one.seq) ?? []), ...(one.links ?? [])]);
  reading.previous = read;
  if (last === undefined || read.seq > last.seq) reading.last = read;
}

// V3. A link to what an already reported entry once was is no second finding.
function compareWithPrevious(reading: Reading, entry: Entry): boolean {
  const { previous } = reading;
  const { seq, prev, sealedAt, writer } = entry;
  if (seq === 0) return true;
  if (previous?.seq !== seq - 1) {
    reading.loose.push(entry);
    return false;
  }
  if (previous.links !== undefined && !linksOf(reading, previous).includes(prev)) {
    // One of the two is not what it was; where one of them is the newest, which one cannot be told.
    broken(reading, "ALTERED", [seq - 1, seq], wrongLink);
    reading.doubt = undefined;
    return false;
  }
  settleDoubt(reading);
  if (sealedAt < previous.sealedAt)
    reading.doubt = { seq, detail: "sealed before the entry that stands before it" };
  else if (writer < previous.writer)
    reading.doubt = { seq, detail: "sealed by a writer that had been replaced" };
  return true;
}

const wrongLink = "a link is not the hash of the entry before it";

/** After it, the tree over what is here is not the one that was signed. */
function broken(reading: Reading, code: FindingCode, [from, to]: Range, detail: string): void {
  reading.firstBreak = Math.min(reading.firstBreak, from);
  reading.found.add(code, from, to, detail);
}

function settleDoubt(reading: Reading): void {
  const { doubt, found } = reading;
  if (doubt !== undefined) found.add("REORDERED", doubt.seq, doubt.seq, doubt.detail);
  reading.doubt = undefined;
}

const linksOf = ({ kept }: Reading, { seq, links }: Read): readonly string[] => [
  ...(links ?? []),
  ...(kept.get(seq) ?? []),
];

// Finds the entry's place among the numbers; true where it is the one expected.
function place(reading: Reading, seq: number, leaf: Hash): boolean {
  const { expected, missing } = reading;
  if (seq < expected) {
    const isLate = takeNumber(missing, seq);
    if (isLate) broken(reading, "REORDERED", [seq, seq], "stands after a later entry");
    else broken(reading, "DUPLICATE", [seq, seq], "this number was already there");
    return false;
  }
  if (seq > expected) missing.push([expected, seq - 1]);
  reading.expected = seq + 1;
  reading.range = withLeaf(reading.range, leaf);
  return seq === expected;
}

function end(reading: Reading): void {
  const { missing, loose, kept } = reading;
  settleDoubt(reading);
  for (const range of missing) broken(reading, "GAP", range, "entries are missing");
  for (const { seq, prev } of loose)
    if (kept.get(seq - 1)?.includes(prev) === false)
      broken(reading, "ALTERED", [seq - 1, seq], wrongLink);
}

/** The bytes of a text that a store kept. A lone surrogate becomes something else, and so is found. */
export const foundText = (text: string, hash?: string): Found =>
  hash === undefined ? { bytes: bytesOf(text) } : { bytes: bytesOf(text), hash };
