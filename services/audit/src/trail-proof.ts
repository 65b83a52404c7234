// What stands behind a trail: the signed checkpoint it is compared with, who keeps that, and which of its entries are
// proven to be in the tree under it. What is not proven is said as well.

import { bytesOf, fromHex } from "@niivo/contracts/evidence/bytes";
import { isIncluded } from "@niivo/contracts/evidence/proof";
import { inclusionPlan, type NodeId, proofOf } from "@niivo/contracts/evidence/proof-plan";
import { type Hash, hashBytes, leafHash } from "@niivo/contracts/evidence/tree";
import type { StoreReader } from "@niivo/host/store";
import { type AnchorsRow, CosignedRow, cosignedId } from "./rows.ts";
import { readHead } from "./stored-chain.ts";
import { readAnchors, readCheckpoint } from "./stored-checkpoints.ts";
import { storedTree } from "./stored-tree.ts";
import type { Trail, TrailEntry } from "./trail.ts";

export interface TrailProof {
  readonly chain: { readonly size: number; readonly head: string } | null;
  /** The newest signed one; before it was signed, every entry below its size was read and hashed again. */
  readonly checkpoint: {
    readonly size: number;
    readonly root: string;
    readonly signedAt: string;
  } | null;
  /** Names of the witnesses that cosigned this very checkpoint. */
  readonly witnessedBy: readonly string[];
  readonly anchors: AnchorsRow;
  /** Entries of the trail whose inclusion under the checkpoint's root was proven now. */
  readonly included: number;
  /** Entries that came after the checkpoint: no signature covers them yet. */
  readonly unsigned: readonly number[];
  /** Entries that are not what the checkpoint was signed over. */
  readonly altered: readonly number[];
  readonly notProven: readonly string[];
}

export async function proofOfTrail(
  store: StoreReader,
  customer: string,
  trail: Trail,
): Promise<TrailProof> {
  // First the checkpoint, then the head: the chain only grows.
  const checkpoint = await readCheckpoint(store, customer);
  const head = await readHead(store, customer);
  const size = checkpoint?.size ?? 0;
  const root = fromHex(checkpoint?.root ?? "", hashBytes);
  const signed = trail.entries.filter(({ entry }) => entry.seq < size);
  const isProven = root === undefined ? async () => false : inclusions(store, customer, size, root);
  const verdicts = await Promise.all(signed.map(isProven));
  const altered = signed.filter((_, index) => verdicts[index] !== true);
  const unsigned = trail.entries.flatMap(({ entry }) => (entry.seq < size ? [] : [entry.seq]));
  const cosigned = CosignedRow.safeParse((await store.read(customer, cosignedId(size)))?.body).data;
  const witnessedBy = Object.keys(cosigned ?? {});
  return {
    chain: head === undefined ? null : { size: head.size, head: head.headHash },
    checkpoint:
      checkpoint === undefined
        ? null
        : { size, root: checkpoint.root, signedAt: checkpoint.signedAt },
    witnessedBy,
    anchors: await readAnchors(store, customer),
    included: signed.length - altered.length,
    unsigned,
    altered: altered.map(({ entry }) => entry.seq),
    notProven: notProven(trail, { witnessedBy, unsigned }),
  };
}

/** Checks entries against one root. Neighbours share most of their proofs, so each node is read once. */
function inclusions(
  store: StoreReader,
  customer: string,
  size: number,
  root: Hash,
): (entry: TrailEntry) => Promise<boolean> {
  const tree = storedTree(store, customer);
  const nodes = new Map<string, Promise<Hash>>();
  const node = (id: NodeId): Promise<Hash> => {
    const name = `${id.level}/${id.index}`;
    const found = nodes.get(name) ?? tree.node(id);
    nodes.set(name, found);
    return found;
  };
  return async ({ entry, bytes }) => {
    const plan = inclusionPlan(entry.seq, size);
    const known = new Map<NodeId, Hash>();
    try {
      for (const one of plan.flat()) known.set(one, await node(one));
      const proof = proofOf(plan, (one) => known.get(one) ?? new Uint8Array());
      return isIncluded({ size, root }, entry.seq, leafHash(bytesOf(bytes)), proof);
    } catch (error) {
      // A part of the tree is not there any more: nothing is proven by what is left.
      if (error instanceof TypeError) return false;
      throw error;
    }
  };
}

function notProven(
  { complete, entries }: Trail,
  { witnessedBy, unsigned }: Pick<TrailProof, "witnessedBy" | "unsigned">,
): readonly string[] {
  const isEnded = entries.some(({ entry }) => /^ticket\.(resolved|escalated)\./.test(entry.type));
  return [
    ...(complete ? [] : ["That these are all entries of the ticket: its links break off."]),
    ...(isEnded
      ? []
      : ["That nothing happened after the last entry shown: the ticket has not ended."]),
    ...(unsigned.length === 0
      ? []
      : ["That the newest entries stay as they are: no signed checkpoint covers them yet."]),
    ...(witnessedBy.length === 0
      ? ["That nobody was shown another history: no witness has cosigned this checkpoint."]
      : []),
    "That this answer is honest: it comes from the service that it is about. Verify the export with the offline verifier.",
    "That the chain is whole outside this ticket: the verify route recomputes all of it.",
  ];
}
