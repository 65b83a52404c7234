// One chain: how it begins and how one more entry is put at its end. Pure.
//
// Invariants:
//   L2. Entry 0 is `chain.genesis`; its nonce gives the chain its id, which is in every entry, so no
//       entry can be moved to another customer. Sequence numbers have no gap.
//   L3. The bytes are canonicalised once. `prev` is the hash of the bytes before, never a declared one.
//   L4. `sealedAt` never decreases, nor does the writer's epoch: the term of the lease it sealed under (L18).

import { Hex256 } from "@niivo/contracts/envelope";
import {
  chainId,
  type Entry,
  entryText,
  entryTextHash,
  messageCommitment,
} from "@niivo/contracts/evidence";
import { fromHex, hexOf } from "@niivo/contracts/evidence/bytes";
import {
  type CompactRange,
  compactRange,
  emptyRange,
  hashBytes,
  rootOf,
  withLeaf,
} from "@niivo/contracts/evidence/tree";
import { z } from "zod";
import type { Writer } from "./writer.ts";

/** The end of a chain as the host keeps it. */
export const StoredHead = z.strictObject({
  chain: z.string(),
  /** The number of entries, which is the next sequence number. */
  size: z.int().min(1),
  headHash: z.string(),
  writer: z.strictObject({ epoch: z.int().min(1), instance: z.string() }),
  /** The key that signs its checkpoints, as the chain said last; absent in chains begun before that. */
  vkey: z.string().optional(),
  /** Keys that were replaced and are not retired, each with the entry that said so; the newest at the end. */
  replaced: z.array(z.strictObject({ vkey: z.string(), seq: z.int().min(1) })).optional(),
  /** Keys that were retired: no verifier believes them again. The newest at the end. */
  retired: z.array(z.string()).optional(),
  /** Digests of the sealing keys announced last, the newest at the end. */
  announced: z.array(z.string()).readonly(),
  lastSealedAt: z.string(),
  /** The tree's compact range; a chain that was begun without one gets it from its bytes. */
  range: z.array(Hex256).optional(),
});
export type StoredHead = z.infer<typeof StoredHead>;

/** The end of a chain: what the next entry is built on. The tree is over the very entries of the chain. */
export interface Head extends Omit<StoredHead, "range"> {
  readonly range: CompactRange;
}

export const storedHead = ({ range, ...head }: Head): StoredHead => ({
  ...head,
  range: range.hashes.map(hexOf),
});

/** The range of a stored head, where it has one that fits its size. */
export const storedRange = ({ size, range }: StoredHead): CompactRange | undefined =>
  range === undefined
    ? undefined
    : compactRange(
        size,
        range.flatMap((hash) => fromHex(hash, hashBytes) ?? []),
      );

/** The root of the tree over all entries, in hexadecimal. */
export const headRoot = ({ range }: Pick<Head, "range">): string => hexOf(rootOf(range));

/** One entry as it is stored: the text is the truth, the hash is there to find a broken disk early. */
export interface Sealed {
  readonly entry: Entry;
  readonly text: string;
  readonly hash: string;
}

/** What differs from entry to entry; `append` knows the rest. */
export type EntryFields = Omit<Entry, "v" | "chain" | "seq" | "prev" | "writer" | "sealedAt">;

const announcedMax = 8;
const auditActor = "service:audit";

/** The entry that follows `head`, and the head after it. @throws RangeError on an entry too large. */
export function append(
  head: Head,
  fields: EntryFields,
  now: Date,
): { readonly head: Head; readonly sealed: Sealed } {
  const sealedAt = laterOf(now.toISOString(), head.lastSealedAt);
  const { chain, size, headHash, writer } = head;
  const sealed = seal({
    v: "audit-entry/1",
    chain,
    seq: size,
    prev: headHash,
    writer: writer.epoch,
    sealedAt,
    ...fields,
  });
  return {
    head: {
      ...head,
      size: size + 1,
      headHash: sealed.hash,
      lastSealedAt: sealedAt,
      range: withLeaf(head.range, Buffer.from(sealed.hash, "hex")),
    },
    sealed,
  };
}

/**
 * A new chain with its first entry.
 * @param nonce 256 random bits in hexadecimal, drawn for this chain alone.
 * @param about what its first entry says besides, once the chain has its id.
 */
export function genesis(
  nonce: string,
  { term, instance }: Writer,
  now: Date,
  about: (chain: string) => Entry["detail"] = () => ({}),
): { readonly head: Head; readonly sealed: Sealed } {
  const chain = chainId(nonce);
  const sealedAt = now.toISOString();
  const sealed = seal({
    v: "audit-entry/1",
    chain,
    seq: 0,
    prev: chain,
    writer: term,
    sealedAt,
    ...control("chain.genesis", { ...about(chain), nonce, format: "audit-entry/1" }, now),
  });
  const writer = { epoch: term, instance };
  return {
    head: {
      chain,
      size: 1,
      headHash: sealed.hash,
      writer,
      announced: [],
      lastSealedAt: sealedAt,
      range: withLeaf(emptyRange, Buffer.from(sealed.hash, "hex")),
    },
    sealed,
  };
}

/** The fields of an entry that audit writes of its own accord. */
export const control = (
  type: string,
  detail: Entry["detail"],
  now: Date,
  outcome?: string,
): EntryFields => ({
  type,
  occurredAt: now.toISOString(),
  actor: auditActor,
  detail,
  ...(outcome === undefined ? {} : { outcome }),
});

/** The head once a sealing key was announced; the oldest are forgotten, which only repeats an entry. */
export const withAnnounced = (head: Head, keyDigest: string): Head => ({
  ...head,
  announced: [...head.announced, keyDigest].slice(-announcedMax),
});

/** What stands for the message in the chain once its text is erased. */
export const commitment = (salt: string, message: unknown): NonNullable<Entry["commit"]> => ({
  message: messageCommitment(salt, message),
});

function seal(entry: Entry): Sealed {
  const text = entryText(entry);
  return { entry, text, hash: entryTextHash(text) };
}

// Fixed-width UTC timestamps order as text.
const laterOf = (one: string, other: string): string => (one > other ? one : other);
