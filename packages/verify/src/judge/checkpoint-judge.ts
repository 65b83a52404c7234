// Judges checkpoints: who signed them, and whether they are of the tree that the entries give.
//
// Invariants:
//   V5. A checkpoint counts only with the signature of a key that the policy names for this chain, or that was
//       announced inside the chain under such a key (`key.rotate`) and not retired before. An announcement counts
//       only under a checkpoint that one of the two keys signed over that very entry: whoever made the entries could
//       otherwise write that the policy's key had replaced one of their own.
//   V6. Two signed statements that cannot both be true are a fork, whatever the entries say, and both are shown.
//   V7. What a signed checkpoint attests and the entries do not give is altered or missing, never explained away.

import { isSameBytes } from "@niivo/contracts/evidence/bytes";
import { type Checkpoint, parseCheckpoint } from "@niivo/contracts/evidence/checkpoint";
import { type Note, parseNote, verifyNote } from "@niivo/contracts/evidence/note";
import {
  judgeSignatures,
  policyKeys,
  type SigningPolicy,
} from "@niivo/contracts/evidence/signing-policy";
import type { Hash } from "@niivo/contracts/evidence/tree";
import { parseVerifierKey, type VerifierKey } from "@niivo/contracts/evidence/verifier-key";
import type { Findings } from "./verdict.ts";

/** A note that was read as a checkpoint. */
export interface GivenCheckpoint {
  readonly message: string;
  readonly note: Note;
  readonly checkpoint: Checkpoint;
  /** Verified before, by whoever asks: its signatures are not asked for again. */
  readonly isTrusted: boolean;
}

/** @returns `undefined` where the note is no checkpoint in its one form. */
export function givenCheckpoint(message: string, isTrusted: boolean): GivenCheckpoint | undefined {
  const note = parseNote(message);
  const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
  if (note === undefined || checkpoint === undefined) return undefined;
  return checkpoint.extensions.length > 0 ? undefined : { message, note, checkpoint, isTrusted };
}

/** A key that an entry announced or retired. */
export interface KeyEvent {
  readonly seq: number;
  readonly vkey: string;
  /** Absent where the key was retired. */
  readonly replaces?: string;
  /** The checkpoint that its proof leads to, where the entry was not read with the whole chain. */
  readonly under?: Checkpoint;
}

export interface CheckpointCase {
  readonly policy: SigningPolicy;
  readonly given: readonly GivenCheckpoint[];
  readonly keyEvents: readonly KeyEvent[];
  readonly chain: string | undefined;
  /** How many entries were found, and the first place at which something is wrong with them. */
  readonly size: number;
  readonly firstBreak: number;
  /** The recomputed roots at the sizes that checkpoints speak of. */
  readonly rootAt: (size: number) => Hash | undefined;
}

export interface CheckpointAnswer {
  /** Signed as the policy asks of the log; by size. */
  readonly accepted: readonly GivenCheckpoint[];
  /** Those of them with the witnesses that the policy asks for. */
  readonly witnessed: readonly GivenCheckpoint[];
  readonly signedSize: number;
  readonly witnessedSize: number;
  /** Seconds since 1970, by a witness's clock. */
  readonly witnessedAt: number | undefined;
  readonly attested: number;
  readonly contradiction: readonly [string, string] | undefined;
  /** Keys of the log that count, by the policy's word or the chain's. */
  readonly trusted: readonly VerifierKey[];
}

export function judgeCheckpoints(found: Findings, one: CheckpointCase): CheckpointAnswer {
  const given = one.given.toSorted((a, b) => a.checkpoint.size - b.checkpoint.size);
  const keys = signersOf(one, given);
  const trusted = new Set(keys.trusted);
  const accepted: GivenCheckpoint[] = [];
  const witnessed: { readonly given: GivenCheckpoint; readonly at: number | undefined }[] = [];
  for (const each of given) {
    const answer = judgeNote(found, one, keys, trusted, each);
    if (answer === undefined) continue;
    accepted.push(each);
    if (answer.isWitnessed) witnessed.push({ given: each, at: answer.witnessedAt });
  }
  const contradiction = compare(found, one, accepted);
  const sizes = accepted.map(({ checkpoint }) => checkpoint.size);
  const attested = Math.max(0, ...sizes);
  if (attested > one.size)
    found.add("TRUNCATED", one.size, attested - 1, "a signed checkpoint attests more entries");
  const fitting = (each: GivenCheckpoint): number =>
    isMatching(one, each) === true ? each.checkpoint.size : 0;
  const times = witnessed.flatMap(({ given: each, at }) =>
    at === undefined || isMatching(one, each) === false ? [] : [at],
  );
  return {
    accepted,
    witnessed: witnessed.map(({ given: each }) => each),
    signedSize: Math.max(0, ...accepted.map(fitting)),
    witnessedSize: Math.max(0, ...witnessed.map(({ given: each }) => fitting(each))),
    witnessedAt: times.at(-1),
    attested,
    contradiction,
    trusted: keys.known.filter(({ vkey }) => trusted.has(vkey)),
  };
}

interface Signers {
  readonly known: readonly VerifierKey[];
  readonly trusted: readonly string[];
}

// The keys for this chain: those of the policy, those that they replaced (V5), and those that were announced.
function signersOf(one: CheckpointCase, given: readonly GivenCheckpoint[]): Signers {
  const { policy, keyEvents, chain } = one;
  const texts = keyEvents.flatMap(({ vkey, replaces }) => [vkey, ...(replaces ? [replaces] : [])]);
  const announced = [...new Set(texts)].flatMap((text) => {
    const key = parseVerifierKey(text);
    return key === undefined || key.type === "cosignature" ? [] : [key];
  });
  const byText = new Map([...policyKeys(policy), ...announced].map((key) => [key.vkey, key]));
  const logs = policy.logs.filter(({ name }) => chain !== undefined && name.endsWith(`/${chain}`));
  const trusted = new Set(logs.map(({ vkey }) => vkey));
  for (const event of keyEvents.toReversed()) {
    const key = byText.get(event.vkey);
    if (event.replaces === undefined || key === undefined || !trusted.has(event.vkey)) continue;
    const isVouched = given.some(
      (each) => isCovering(one, each, event) && verifyNote(each.note, [key]).kind === "signed",
    );
    if (isVouched) trusted.add(event.replaces);
  }
  return { known: [...byText.values()], trusted: [...trusted] };
}

/** Whether the checkpoint is one over the very entry of this event. On a broken chain it may count: that is reported. */
const isCovering = (one: CheckpointCase, given: GivenCheckpoint, event: KeyEvent): boolean => {
  const { checkpoint } = given;
  if (event.under !== undefined) return isSameTree(event.under, checkpoint);
  return (
    event.seq < checkpoint.size && checkpoint.size <= one.size && isMatching(one, given) !== false
  );
};

export const isSameTree = (one: Checkpoint, other: Checkpoint): boolean =>
  one.size === other.size && isSameBytes(one.root, other.root);

// V5. Who signed this one, and what that makes of it. `trusted` grows with what it attests.
function judgeNote(
  found: Findings,
  one: CheckpointCase,
  { known }: Signers,
  trusted: Set<string>,
  given: GivenCheckpoint,
): { readonly isWitnessed: boolean; readonly witnessedAt: number | undefined } | undefined {
  const { policy, keyEvents, chain } = one;
  const { note, checkpoint, isTrusted } = given;
  const { size, origin } = checkpoint;
  const at = Math.max(0, size - 1);
  const verdict = verifyNote(note, known);
  if (verdict.kind === "forged") {
    found.add("ALTERED", at, at, `a checkpoint's signature of ${verdict.key.name} does not verify`);
    return undefined;
  }
  const by = verdict.kind === "signed" ? verdict.by : [];
  const isOurs = chain !== undefined && origin.endsWith(`/${chain}`);
  const signers = by.filter(
    ({ key }) => isOurs && key.name === origin && key.type !== "cosignature",
  );
  const isRetired = (vkey: string): boolean =>
    keyEvents.some((each) => each.vkey === vkey && each.replaces === undefined && each.seq < size);
  const counted = signers.filter(({ key }) => trusted.has(key.vkey) && !isRetired(key.vkey));
  if (counted.length === 0 && !isTrusted) {
    const isKnown = signers.some(
      ({ key }) => trusted.has(key.vkey) || keyEvents.some(({ vkey }) => vkey === key.vkey),
    );
    if (isKnown) found.add("KEY_EPOCH", at, at, "a checkpoint's key is outside its validity");
    else found.add("KEY_UNKNOWN", at, at, "a checkpoint is signed by no key of this chain");
    return undefined;
  }
  for (const event of keyEvents)
    if (
      event.replaces !== undefined &&
      trusted.has(event.replaces) &&
      isCovering(one, given, event)
    )
      trusted.add(event.vkey);
  const { isWitnessed, witnessedAt } = judgeSignatures(policy, origin, by);
  return { isWitnessed, witnessedAt };
}

// V6, V7. Returns the first two notes that contradict each other.
function compare(
  found: Findings,
  one: CheckpointCase,
  accepted: readonly GivenCheckpoint[],
): readonly [string, string] | undefined {
  let contradiction: readonly [string, string] | undefined;
  const fork = (size: number, first: GivenCheckpoint, second: GivenCheckpoint): void => {
    found.add("FORK", size - 1, size - 1, "two signed checkpoints contradict each other");
    contradiction ??= [first.message, second.message];
  };
  const bySize = new Map<number, GivenCheckpoint>();
  for (const each of accepted) {
    const { size, root } = each.checkpoint;
    const other = bySize.get(size);
    if (other === undefined) bySize.set(size, each);
    else if (!isSameBytes(other.checkpoint.root, root)) fork(size, other, each);
  }
  if (contradiction !== undefined) return contradiction;
  const fitting = accepted.filter((each) => isMatching(one, each) === true);
  for (const each of accepted) {
    if (isMatching(one, each) !== false) continue;
    const { size } = each.checkpoint;
    const later = fitting.find(({ checkpoint }) => checkpoint.size >= size);
    const before = fitting.filter(({ checkpoint }) => checkpoint.size < size);
    const from = Math.max(0, ...before.map(({ checkpoint }) => checkpoint.size));
    if (later !== undefined) fork(size, each, later);
    else found.add("ALTERED", from, size - 1, "the entries do not give the root that was signed");
    if (later === undefined) break; // What follows builds on the same entries.
  }
  return contradiction;
}

/** Whether the entries give the checkpoint's root; `undefined` where that cannot be told. */
function isMatching(
  { rootAt, firstBreak }: CheckpointCase,
  { checkpoint }: GivenCheckpoint,
): boolean | undefined {
  if (checkpoint.size > firstBreak) return undefined;
  const root = rootAt(checkpoint.size);
  return root === undefined ? undefined : isSameBytes(root, checkpoint.root);
}
