import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { sha256Bytes } from "../canonical.ts";
import { fromBase64, hexOf } from "./bytes.ts";
import { isConsistent, isIncluded } from "./proof.ts";
import { consistencyPlan, inclusionPlan, nodesOf, proofOf } from "./proof-plan.ts";
import {
  type CompactRange,
  compactRange,
  emptyRange,
  emptyRoot,
  leafHash,
  nodeHash,
  rootOf,
  withLeaf,
} from "./tree.ts";

// Public vectors lie beside the repository; they are not copied into it.
const vectors = new URL("../../../../shared/vectors/rfc6962/", import.meta.url);
const present = existsSync(vectors);
const title = present ? "RFC 6962 vectors" : "RFC 6962 vectors (skipped: vectors not present)";
const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, vectors), "utf8"));
const hashIn = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array();
const hashesIn = (texts: readonly string[] | null): readonly Uint8Array[] =>
  (texts ?? []).map(hashIn);
const Proof = z.array(z.string()).nullable();

describe.skipIf(!present)(title, () => {
  test("inclusion proofs, good and broken", () => {
    const Case = z.object({
      leafIdx: z.number(),
      treeSize: z.number(),
      root: z.string(),
      leafHash: z.string(),
      proof: Proof,
      desc: z.string(),
      wantErr: z.boolean(),
    });
    const cases = z.array(Case).min(98).parse(read("inclusion.json"));
    for (const { leafIdx, treeSize: size, root, leafHash: leaf, proof, desc, wantErr } of cases) {
      const holds = isIncluded(
        { size, root: hashIn(root) },
        leafIdx,
        hashIn(leaf),
        hashesIn(proof),
      );
      expect(holds, `${leafIdx} of ${size}: ${desc}`).toBe(!wantErr);
    }
  });

  test("consistency proofs, good and broken", () => {
    const Case = z.object({
      size1: z.number(),
      size2: z.number(),
      root1: z.string(),
      root2: z.string(),
      proof: Proof,
      desc: z.string(),
      wantErr: z.boolean(),
    });
    const cases = z.array(Case).min(98).parse(read("consistency.json"));
    for (const { size1, size2, root1, root2, proof, desc, wantErr } of cases) {
      const older = { size: size1, root: hashIn(root1) };
      const newer = { size: size2, root: hashIn(root2) };
      const holds = isConsistent(older, newer, hashesIn(proof));
      expect(holds, `${size1} to ${size2}: ${desc}`).toBe(!wantErr);
    }
  });

  test("hashes of leaves and nodes, and the empty root", () => {
    const Vector = z.object({
      kind: z.enum(["empty", "leaf", "node"]),
      want: z.string(),
      inputUtf8: z.string().default(""),
      leftUtf8: z.string().default(""),
      rightUtf8: z.string().default(""),
    });
    const cases = z.object({ vectors: z.array(Vector).min(4) }).parse(read("hasher.json"));
    for (const { kind, want, inputUtf8, leftUtf8, rightUtf8 } of cases.vectors) {
      if (kind === "empty") expect(hexOf(emptyRoot())).toBe(want);
      if (kind === "leaf") expect(hexOf(leafHash(Buffer.from(inputUtf8)))).toBe(want);
      // Their example joins texts that are no hashes, so it is joined by hand here.
      const joined = Buffer.concat([Buffer.of(1), Buffer.from(leftUtf8), Buffer.from(rightUtf8)]);
      if (kind === "node") expect(hexOf(sha256Bytes(joined))).toBe(want);
    }
  });

  test("the reference tree has the published nodes and all nine roots", () => {
    const tree = z
      .object({
        leafInputsHex: z.array(z.string()).length(8),
        nodeHashesHexByLevel: z.array(z.array(z.string())),
        rootHashesHexBySize: z.array(z.string()).length(9),
      })
      .parse(read("reference-tree.json"));
    const leaves = tree.leafInputsHex.map((hex) => leafHash(Buffer.from(hex, "hex")));
    expect(rangesOf(leaves).map((range) => hexOf(rootOf(range)))).toEqual(tree.rootHashesHexBySize);
    const nodes = nodesOf(leaves);
    for (const [level, hashes] of tree.nodeHashesHexByLevel.entries())
      for (const [index, hash] of hashes.entries())
        expect(hexOf(nodes({ level, index })), `${level}/${index}`).toBe(hash);
  });
});

/** The range after each leaf, from the empty one on. */
function rangesOf(leaves: readonly Uint8Array[]): readonly CompactRange[] {
  const ranges: CompactRange[] = [emptyRange];
  for (const leaf of leaves) ranges.push(withLeaf(ranges.at(-1)!, leaf));
  return ranges;
}

const leaves = Array.from({ length: 70 }, (_, index) => leafHash(Buffer.from(`leaf ${index}`)));
const ranges = rangesOf(leaves);
const heads = ranges.map((range) => ({ size: range.size, root: rootOf(range) }));
const nodes = nodesOf(leaves);

/** The definition of RFC 6962 section 2.1, word for word. */
function definedRoot(some: readonly Uint8Array[]): Uint8Array {
  if (some.length === 0) return emptyRoot();
  if (some.length === 1) return some[0]!;
  let split = 1;
  while (split * 2 < some.length) split *= 2;
  return nodeHash(definedRoot(some.slice(0, split)), definedRoot(some.slice(split)));
}

test("the root of every size is the one that the RFC defines", () => {
  for (const { size, root } of heads)
    expect(hexOf(root), `${size}`).toBe(hexOf(definedRoot(leaves.slice(0, size))));
});

test("T1: every leaf of every size is proved, by no more hashes than the tree is high", () => {
  for (const head of heads)
    for (let index = 0; index < head.size; index += 1) {
      const proof = proofOf(inclusionPlan(index, head.size), nodes);
      expect(isIncluded(head, index, leaves[index]!, proof), `${index} of ${head.size}`).toBe(true);
      expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(head.size)));
    }
});

test("every two sizes are proved consistent", () => {
  for (let older = 1; older < heads.length; older += 1)
    for (let newer = older; newer < heads.length; newer += 1) {
      const proof = proofOf(consistencyPlan(older, newer), nodes);
      const holds = isConsistent(heads[older]!, heads[newer]!, proof);
      expect(holds, `${older} to ${newer}`).toBe(true);
    }
});

const size = fc.integer({ min: 2, max: leaves.length });

test("T1: a proof with one bit changed, one hash more, less or doubled, or for another place does not hold", () => {
  fc.assert(
    fc.property(size, fc.nat(), fc.nat(), fc.nat({ max: 255 }), (count, place, at, bit) => {
      const head = heads[count]!;
      const index = place % count;
      const leaf = leaves[index]!;
      const proof = proofOf(inclusionPlan(index, count), nodes);
      const spot = at % proof.length;
      const changed = Buffer.from(proof[spot]!);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      for (const broken of [
        proof.with(spot, changed),
        proof.toSpliced(spot, 1),
        proof.toSpliced(spot, 0, proof[spot]!),
        [...proof, emptyRoot()],
      ])
        expect(isIncluded(head, index, leaf, broken)).toBe(false);
      expect(isIncluded(head, (index + 1) % count, leaf, proof)).toBe(false);
      expect(isIncluded({ ...head, root: changed }, index, leaf, proof)).toBe(false);
    }),
  );
});

test("T1: a consistency proof that was changed does not hold, nor does one between other trees", () => {
  fc.assert(
    fc.property(size, fc.nat(), fc.nat(), fc.nat({ max: 255 }), (newer, older, at, bit) => {
      const first = 1 + (older % (newer - 1));
      const proof = proofOf(consistencyPlan(first, newer), nodes);
      const spot = at % proof.length;
      const changed = Buffer.from(proof[spot]!);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const [one, other] = [heads[first]!, heads[newer]!];
      for (const broken of [
        proof.with(spot, changed),
        proof.toSpliced(spot, 1),
        [...proof, emptyRoot()],
      ])
        expect(isConsistent(one, other, broken)).toBe(false);
      expect(isConsistent({ ...one, root: changed }, other, proof)).toBe(false);
      expect(isConsistent(one, { ...other, root: changed }, proof)).toBe(false);
      expect(isConsistent(other, one, proof)).toBe(false);
    }),
  );
});

test("T2: nothing is consistent with the tree without leaves", () => {
  expect(isConsistent(heads[0]!, heads[3]!, [])).toBe(false);
  expect(isConsistent(heads[0]!, heads[0]!, [])).toBe(false);
});

test("sizes beyond 32 bits, and numbers that are no sizes, are handled", () => {
  const far = 2 ** 40 + 3;
  const plan = inclusionPlan(far - 1, far);
  expect(plan.length).toBe(2);
  const [leaf, inner, outer] = [leafHash(Buffer.of(1)), leafHash(Buffer.of(2)), emptyRoot()];
  const root = nodeHash(outer, nodeHash(inner, leaf));
  expect(isIncluded({ size: far, root }, far - 1, leaf, [inner, outer])).toBe(true);
  for (const wrong of [-1, 1.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY]) {
    expect(isIncluded({ size: far, root }, wrong, leaf, [inner, outer])).toBe(false);
    expect(isIncluded({ size: wrong, root }, 0, leaf, [])).toBe(false);
    expect(isConsistent({ size: wrong, root }, { size: far, root }, [])).toBe(false);
    expect(() => inclusionPlan(wrong, far)).toThrow(RangeError);
    expect(() => consistencyPlan(wrong, far)).toThrow(RangeError);
  }
});

test("a stored range is taken again only with as many hashes as its size needs", () => {
  for (const range of ranges) expect(compactRange(range.size, range.hashes)).toEqual(range);
  const { hashes } = ranges[6]!;
  for (const [count, some] of [
    [7, hashes],
    [6, hashes.slice(1)],
    [6, [...hashes, emptyRoot()]],
    [6, [hashes[0]!, Buffer.alloc(31)]],
    [-1, []],
    [0.5, []],
  ] as const)
    expect(compactRange(count, some)).toBeUndefined();
});
