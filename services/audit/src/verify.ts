// Recomputes a chain from its bytes and says everything that is wrong with it. Pure, and it reads entries
// one after the other, so a chain of any length fits.
//
// Invariants:
//   L8. Links are compared with recomputed hashes. A stored hash only says which of two entries changed.
//   L9. Every break is reported, not the first alone, and integrity, completeness and authorization each
//       have their own verdict. What builds on an unbroken chain is not judged on a broken one.

import { canonicalJson } from "@niivo/contracts/canonical";
import { chainId, Entry, entryHash } from "@niivo/contracts/evidence";
import { type Break, type BreakCode, concerns } from "./break.ts";
import { type Range, takeNumber } from "./ranges.ts";
import { type StoryJudge, storyJudge } from "./verify-story.ts";

/** An entry as it was found, in the order of its place. */
export interface Found {
  readonly bytes: string;
  /** The hash that was stored beside the bytes, if there is one. It proves nothing. */
  readonly hash?: string;
}

/** The end of the chain as the store's head row has it. */
export interface Attested {
  readonly chain: string;
  readonly size: number;
  readonly headHash: string;
}

export interface Verdict {
  readonly verdict: "OK" | "INCOMPLETE" | "BROKEN";
  readonly integrity: "OK" | "BROKEN";
  readonly completeness: "OK" | "INCOMPLETE";
  readonly authorization: "OK" | "BROKEN" | "NOT_JUDGED";
  readonly chain: string | undefined;
  /** How many entries were read. */
  readonly entries: number;
  readonly head: { readonly seq: number; readonly hash: string } | undefined;
  /** By sequence number, at most `breaksMax`. */
  readonly breaks: readonly Break[];
  readonly breaksFound: number;
}

export interface Verifier {
  readonly add: (found: Found) => void;
  /** @param attested absent where the store has no head row, which is a break of its own. */
  readonly end: (attested: Attested | undefined) => Verdict;
}

const breaksMax = 1000;

/** A verifier of one chain, from its first entry. */
export function verifier(): Verifier {
  const reading: Reading = {
    story: storyJudge(),
    breaks: [],
    codes: new Set(),
    missing: [],
    kept: new Map(),
    loose: [],
    breaksFound: 0,
    chain: undefined,
    entries: 0,
    expected: 0,
    previous: undefined,
    last: undefined,
  };
  return {
    add: (found) => add(reading, found),
    end: (attested) => end(reading, attested),
  };
}

/** An entry that was read, as far as its neighbours are compared with it. */
interface Read {
  readonly seq: number;
  /** Recomputed. */
  readonly hash: string;
  /** What the next entry may be linked to: the hash, and of an entry already reported the stored one. */
  readonly links: readonly string[];
  readonly sealedAt: string;
  readonly writer: number;
}

interface Reading {
  readonly story: StoryJudge;
  readonly breaks: Break[];
  readonly codes: Set<BreakCode>;
  /** Numbers that were passed over so far. */
  readonly missing: Range[];
  /** Links by sequence number around a disorder, and the entries whose neighbour was elsewhere. */
  readonly kept: Map<number, string[]>;
  readonly loose: Entry[];
  breaksFound: number;
  chain: string | undefined;
  entries: number;
  expected: number;
  previous: Read | undefined;
  /** The entry with the highest number. */
  last: Read | undefined;
}

function broken(reading: Reading, seq: number, code: BreakCode, detail: string): void {
  reading.breaksFound += 1;
  reading.codes.add(code);
  if (reading.breaks.length < breaksMax) reading.breaks.push({ seq, code, detail });
}

function add(reading: Reading, { bytes, hash: stored }: Found): void {
  reading.entries += 1;
  const hash = hashOf(bytes);
  const read = readEntry(bytes);
  if (read === undefined || (stored !== undefined && stored !== hash)) {
    addChanged(reading, hash, stored, read?.canonical);
    return;
  }
  const { entry, canonical } = read;
  const { seq, sealedAt, writer } = entry;
  if (canonical !== bytes)
    broken(reading, seq, "NOT_CANONICAL", "its bytes are not the canonical ones");
  if (reading.chain === undefined) reading.chain = entry.chain;
  else if (entry.chain !== reading.chain)
    broken(reading, seq, "ALTERED", "belongs to another chain");
  const problem = seq === 0 ? genesisProblem(entry) : undefined;
  if (problem !== undefined) broken(reading, 0, "ALTERED", problem);
  compareWithPrevious(reading, entry);
  if (place(reading, seq)) reading.story.add(entry, hash);
  remember(reading, { seq, hash, links: [hash], sealedAt, writer });
}

// What a changed entry says of itself counts nothing, not even its number: it is the one expected here.
function addChanged(
  reading: Reading,
  hash: string,
  stored: string | undefined,
  canonical: string | undefined,
): void {
  const seq = reading.expected;
  if (canonical !== undefined && hashOf(canonical) === stored)
    broken(reading, seq, "NOT_CANONICAL", "its bytes are not the canonical ones");
  else if (canonical === undefined) broken(reading, seq, "ALTERED", "is not an entry");
  else broken(reading, seq, "ALTERED", "its bytes are not those that were hashed");
  const links = stored === undefined ? [hash] : [hash, stored];
  const { sealedAt = "", writer = 0 } = reading.previous ?? {};
  reading.expected = seq + 1;
  remember(reading, { seq, hash, links, sealedAt, writer });
}

function remember(reading: Reading, read: Read): void {
  const { previous, last, kept } = reading;
  if (previous !== undefined && read.seq !== previous.seq + 1)
    for (const one of [previous, read])
      kept.set(one.seq, [...(kept.get(one.seq) ?? []), ...one.links]);
  reading.previous = read;
  if (last === undefined || read.seq > last.seq) reading.last = read;
}

// L8. A link to what an already reported entry once was is no second break.
function compareWithPrevious(reading: Reading, entry: Entry): void {
  const { previous } = reading;
  const { seq, prev, sealedAt, writer } = entry;
  if (seq === 0) return;
  if (previous?.seq !== seq - 1) {
    reading.loose.push(entry);
    return;
  }
  if (!linksOf(reading, previous).includes(prev))
    broken(reading, seq, "ALTERED", "its link is not the hash of the entry before it");
  if (sealedAt < previous.sealedAt)
    broken(reading, seq, "REORDERED", "sealed before the entry that stands before it");
  if (writer < previous.writer)
    broken(reading, seq, "REORDERED", "sealed by a writer that had been replaced");
}

const linksOf = ({ kept }: Reading, { seq, links }: Read): readonly string[] => [
  ...links,
  ...(kept.get(seq) ?? []),
];

// Finds the entry's place among the numbers; true where it is the one expected.
function place(reading: Reading, seq: number): boolean {
  const { expected, missing } = reading;
  if (seq < expected) {
    if (takeNumber(missing, seq)) broken(reading, seq, "REORDERED", "stands after a later entry");
    else broken(reading, seq, "DUPLICATE", "this number was already there");
    return false;
  }
  if (seq > expected) missing.push([expected, seq - 1]);
  reading.expected = seq + 1;
  return seq === expected;
}

function end(reading: Reading, attested: Attested | undefined): Verdict {
  const { missing, kept, loose, story, breaks, codes } = reading;
  for (const [from, to] of missing) {
    const detail = from === to ? "one entry is missing" : `missing up to entry ${to}`;
    broken(reading, from, "GAP", detail);
  }
  for (const { seq, prev } of loose)
    if (kept.get(seq - 1)?.includes(prev) === false)
      broken(reading, seq, "ALTERED", "its link is not the hash of the entry before it");
  compareWithHead(reading, attested);
  const isWhole = reading.breaksFound === 0;
  if (isWhole)
    for (const { seq, code, detail } of story.breaks()) broken(reading, seq, code, detail);
  const hurt = new Set([...codes].map((code) => concerns[code]));
  const isSound = !hurt.has("integrity") && !hurt.has("authorization");
  const isComplete = !hurt.has("completeness");
  const { chain, entries, last, breaksFound } = reading;
  return {
    verdict: !isSound ? "BROKEN" : isComplete ? "OK" : "INCOMPLETE",
    integrity: hurt.has("integrity") ? "BROKEN" : "OK",
    completeness: isComplete ? "OK" : "INCOMPLETE",
    authorization: !isWhole ? "NOT_JUDGED" : hurt.has("authorization") ? "BROKEN" : "OK",
    chain: chain ?? attested?.chain,
    entries,
    head: last === undefined ? undefined : { seq: last.seq, hash: last.hash },
    breaks: breaks.toSorted((one, other) => one.seq - other.seq),
    breaksFound,
  };
}

function compareWithHead(reading: Reading, attested: Attested | undefined): void {
  const { expected: size, chain, last } = reading;
  if (attested === undefined) {
    broken(reading, size, "TRUNCATED", "no head row says where the chain ends");
    return;
  }
  if (chain !== undefined && attested.chain !== chain)
    broken(reading, 0, "ALTERED", "the head row names another chain");
  if (attested.size !== size)
    broken(
      reading,
      Math.min(size, attested.size),
      "TRUNCATED",
      `the head row counts ${attested.size} entries, and the last one there is ${size - 1}`,
    );
  else if (last !== undefined && !linksOf(reading, last).includes(attested.headHash))
    broken(reading, last.seq, "ALTERED", "is not the last entry that the head row names");
}

// The genesis gives the chain its id, so nobody can put another beginning under the same id (L2).
function genesisProblem({ type, detail, chain, prev }: Entry): string | undefined {
  const nonce = detail["nonce"];
  if (type !== "chain.genesis") return "the first entry is not a genesis";
  if (typeof nonce !== "string" || chainId(nonce) !== chain)
    return "the chain's id is not that of its nonce";
  return prev === chain ? undefined : "the genesis is linked to something";
}

const hashOf = (text: string): string => entryHash(new TextEncoder().encode(text));

function readEntry(
  bytes: string,
): { readonly entry: Entry; readonly canonical: string } | undefined {
  try {
    const entry = Entry.parse(JSON.parse(bytes));
    return { entry, canonical: canonicalJson(entry) };
  } catch {
    return undefined; // Whatever is wrong with it: it is not an entry.
  }
}
