// Making inclusion and consistency proofs (RFC 6962 sections 2.1.1 and 2.1.2). A plan names the nodes of a proof
// without reading any, so whoever keeps the tree can fetch all of them in one go.

import { foldRight, type Hash, nodeHash } from "./tree.ts";

/** The root of the perfect subtree over the leaves from `index`·2^`level`, 2^`level` of them. */
export interface NodeId {
  readonly level: number;
  readonly index: number;
}

/** One element a hash of the proof: the perfect subtrees that it joins, from left to right. */
export type ProofPlan = readonly (readonly NodeId[])[];

/** Proves that leaf `index` is in the tree of `size` leaves. @throws RangeError where it cannot be. */
export function inclusionPlan(index: number, size: number): ProofPlan {
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new RangeError("a leaf has an index below the tree's size");
  const plan: (readonly NodeId[])[] = [];
  let [begin, end] = [0, size];
  while (end - begin > 1) {
    const middle = begin + splitOf(end - begin);
    if (index < middle) {
      plan.push(subtrees(middle, end));
      end = middle;
    } else {
      plan.push(subtrees(begin, middle));
      begin = middle;
    }
  }
  return plan.reverse();
}

/**
 * Proves that the first `first` leaves of the tree of `second` leaves are the tree of `first` leaves.
 * @throws RangeError unless 1 ≤ first ≤ second.
 */
export function consistencyPlan(first: number, second: number): ProofPlan {
  if (!Number.isSafeInteger(second) || !Number.isSafeInteger(first) || first < 1 || first > second)
    throw new RangeError("an older tree has at least one leaf and no more than the newer");
  const plan: (readonly NodeId[])[] = [];
  let [begin, end] = [0, second];
  while (first !== end) {
    const middle = begin + splitOf(end - begin);
    if (first <= middle) {
      plan.push(subtrees(middle, end));
      end = middle;
    } else {
      plan.push(subtrees(begin, middle));
      begin = middle;
    }
  }
  // The verifier knows the whole of the older tree, and only that, from the older root.
  if (begin > 0) plan.push(subtrees(begin, end));
  return plan.reverse();
}

/** The proof itself, from the hashes of the nodes that the plan names. */
export const proofOf = (plan: ProofPlan, hashOf: (node: NodeId) => Hash): readonly Hash[] =>
  plan.map((nodes) => foldRight(nodes.map(hashOf)));

/** The nodes of a tree that is held in memory, by level. @param leaves leaf hashes. */
export function nodesOf(leaves: readonly Hash[]): (node: NodeId) => Hash {
  const levels: Hash[][] = [[...leaves]];
  for (let below = levels[0] ?? []; below.length > 1; below = levels.at(-1) ?? []) {
    const level: Hash[] = [];
    for (let index = 0; index + 1 < below.length; index += 2) {
      const [left, right] = [below[index], below[index + 1]];
      if (left !== undefined && right !== undefined) level.push(nodeHash(left, right));
    }
    levels.push(level);
  }
  return ({ level, index }) => {
    const hash = levels[level]?.[index];
    if (hash === undefined) throw new RangeError("the tree has no such node");
    return hash;
  };
}

/** The largest power of two below `count`. */
function splitOf(count: number): number {
  let split = 1;
  while (split * 2 < count) split *= 2;
  return split;
}

// The perfect subtrees that cover the leaves from `begin` to `end`. The begin of a right-hand part is a multiple
// of every power of two that fits behind it, so going down in size covers it.
function subtrees(begin: number, end: number): readonly NodeId[] {
  const nodes: NodeId[] = [];
  let at = begin;
  while (at < end) {
    let [level, width] = [0, 1];
    while (width * 2 <= end - at) [level, width] = [level + 1, width * 2];
    nodes.push({ level, index: at / width });
    at += width;
  }
  return nodes;
}
