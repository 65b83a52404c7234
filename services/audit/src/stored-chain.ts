// Reads a chain from the store as it lies there, in pages, and believes nothing of it.

import { bytesOf } from "@niivo/contracts/evidence/bytes";
import { type CompactRange, emptyRange, leafHash, withLeaf } from "@niivo/contracts/evidence/tree";
import type { StoreReader } from "@niivo/host/store";
import { EntryRow, entryId, entryPrefix, HeadRow, headId } from "./rows.ts";
import { type Found, type Verdict, verifier } from "./verify.ts";

/** A page is read at once: at most 32 MB, as an entry has at most 64 KB. */
const pageEntriesMax = 500;
/** Gives other requests a turn while a long chain is read; the store may answer without waiting. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The entries from `from` on, in the order of their numbers, at most `limit`. */
export async function readEntries(
  store: StoreReader,
  customer: string,
  { from, limit }: { readonly from: number; readonly limit: number },
): Promise<readonly Found[]> {
  const after = from === 0 ? {} : { after: entryId(from - 1) };
  const rows = await store.list(customer, { prefix: entryPrefix, limit, ...after });
  return rows.map(({ body }) => foundIn(body));
}

/** The end of the chain as the store has it. What is not a head row counts as none. */
export async function readHead(store: StoreReader, customer: string): Promise<HeadRow | undefined> {
  return HeadRow.safeParse((await store.read(customer, headId))?.body).data;
}

/**
 * Recomputes the whole chain. Entries may be sealed meanwhile: a page comes after the head row it is compared
 * with, so an end is only judged when no entry follows it.
 * @returns `undefined` where there is neither an entry nor a head row: no chain, so nothing is in order.
 */
export async function verifyStored(
  store: StoreReader,
  customer: string,
): Promise<Verdict | undefined> {
  const verification = verifier();
  let after: string | undefined;
  for (;;) {
    const head = await readHead(store, customer);
    const rows = await store.list(customer, {
      prefix: entryPrefix,
      limit: pageEntriesMax,
      ...(after === undefined ? {} : { after }),
    });
    for (const { body } of rows) verification.add(foundIn(body));
    const last = rows.at(-1);
    if (last === undefined) {
      const isNone = after === undefined && head === undefined;
      return isNone ? undefined : verification.end(head);
    }
    after = last.id;
    await breathe();
  }
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
    for (const { bytes } of page) range = withLeaf(range, leafHash(bytesOf(bytes)));
    await breathe();
  }
  return range;
}

/** A row that is not one is an entry of no meaning, and the verifier says so. */
function foundIn(body: unknown): Found {
  return EntryRow.safeParse(body).data ?? { bytes: JSON.stringify(body) ?? "" };
}
