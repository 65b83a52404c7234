// Where a chain names and retires the keys that sign its checkpoints, for whoever proves a part of it or leaves
// checkpoints out: the first checkpoint over such an entry is the one that makes a reader believe the new key.

import type { StoreReader } from "@niivo/host/store";
import { type CheckpointRow, KeyEntryRow, keyEntryPrefix } from "./rows.ts";
import { listCheckpoints } from "./stored-checkpoints.ts";

/** Keys are replaced once in months. */
const keyEntriesMax = 500;

export interface KeyEntry {
  readonly seq: number;
  /** The first checkpoint that covers it, signed by a key that was believed before. */
  readonly firstUnder: CheckpointRow | undefined;
}

export async function keyEntries(
  store: StoreReader,
  customer: string,
): Promise<readonly KeyEntry[]> {
  const rows = await store.list(customer, { prefix: keyEntryPrefix, limit: keyEntriesMax });
  return Promise.all(
    rows.map(async ({ body }) => {
      const { seq } = KeyEntryRow.parse(body);
      const [firstUnder] = await listCheckpoints(store, customer, { after: seq, limit: 1 });
      return { seq, firstUnder };
    }),
  );
}

/** The sizes of those checkpoints. */
export const sizesForKeys = async (store: StoreReader, customer: string) =>
  (await keyEntries(store, customer)).flatMap(({ firstUnder }) => firstUnder?.size ?? []);
