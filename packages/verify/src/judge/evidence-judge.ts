// Verifies evidence: entries as they come, checkpoints, and the policy of whoever asks. Pure, and it keeps of the
// entries only what later ones are compared with, so a chain of any length fits.
//
// Invariants: V1 to V12, see verdict.ts, chain-judge.ts, checkpoint-judge.ts and conduct.ts.
//   V13. What builds on an unbroken chain is not judged on a broken one, and says so.

import { type Entry, messageCommitment } from "@niivo/contracts/evidence";
import { hexOf } from "@niivo/contracts/evidence/bytes";
import {
  controlIn,
  controlTypes,
  Erasure,
  KeyRetired,
  KeyRotate,
  type Range,
  RetentionPruned,
  rangesIn,
  SealingKeyAnnounced,
} from "@niivo/contracts/evidence/control";
import type { SigningPolicy } from "@niivo/contracts/evidence/signing-policy";
import { emptyRange, type Hash } from "@niivo/contracts/evidence/tree";
import type { Receipt } from "@niivo/contracts/receipt";
import { type ChainJudge, type ChainStart, chainJudge, type Found } from "./chain-judge.ts";
import {
  type CheckpointAnswer,
  type GivenCheckpoint,
  judgeCheckpoints,
  type KeyEvent,
} from "./checkpoint-judge.ts";
import { type Conduct, conduct } from "./conduct.ts";
import { type Counters, counters } from "./counters.ts";
import { type Announced, judgeAnnounced } from "./endorsement.ts";
import { notProvenBy } from "./not-proven.ts";
import { type PruningJudge, pruningJudge } from "./pruning-judge.ts";
import { joinedRanges } from "./ranges.ts";
import { type ReceiptJudge, receiptJudge } from "./receipt-judge.ts";
import {
  type AspectVerdict,
  exitCodeOf,
  type Findings,
  findings,
  type Mode,
  type Report,
  verdictOf,
} from "./verdict.ts";

/** A chain says something at least every ten minutes; a checkpoint follows within seconds. */
export const staleAfterMs = 15 * 60 * 1000;

export interface EvidenceCase {
  readonly policy: SigningPolicy;
  readonly given: readonly GivenCheckpoint[];
  /** Whence the reading begins; absent: from the first entry. */
  readonly start?: ChainStart;
  /** The end of the chain as a store has it. It proves nothing against whoever can write to the store. */
  readonly head?: { readonly chain: string; readonly size: number; readonly headHash: string };
  /** Receipts that somebody kept. Each is a signed statement that an entry was sealed. */
  readonly receipts?: readonly Receipt[];
  /** Whether the values behind commitments are given with the entries. */
  readonly hasValues: boolean;
  readonly now: Date;
  readonly staleAfterMs: number;
}

/** The value behind an entry's commitment. */
export interface GivenValue {
  readonly salt: string;
  readonly message: unknown;
}

export interface EvidenceJudge {
  readonly add: (found: Found, value?: GivenValue) => void;
  readonly addPruned: (hash: Hash) => void;
  /** For what is wrong around the entries: a file, a manifest. */
  readonly files: Findings;
  readonly end: () => Report;
}

interface Judging {
  readonly asked: EvidenceCase;
  readonly found: Findings;
  readonly chain: ChainJudge;
  readonly receipts: ReceiptJudge;
  readonly isWhole: boolean;
  readonly told: Findings;
  readonly files: Findings;
  readonly counters: Counters;
  readonly conduct: Conduct;
  /** By size: the root, and when the entry before was sealed. */
  readonly roots: Map<number, { readonly root: Hash; readonly sealedAt: string }>;
  readonly keyEvents: KeyEvent[];
  readonly announced: Announced[];
  readonly erased: Range[];
  readonly pruning: PruningJudge;
  readonly valueless: number[];
  erasedCount: number;
  sealedAt: string;
}

export function evidenceJudge(asked: EvidenceCase): EvidenceJudge {
  const found = findings();
  const told = findings();
  const start = asked.start ?? { range: emptyRange };
  const isWhole = start.range.size === 0;
  const judging: Judging = {
    asked,
    found,
    told,
    files: findings(),
    isWhole,
    chain: chainJudge(found, start),
    receipts: receiptJudge(asked.receipts ?? [], asked.policy),
    counters: counters(told, isWhole),
    conduct: conduct(told, isWhole),
    roots: new Map(),
    keyEvents: [],
    announced: [],
    erased: [],
    pruning: pruningJudge(),
    valueless: [],
    erasedCount: 0,
    sealedAt: "",
  };
  const sizes = new Set(asked.given.map(({ checkpoint }) => checkpoint.size));
  const note = (): void => {
    const size = judging.chain.size();
    if (sizes.has(size) && !judging.roots.has(size))
      judging.roots.set(size, { root: judging.chain.root(), sealedAt: judging.sealedAt });
  };
  note();
  return {
    add: (one, value) => {
      const read = judging.chain.add(one);
      if (read !== undefined) {
        judging.receipts.add(read.entry.seq, read.hash);
        hear(judging, read.entry, read.hash, value);
      }
      note();
    },
    addPruned: (hash) => {
      judging.pruning.add(judging.chain.size());
      judging.chain.addPruned(hash);
      judging.counters.passOver();
      judging.conduct.passOver();
      note();
    },
    files: judging.files,
    end: () => end(judging),
  };
}

function hear(judging: Judging, entry: Entry, hash: string, value: GivenValue | undefined): void {
  const { seq } = entry;
  judging.sealedAt = entry.sealedAt;
  judging.pruning.read(entry);
  judging.counters.add(entry);
  judging.conduct.add(entry, hash);
  if (judging.asked.hasValues && entry.commit !== undefined) {
    if (value === undefined) judging.valueless.push(seq);
    else if (messageCommitment(value.salt, value.message) !== entry.commit.message)
      judging.found.add("ALTERED", seq, seq, "the value given is not the one committed to");
  }
  hearControl(judging, entry);
}

/** A key that this entry announces or retires. */
export function keyEventIn(entry: Entry): KeyEvent | undefined {
  const { seq } = entry;
  const rotated = controlIn(entry, controlTypes.keyRotate, KeyRotate);
  if (rotated !== undefined) return { seq, ...rotated };
  const retired = controlIn(entry, controlTypes.keyRetired, KeyRetired);
  return retired === undefined ? undefined : { seq, ...retired };
}

function hearControl(judging: Judging, entry: Entry): void {
  const { keyEvents } = judging;
  if (entry.event !== undefined) return;
  const keyEvent = keyEventIn(entry);
  if (keyEvent !== undefined) keyEvents.push(keyEvent);
  const sealing = controlIn(entry, controlTypes.sealingKey, SealingKeyAnnounced);
  if (sealing !== undefined) {
    judging.receipts.announce(entry.seq, sealing.key);
    judging.announced.push({ seq: entry.seq, key: sealing });
  }
  const pruned = controlIn(entry, controlTypes.pruned, RetentionPruned);
  if (pruned !== undefined) judging.pruning.ordered({ ...pruned, sealedAt: entry.sealedAt });
  const erasure = controlIn(entry, controlTypes.erasure, Erasure);
  if (erasure === undefined) return;
  judging.erased.push(...rangesIn(erasure.entries));
}

function end(judging: Judging): Report {
  const { asked, found, chain, roots } = judging;
  chain.end();
  compareWithHead(judging);
  const firstBreak = chain.firstBreak();
  const size = chain.size();
  const answer = judgeCheckpoints(found, {
    policy: asked.policy,
    given: asked.given,
    keyEvents: judging.keyEvents,
    chain: chain.chain(),
    size,
    firstBreak,
    rootAt: (at) => roots.get(at)?.root,
  });
  judgeAnnounced(found, judging.announced, answer);
  judging.receipts.end(found, {
    ...{ chain: chain.chain(), from: start(judging), size },
    announced: answer.trusted,
  });
  judgePrivacy(judging);
  const isUnbroken = !found.has("integrity");
  const pending = tellStory(judging, isUnbroken);
  for (const { code, from, to, detail } of judging.files.all()) found.add(code, from, to, detail);
  const unattested = Math.max(0, size - answer.witnessedSize);
  const hasEntries = chain.entries() > 0;
  if (hasEntries && unattested > 0)
    found.add("UNANCHORED", answer.witnessedSize, size - 1, "no accepted checkpoint covers these");
  const freshness = judgeFreshness(judging, answer);
  const verdicts = verdictsOf(found, isUnbroken, hasEntries, freshness);
  const { attested } = answer;
  return {
    mode: modeOf(judging),
    chain: chain.chain() ?? asked.head?.chain,
    entries: chain.entries(),
    head: chain.head(),
    root: firstBreak === Number.POSITIVE_INFINITY ? hexOf(chain.root()) : undefined,
    verdicts,
    findings: found.all(),
    findingsCount: found.count(),
    signedSize: answer.signedSize,
    witnessedSize: answer.witnessedSize,
    unattested,
    truncated: attested > size ? { attested, found: size } : undefined,
    erased: judging.erasedCount,
    pending,
    checkpoints: answer.accepted.map(({ message }) => message),
    contradiction: answer.contradiction,
    notProven: notProvenBy(modeOf(judging), asked.policy.quorum !== "none", unattested),
    exitCode: exitCodeOf(verdicts, unattested, hasEntries && answer.witnessedSize > 0),
  };
}

const start = ({ asked }: Judging): number => asked.start?.range.size ?? 0;

const modeOf = ({ isWhole }: Judging): Mode => (isWhole ? "full" : "incremental");

function compareWithHead({ asked: { head }, chain, found }: Judging): void {
  if (head === undefined) return;
  const [size, last] = [chain.size(), chain.head()];
  if (chain.chain() !== undefined && chain.chain() !== head.chain)
    found.add("ALTERED", 0, 0, "the head row names another chain");
  if (head.size > size)
    found.add("TRUNCATED", size, head.size - 1, "the head row counts more entries");
  else if (head.size < size)
    found.add("ALTERED", head.size, size - 1, "the head row counts fewer entries");
  else if (last !== undefined && last.hash !== head.headHash)
    found.add("ALTERED", last.seq, last.seq, "is not the last entry that the head row names");
}

// Missing values and bytes: erased with an order, pruned with an entry, or withheld.
function judgePrivacy(judging: Judging): void {
  const { found, pruning, valueless } = judging;
  // Two orders may name the same entry, and it was erased once.
  const erased = joinedRanges(judging.erased);
  const isIn = (ranges: readonly Range[], seq: number): boolean =>
    ranges.some(([from, to]) => from <= seq && seq <= to);
  for (const seq of valueless)
    if (!isIn(erased, seq)) found.add("WITHHELD", seq, seq, "its value is missing, and not erased");
  pruning.end(found);
  for (const [from, to] of erased) found.add("ERASED", from, to, "values were erased by order");
  judging.erasedCount = erased.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}

// V13.
function tellStory(
  { found, told, counters: counted, conduct: judged }: Judging,
  isUnbroken: boolean,
): number {
  counted.end(told);
  const pending = judged.end();
  if (isUnbroken)
    for (const { code, from, to, detail } of told.all()) found.add(code, from, to, detail);
  return pending;
}

function judgeFreshness(
  { asked, roots, found, chain }: Judging,
  { signedSize, witnessedAt }: CheckpointAnswer,
): AspectVerdict {
  const sealedAt = roots.get(signedSize)?.sealedAt;
  if (signedSize === 0) return "NOT_JUDGED";
  const attestedMs = sealedAt === undefined || sealedAt === "" ? 0 : Date.parse(sealedAt);
  const newestMs = Math.max(attestedMs, (witnessedAt ?? 0) * 1000);
  const ageMs = asked.now.getTime() - newestMs;
  if (ageMs <= asked.staleAfterMs) return "OK";
  const last = Math.max(0, chain.size() - 1);
  found.add(
    "STALE",
    last,
    last,
    `the newest checkpoint is ${Math.floor(ageMs / 60_000)} minutes old`,
  );
  return "STALE";
}

function verdictsOf(
  found: Findings,
  isUnbroken: boolean,
  hasEntries: boolean,
  freshness: AspectVerdict,
): Report["verdicts"] {
  return {
    integrity: hasEntries || found.has("integrity") ? verdictOf(found, "integrity") : "NOT_JUDGED", // V1
    completeness: verdictOf(found, "completeness"),
    freshness,
    anchoring: verdictOf(found, "anchoring"),
    keys: verdictOf(found, "keys"),
    privacy: verdictOf(found, "privacy"),
    conduct: isUnbroken && hasEntries ? verdictOf(found, "conduct") : "NOT_JUDGED", // V13
  };
}
