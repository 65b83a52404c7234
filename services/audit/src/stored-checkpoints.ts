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

/** Of the older ones every second is left out until so many remain: the tree of each stands in the next. */
const notesMax = 2000;
const notesPage = 500;

/**
 * The first and the newest checkpoints, and as many between as fit, with all their signatures.
 * @param needed sizes that are never left out.
 */
export async function keptNotes(
  store: StoreReader,
  customer: string,
  needed: readonly number[] = [],
): Promise<readonly { readonly size: number; readonly note: string }[]> {
  let kept: CheckpointRow[] = [];
  for (let after = 0; ; ) {
    const page = await listCheckpoints(store, customer, { after, limit: notesPage });
    kept.push(...page);
    if (kept.length > notesMax)
      kept = kept.filter(
        ({ size }, index) => index % 2 === 0 || index === kept.length - 1 || needed.includes(size),
      );
    const last = page.at(-1);
    if (last === undefined || page.length < notesPage) break;
    after = last.size;
  }
  return Promise.all(
    kept.map(async (one) => ({ size: one.size, note: await fullNote(store, customer, one) })),
  );
}

/** How far each anchor got; empty where there is none yet. */
export async function readAnchors(store: StoreReader, customer: string): Promise<AnchorsRow> {
  return AnchorsRow.safeParse((await store.read(customer, anchorsId))?.body).data ?? {};
}

/** Whether an anchor that was asked has not taken a checkpoint of this size. */
export const isAnyBehind = (anchors: AnchorsRow, size: number): boolean =>
  Object.values(anchors).some((anchor) => anchor.size < size);
