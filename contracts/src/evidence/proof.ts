// Checking inclusion and consistency proofs (RFC 9162 sections 2.1.3.2 and 2.1.4.2).
//
// Invariants:
//   T1. A proof holds only if every hash of it is used, and none is missing.
//   T2. Nothing is consistent with a tree of no leaves: whoever means "from the beginning" says so elsewhere.

import { isSameBytes } from "./bytes.ts";
import { type Hash, hashBytes, nodeHash } from "./tree.ts";

/** A tree as a checkpoint states it. */
export interface TreeHead {
  readonly size: number;
  readonly root: Hash;
}

/** A tree of 2^53 leaves is the largest that is handled, and a consistency proof has at most twice the levels. */
export const proofHashesMax = 106;

/** Whether leaf `index` of the tree is `leaf`. */
export function isIncluded(
  { size, root }: TreeHead,
  index: number,
  leaf: Hash,
  proof: readonly Hash[],
): boolean {
  if (!isCount(size) || !isCount(index) || index >= size || !areHashes([leaf, root, ...proof]))
    return false;
  let [at, last, hash] = [index, size - 1, leaf];
  for (const sibling of proof) {
    if (last === 0) return false; // T1
    if (isOdd(at) || at === last) {
      hash = nodeHash(sibling, hash);
      [at, last] = upFromLeft(at, last);
    } else {
      hash = nodeHash(hash, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && isSameBytes(hash, root); // T1
}

/** Whether the older tree is how the newer began. */
export function isConsistent(older: TreeHead, newer: TreeHead, proof: readonly Hash[]): boolean {
  if (!isCount(older.size) || !isCount(newer.size) || older.size > newer.size) return false;
  if (older.size === 0) return false; // T2
  if (older.size === newer.size) return proof.length === 0 && isSameBytes(older.root, newer.root);
  if (!areHashes([older.root, newer.root, ...proof])) return false;
  const path = isPowerOfTwo(older.size) ? [older.root, ...proof] : proof;
  const [start, ...rest] = path;
  if (start === undefined || proof.length === 0) return false;
  let [at, last] = [older.size - 1, newer.size - 1];
  while (isOdd(at)) [at, last] = [half(at), half(last)];
  let [oldHash, newHash] = [start, start];
  for (const sibling of rest) {
    if (last === 0) return false; // T1
    if (isOdd(at) || at === last) {
      oldHash = nodeHash(sibling, oldHash);
      newHash = nodeHash(sibling, newHash);
      [at, last] = upFromLeft(at, last);
    } else {
      newHash = nodeHash(newHash, sibling);
    }
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && isSameBytes(oldHash, older.root) && isSameBytes(newHash, newer.root); // T1
}

// Up to the next level at which the node is a right child: the levels between have no sibling.
function upFromLeft(at: number, last: number): [number, number] {
  let [index, end] = [at, last];
  while (!isOdd(index) && index !== 0) [index, end] = [half(index), half(end)];
  return [index, end];
}

// Bitwise operators work on 32 bits only, and a chain may have more entries than that.
const half = (number: number): number => Math.floor(number / 2);
const isOdd = (number: number): boolean => number % 2 === 1;
const isCount = (number: number): boolean => Number.isSafeInteger(number) && number >= 0;
const areHashes = (hashes: readonly Hash[]): boolean =>
  hashes.length <= proofHashesMax + 2 && hashes.every(({ length }) => length === hashBytes);

function isPowerOfTwo(number: number): boolean {
  let rest = number;
  while (rest > 1 && !isOdd(rest)) rest = half(rest);
  return rest === 1;
}
