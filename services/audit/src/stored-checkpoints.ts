// The signed checkpoints of a chain, as they lie in the store, each with what witnesses added to it.

import type { StoreReader } from "@niivo/host/store";
import {
  AnchorsRow,
  anchorsId,
  CheckpointRow,
  CosignedRow,
  checkpointId,
  checkpointPrefix,
  cosignedId,
  lastCheckpointId,
} from "./rows.ts";

/** The newest checkpoint, or the one of exactly this size. What is not a checkpoint row counts as none. */
export async function readCheckpoint(
  store: StoreReader,
  customer: string,
  size?: number,
): Promise<CheckpointRow | undefined> {
  const id = size === undefined ? lastCheckpointId : checkpointId(size);
  return CheckpointRow.safeParse((await store.read(customer, id))?.body).data;
}

/** The checkpoints of more than `after` entries, the smallest first. */
export async function listCheckpoints(
  store: StoreReader,
  customer: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<readonly CheckpointRow[]> {
  const rows = await store.list(customer, {
    prefix: checkpointPrefix,
    after: checkpointId(after),
    limit,
  });
  return rows.flatMap(({ body }) => CheckpointRow.safeParse(body).data ?? []);
}

/** The note with the lines of the witnesses that signed it since. */
export async function fullNote(
  store: StoreReader,
  customer: string,
  { size, note }: CheckpointRow,
): Promise<string> {
  const lines = CosignedRow.safeParse((await store.read(customer, cosignedId(size)))?.body).data;
  return note + Object.values(lines ?? {}).join("");
}

/** How far each anchor got; empty where there is none yet. */
export async function readAnchors(store: StoreReader, customer: string): Promise<AnchorsRow> {
  return AnchorsRow.safeParse((await store.read(customer, anchorsId))?.body).data ?? {};
}
