// The signed checkpoints of a chain, as they lie in the store, each with what witnesses added to it.

import type { StoreReader } from "@niivo/host/store";
import { AnchorsRow, anchorsId, CheckpointRow, checkpointId, lastCheckpointId } from "./rows.ts";

/** The newest checkpoint, or the one of exactly this size. What is not a checkpoint row counts as none. */
export async function readCheckpoint(
  store: StoreReader,
  customer: string,
  size?: number,
): Promise<CheckpointRow | undefined> {
  const id = size === undefined ? lastCheckpointId : checkpointId(size);
  return CheckpointRow.safeParse((await store.read(customer, id))?.body).data;
}

/** How far each anchor got; empty where there is none yet. */
export async function readAnchors(store: StoreReader, customer: string): Promise<AnchorsRow> {
  return AnchorsRow.safeParse((await store.read(customer, anchorsId))?.body).data ?? {};
}
