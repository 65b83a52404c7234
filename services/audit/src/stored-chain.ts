// Reads a chain from the store as it lies there, in pages, and believes nothing of it.

import { bytesOf, fromHex } from "@niivo/contracts/evidence/bytes";
import {
  type CompactRange,
  emptyRange,
  type Hash,
  hashBytes,
  leafHash,
  withLeaf,
} from "@niivo/contracts/evidence/tree";
import type { StoreReader } from "@niivo/host/store";
import { EntryRow, entryId, entryPrefix, HeadRow, headId, PrunedRow } from "./rows.ts";

/** A page is read at once: at most 32 MB, as an entry has at most 64 KB. */
export const pageEntriesMax = 500;
/** Gives other requests a turn while a long chain is read; the store may answer without waiting. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An entry as it was found. The hash that was stored beside the bytes proves nothing. */
export interface Found {
  readonly bytes: string;
  readonly hash?: string;
  /** The number in its document's id. */
  readonly place: number;
  /** Its bytes were removed at the end of their retention, so the hash alone is left. Whether that is sealed, judges say. */
  readonly isPruned?: true;
}

/** The leaf of the tree: from the bytes, or where they were removed as it was kept. */
export function leafOf({ bytes, hash = "", isPruned }: Found): Hash {
  const kept = isPruned ? fromHex(hash, hashBytes) : undefined;
  return kept ?? leafHash(bytesOf(bytes));
}

/** The entries from `from` on, in the order of their numbers, at most `limit`. */
export async function readEntries(
  store: StoreReader,
  customer: string,
  { from, limit }: { readonly from: number; readonly limit: number },
): Promise<readonly Found[]> {
  const after = from === 0 ? {} : { after: entryId(from - 1) };
  const rows = await store.list(customer, { prefix: entryPrefix, limit, ...after });
  return rows.map(({ id, body }) => foundIn(id, body));
}

/** The entry of this number. */
export async function readEntry(
  store: StoreReader,
  customer: string,
  seq: number,
): Promise<Found | undefined> {
  const found = await store.read(customer, entryId(seq));
  return found === undefined ? undefined : foundIn(found.id, found.body);
}

/** The end of the chain as the store has it. What is not a head row counts as none. */
export async function readHead(store: StoreReader, customer: string): Promise<HeadRow | undefined> {
  return HeadRow.safeParse((await store.read(customer, headId))?.body).data;
}

/** The compact range of the first `size` entries, from their bytes. @throws TypeError where one is missing. */
export async function rangeOf(
  store: StoreReader,
  customer: string,
  size: number,
): Promise<CompactRange> {
  let range = emptyRange;
  while (range.size < size) {
    const limit = Math.min(pageEntriesMax, size - range.size);
    const page = await readEntries(store, customer, { from: range.size, limit });
    if (page.length < limit) throw new TypeError("entries are missing before the end of the chain");
    for (const found of page) range = withLeaf(range, leafOf(found));
    await breathe();
  }
  return range;
}

/** A row that is not one is an entry of no meaning, and the verifier says so. */
function foundIn(id: string, body: unknown): Found {
  const place = Number(id.slice(entryPrefix.length));
  const pruned = PrunedRow.safeParse(body).data;
  if (pruned !== undefined) return { bytes: "", hash: pruned.hash, place, isPruned: true };
  const row = EntryRow.safeParse(body).data ?? { bytes: JSON.stringify(body) ?? "" };
  return { ...row, place };
}
