// Verifies entries one by one, each with its proof: those of one ticket, or a single one. It says nothing about the
// entries between them.
//
// Invariants:
//   V14. An entry counts only if its bytes are one, its proof leads to the root of its checkpoint, and the
//        checkpoint is one that the policy accepts for the entry's own chain. It is attested only where the policy's
//        witnesses signed that very tree: a witness of another one says nothing about this entry.
//   V15. A ticket's entries lead back to its first without a gap.
//   V17. Beside a ticket's entries stand only control entries that a verifier acts on: the genesis, keys, erasures. They
//        are proved like the others.

import { chainId, type Entry, messageCommitment } from "@niivo/contracts/evidence";
import { hexOf } from "@niivo/contracts/evidence/bytes";
import {
  controlIn,
  controlTypes,
  Erasure,
  Genesis,
  rangesIn,
} from "@niivo/contracts/evidence/control";
import { isIncluded } from "@niivo/contracts/evidence/proof";
import { readEntry } from "@niivo/contracts/evidence/read-entry";
import type { SigningPolicy } from "@niivo/contracts/evidence/signing-policy";
import { parseTlogProof } from "@niivo/contracts/evidence/tlog-proof";
import { leafHash } from "@niivo/contracts/evidence/tree";
import {
  type CheckpointAnswer,
  type GivenCheckpoint,
  givenCheckpoint,
  isSameTree,
  judgeCheckpoints,
} from "./checkpoint-judge.ts";
import { type GivenValue, keyEventIn } from "./evidence-judge.ts";
import { notProvenBy } from "./not-proven.ts";
import { exitCodeOf, type Findings, findings, type Report, verdictOf } from "./verdict.ts";

export interface ProvedEntry {
  readonly bytes: Uint8Array;
  /** The text of a `.tlog-proof` file. */
  readonly proof: string;
  /** The message behind its commitment. */
  readonly value?: GivenValue;
}

export interface ProofCase {
  readonly policy: SigningPolicy;
  readonly items: readonly ProvedEntry[];
  /** Where given, all entries must be of this ticket and lead back to its first. */
  readonly ticket?: string;
  /** Where given, entries of other chains do not count. */
  readonly chain?: string;
  readonly trusted: readonly GivenCheckpoint[];
  /** Whether the messages behind commitments were asked for. */
  readonly hasValues?: boolean;
}

interface Proved {
  readonly entry: Entry;
  readonly hash: string;
  readonly value: GivenValue | undefined;
  /** Of its proof. */
  readonly given: GivenCheckpoint;
}

export function judgeProofs(one: ProofCase): Report {
  const found = findings();
  const proved = one.items.flatMap((item, index) => prove(found, one, item, index));
  const notes = [...new Map(proved.map(({ given }) => [given.message, given])).values()];
  const chain = one.chain ?? proved[0]?.entry.chain;
  const answer = judgeCheckpoints(found, {
    policy: one.policy,
    given: [...notes, ...one.trusted],
    keyEvents: proved.flatMap(({ entry, given }) => {
      const event = keyEventIn(entry);
      return event === undefined ? [] : [{ ...event, under: given.checkpoint }];
    }),
    chain,
    size: Number.MAX_SAFE_INTEGER,
    firstBreak: Number.POSITIVE_INFINITY,
    rootAt: () => undefined,
  });
  const entries = proved.toSorted((a, b) => a.entry.seq - b.entry.seq);
  judgeGenesis(found, entries);
  if (one.ticket !== undefined) followTicket(found, one.ticket, entries.filter(isNoControl));
  const erased = one.hasValues === true ? judgeValues(found, entries) : 0;
  return reportOf(one, found, { entries, answer, chain, notes, erased });
}

// V14, as far as it concerns this entry alone.
function prove(
  found: Findings,
  { chain }: ProofCase,
  { bytes, proof: text, value }: ProvedEntry,
  index: number,
): readonly Proved[] {
  const read = readEntry(bytes);
  const proof = parseTlogProof(text);
  const given = proof === undefined ? undefined : givenCheckpoint(proof.checkpoint, false);
  const at = read.kind === "entry" ? read.entry.seq : index;
  const refuse = (why: string): readonly [] => {
    found.add("ALTERED", at, at, why);
    return [];
  };
  if (read.kind === "refused") return refuse(`is no entry: ${read.reason}`);
  if (proof === undefined || given === undefined) return refuse("its proof is not readable");
  const { entry } = read;
  if (chain !== undefined && entry.chain !== chain) return refuse("belongs to another chain");
  // The file stands alone, too: then it must speak of the same entry.
  if (proof.extra !== undefined && Buffer.compare(proof.extra, bytes) !== 0)
    return refuse("its proof carries another entry");
  const leaf = leafHash(bytes);
  if (proof.index !== entry.seq) return refuse("its proof is for another place");
  if (!isIncluded(given.checkpoint, entry.seq, leaf, proof.hashes))
    return refuse("its proof does not lead to the checkpoint's root");
  return [{ entry, hash: hexOf(leaf), value, given }];
}

const besideTicket: readonly string[] = [
  controlTypes.genesis,
  controlTypes.keyRotate,
  controlTypes.keyRetired,
  controlTypes.erasure,
];

// V17.
const isNoControl = ({ entry }: Proved): boolean =>
  entry.event !== undefined || entry.ticket !== undefined || !besideTicket.includes(entry.type);

// The genesis gives the chain its id.
function judgeGenesis(found: Findings, entries: readonly Proved[]): void {
  for (const { entry } of entries) {
    if (entry.seq !== 0) continue;
    const genesis = controlIn(entry, controlTypes.genesis, Genesis);
    if (genesis === undefined || chainId(genesis.nonce) !== entry.chain)
      found.add("ALTERED", 0, 0, "the first entry is not the genesis of this chain");
  }
}

/** Compares the values given with their commitments. @returns how many were erased by an order that is here. */
function judgeValues(found: Findings, entries: readonly Proved[]): number {
  const erased = entries.flatMap(({ entry }) =>
    rangesIn(controlIn(entry, controlTypes.erasure, Erasure)?.entries ?? ""),
  );
  let count = 0;
  for (const { entry, value } of entries) {
    const { seq, commit } = entry;
    if (commit === undefined) continue;
    const isErased = erased.some(([from, to]) => from <= seq && seq <= to);
    if (value === undefined && isErased) {
      count += 1;
      found.add("ERASED", seq, seq, "values were erased by order");
    } else if (value === undefined)
      found.add("WITHHELD", seq, seq, "its value is missing, and not erased");
    else if (messageCommitment(value.salt, value.message) !== commit.message)
      found.add("ALTERED", seq, seq, "the value given is not the one committed to");
  }
  return count;
}

// V15. Numbers within the ticket have no gap, and each link names the entry before.
function followTicket(found: Findings, ticket: string, entries: readonly Proved[]): void {
  let [count, last]: [number, number | undefined] = [0, undefined];
  for (const { entry } of entries) {
    const { seq } = entry;
    if (entry.ticket?.id !== ticket) {
      found.add("ALTERED", seq, seq, "is of another ticket");
      continue;
    }
    if (entry.ticket.seq < count) found.add("DUPLICATE", seq, seq, "this entry was already there");
    else if (entry.ticket.seq > count)
      found.add("GAP", (last ?? -1) + 1, seq - 1, "entries of the ticket are missing");
    else if (entry.ticket.prev !== last)
      found.add("ALTERED", seq, seq, "the back-links of its ticket do not hold");
    [count, last] = [entry.ticket.seq + 1, seq];
  }
}

/** The links prove what stands before an entry, never what comes after it. */
const afterTheLast = (entries: readonly Proved[]): string =>
  entries.some(({ entry }) => /^ticket\.(resolved|escalated)\./.test(entry.type))
    ? "That nothing more was sealed about the ticket after the last entry shown. Its end is among them."
    : "That nothing more was sealed about the ticket after the last entry shown: it has not ended here.";

interface Judged {
  readonly entries: readonly Proved[];
  readonly answer: CheckpointAnswer;
  readonly chain: string | undefined;
  readonly notes: readonly GivenCheckpoint[];
  readonly erased: number;
}

/** Entries that no accepted checkpoint with the policy's witnesses covers (V14). */
function unattestedIn({ entries, answer }: Judged): readonly Proved[] {
  const vouched = answer.witnessed.map(({ checkpoint }) => checkpoint);
  return entries.filter(({ given }) => !vouched.some((one) => isSameTree(one, given.checkpoint)));
}

function reportOf(one: ProofCase, found: Findings, judged: Judged): Report {
  const { entries, answer, chain, notes, erased } = judged;
  const mode = one.ticket === undefined ? "entry" : "ticket";
  const accepted = new Set(answer.accepted.map(({ message }) => message));
  const isAccepted = notes.length > 0 && notes.every(({ message }) => accepted.has(message));
  const last = entries.at(-1);
  const loose = unattestedIn(judged);
  for (const { entry } of loose)
    found.add("UNANCHORED", entry.seq, entry.seq, "no accepted checkpoint covers these");
  const sizeOf = (given: readonly GivenCheckpoint[]): number =>
    Math.max(
      0,
      ...given.flatMap(({ message, checkpoint }) =>
        notes.some((each) => each.message === message) ? [checkpoint.size] : [],
      ),
    );
  const verdicts = {
    integrity: one.items.length === 0 ? ("NOT_JUDGED" as const) : verdictOf(found, "integrity"),
    completeness: verdictOf(found, "completeness"),
    freshness: "NOT_JUDGED" as const,
    anchoring: verdictOf(found, "anchoring"),
    keys: verdictOf(found, "keys"),
    privacy: one.hasValues === true ? verdictOf(found, "privacy") : ("NOT_JUDGED" as const),
    conduct: "NOT_JUDGED" as const,
  };
  return {
    mode,
    chain,
    entries: one.items.length,
    head: last === undefined ? undefined : { seq: last.entry.seq, hash: last.hash },
    root: undefined,
    verdicts,
    findings: found.all(),
    findingsCount: found.count(),
    signedSize: sizeOf(answer.accepted),
    witnessedSize: sizeOf(answer.witnessed),
    unattested: loose.length,
    truncated: undefined,
    erased,
    pending: 0,
    checkpoints: [...accepted],
    contradiction: answer.contradiction,
    notProven: [
      ...(mode === "ticket" ? [afterTheLast(entries)] : []),
      ...notProvenBy(mode, one.policy.quorum !== "none", loose.length),
    ],
    exitCode: exitCodeOf(verdicts, loose.length, entries.length > 0 && isAccepted),
  };
}
