// The Merkle tree over a chain's entries, as the store has it: tiles of 256 hashes where they are written, and the
// entries' own bytes behind the last tile. A higher tile is written with the nodes that are known, again with each turn
// that adds some, so a proof takes a few reads at any size. Proofs are made of it, and checked before they are given away.

import { fromBase64, fromHex, hexOf } from "@niivo/contracts/evidence/bytes";
import {
  consistencyPlan,
  inclusionPlan,
  type NodeId,
  type ProofPlan,
  proofOf,
} from "@niivo/contracts/evidence/proof-plan";
import { type Hash, hashBytes, nodeHash } from "@niivo/contracts/evidence/tree";
import type { Operation, StoreReader } from "@niivo/host/store";
import { TileRow, tileHashes, tileId } from "./rows.ts";
import { leafOf, readEntries, readEntry } from "./stored-chain.ts";

const levelsPerTile = 8;

/** A proof of hashes that are stored; a missing one is a TypeError: the store has lost something. */
export interface StoredTree {
  readonly inclusion: (index: number, size: number) => Promise<readonly Hash[]>;
  readonly consistency: (first: number, second: number) => Promise<readonly Hash[]>;
  /** The hash of a perfect subtree. */
  readonly node: (node: NodeId) => Promise<Hash>;
}

/** The hashes of a tile, one after the other. */
interface Tile {
  readonly bytes: Uint8Array;
  /** Only of a whole one. */
  readonly root: Hash | undefined;
}

const hashIn = ({ bytes }: Tile, index: number): Hash =>
  bytes.subarray(index * hashBytes, (index + 1) * hashBytes);

/** Reads the tree of one chain; what was read once is not read again. */
export function storedTree(store: StoreReader, customer: string): StoredTree {
  const tiles = new Map<string, Promise<Tile | undefined>>();

  const readTile = async (id: string): Promise<Tile | undefined> => {
    const row = TileRow.safeParse((await store.read(customer, id))?.body).data;
    const bytes = row === undefined ? undefined : fromBase64(row.hashes);
    const root = row?.root === undefined ? undefined : fromHex(row.root, hashBytes);
    if (bytes === undefined || bytes.length > tileHashes * hashBytes) return undefined;
    const isWhole = bytes.length === tileHashes * hashBytes;
    return { bytes, root: isWhole ? root : undefined };
  };
  const tile = (level: number, index: number): Promise<Tile | undefined> => {
    const id = tileId(level, index);
    const found = tiles.get(id) ?? readTile(id);
    tiles.set(id, found);
    return found;
  };

  /** Nodes of the tree's level 8·`level`; all of one tile. */
  const row = async (level: number, from: number, count: number): Promise<readonly Hash[]> => {
    const stored = await tile(level, Math.floor(from / tileHashes));
    const at = from % tileHashes;
    // One written before these nodes were known does not have them; the tiles below it do.
    if (stored !== undefined && (at + count) * hashBytes <= stored.bytes.length)
      return Array.from({ length: count }, (_, index) => hashIn(stored, at + index));
    if (level === 0) return entryHashes(store, customer, from, count);
    return Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const below = await tile(level - 1, from + index);
        return below?.root ?? joined(await row(level - 1, (from + index) * tileHashes, tileHashes));
      }),
    );
  };

  const node = async ({ level, index }: NodeId): Promise<Hash> => {
    const width = 2 ** (level % levelsPerTile);
    return joined(await row(Math.floor(level / levelsPerTile), index * width, width));
  };
  const proof = async (plan: ProofPlan): Promise<readonly Hash[]> => {
    const known = new Map<string, Hash>();
    for (const one of plan.flat()) known.set(nameOf(one), await node(one));
    return proofOf(plan, (one) => {
      const hash = known.get(nameOf(one));
      if (hash === undefined) throw new TypeError("a plan names every node of its proof");
      return hash;
    });
  };

  return {
    node,
    inclusion: (index, size) => proof(inclusionPlan(index, size)),
    consistency: (first, second) => proof(consistencyPlan(first, second)),
  };
}

/**
 * The tiles that become whole when the tree grows, and those above them that have more nodes then.
 * @param leaves the hashes of the entries from the last multiple of 256 at or below `from` up to the new size.
 */
export async function tileOperations(
  tree: StoredTree,
  from: number,
  leaves: readonly Hash[],
): Promise<readonly Operation[]> {
  const operations: Operation[] = [];
  const first = Math.floor(from / tileHashes);
  const made = new Map<number, Hash>();
  for (let at = 0; at + tileHashes <= leaves.length; at += tileHashes) {
    const hashes = leaves.slice(at, at + tileHashes);
    const index = first + at / tileHashes;
    made.set(index, joined(hashes));
    operations.push(writing(tileId(0, index), hashes));
  }
  return [...operations, ...(await higherTiles(tree, 1, first, made))];
}

/** A tile of the next level grows with each whole tile below, and is whole when the last of its 256 tiles is. */
async function higherTiles(
  tree: StoredTree,
  level: number,
  from: number,
  below: ReadonlyMap<number, Hash>,
): Promise<readonly Operation[]> {
  const operations: Operation[] = [];
  const made = new Map<number, Hash>();
  if (below.size === 0) return operations;
  const end = from + below.size;
  for (let index = Math.floor(from / tileHashes); index * tileHashes < end; index += 1) {
    const length = Math.min(tileHashes, end - index * tileHashes);
    const hashes = await Promise.all(
      Array.from({ length }, (_, at) => {
        const one = index * tileHashes + at;
        return below.get(one) ?? tree.node({ level: level * levelsPerTile, index: one });
      }),
    );
    if (length === tileHashes) made.set(index, joined(hashes));
    operations.push(writing(tileId(level, index), hashes));
  }
  const next = Math.floor(from / tileHashes);
  return [...operations, ...(await higherTiles(tree, level + 1, next, made))];
}

// A tile is a function of the entries below it, so writing one again writes the same.
const writing = (id: string, hashes: readonly Hash[]): Operation => ({
  kind: "upsert",
  id,
  body: {
    hashes: Buffer.concat(hashes).toString("base64"),
    ...(hashes.length === tileHashes ? { root: hexOf(joined(hashes)) } : {}),
  },
});

async function entryHashes(
  store: StoreReader,
  customer: string,
  from: number,
  count: number,
): Promise<readonly Hash[]> {
  if (count === 1) {
    const found = await readEntry(store, customer, from);
    if (found === undefined) throw new TypeError(`entry ${from} is missing`);
    return [leafOf(found)];
  }
  const entries = await readEntries(store, customer, { from, limit: count });
  if (entries.length < count) throw new TypeError(`entries are missing after ${from}`);
  return entries.map(leafOf);
}

/** Pairs, and pairs of pairs, up to one. @param hashes a power of two of them. */
function joined(hashes: readonly Hash[]): Hash {
  let level = hashes;
  while (level.length > 1) {
    const above: Hash[] = [];
    for (let at = 0; at + 1 < level.length; at += 2) {
      const [left, right] = [level[at], level[at + 1]];
      if (left !== undefined && right !== undefined) above.push(nodeHash(left, right));
    }
    level = above;
  }
  const [root] = level;
  if (root === undefined) throw new TypeError("there is no node over nothing");
  return root;
}

const nameOf = ({ level, index }: NodeId): string => `${level}/${index}`;
