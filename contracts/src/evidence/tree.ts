// The Merkle tree over a chain's entries (RFC 6962 section 2.1): its hashes, and how one root is kept while the
// tree grows, in as many hashes as the size has ones in binary.

import { sha256, sha256Bytes } from "../canonical.ts";

/** 32 bytes. */
export type Hash = Uint8Array;
export const hashBytes = 32;

/** SHA-256(0x00 ‖ bytes). Of an entry it is also the link that the next entry carries. */
export const leafHash = (bytes: Uint8Array): Hash => Buffer.from(leafHashHex(bytes), "hex");

// Room for any entry behind its prefix. A room for each would cost more than half of what hashing costs; nothing waits
// between filling and hashing, so one is enough.
const leafRoom = Buffer.alloc(64 * 1024);

/** The same as 64 hexadecimal characters, which the engine gives in half the time that it takes for an array. */
export function leafHashHex(bytes: Uint8Array): string {
  const length = bytes.length + 1;
  const room = length <= leafRoom.length ? leafRoom : Buffer.alloc(length);
  room.set(bytes, 1);
  return sha256(room.subarray(0, length));
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Hash, right: Hash): Hash {
  const joined = Buffer.allocUnsafe(1 + 2 * hashBytes);
  joined[0] = 1;
  joined.set(left, 1);
  joined.set(right, 1 + hashBytes);
  return sha256Bytes(joined);
}

/** The root of the tree without leaves: SHA-256 of nothing. */
export const emptyRoot = (): Hash => sha256Bytes(new Uint8Array());

/** A growing tree: the roots of its perfect subtrees, the largest (and leftmost) first. */
export interface CompactRange {
  readonly size: number;
  readonly hashes: readonly Hash[];
}

export const emptyRange: CompactRange = { size: 0, hashes: [] };

/** The tree with one more leaf. */
export function withLeaf({ size, hashes }: CompactRange, leaf: Hash): CompactRange {
  const next = [...hashes];
  let merged = leaf;
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2)
    merged = nodeHash(next.pop() ?? merged, merged);
  next.push(merged);
  return { size: size + 1, hashes: next };
}

/** The root of the tree as it stands. */
export const rootOf = ({ hashes }: CompactRange): Hash =>
  hashes.length === 0 ? emptyRoot() : foldRight(hashes);

/** Joins subtrees of falling size to one root, from the right. @param hashes at least one. */
export const foldRight = (hashes: readonly Hash[]): Hash =>
  hashes.reduceRight((right, left) => nodeHash(left, right));

/** A range as it was stored: refused unless it has exactly the hashes that its size needs. */
export function compactRange(size: number, hashes: readonly Hash[]): CompactRange | undefined {
  if (!Number.isSafeInteger(size) || size < 0) return undefined;
  const ones = size.toString(2).replaceAll("0", "").length;
  if (hashes.length !== ones || hashes.some(({ length }) => length !== hashBytes)) return undefined;
  return { size, hashes };
}
