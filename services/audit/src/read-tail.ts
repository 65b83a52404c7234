// Reads the entries of a chain in order, page by page, up to a size that was fixed before: the chain may grow meanwhile.

import type { StoreReader } from "@niivo/host/store";
import { type Found, readEntries } from "./stored-chain.ts";

const pageEntries = 500;

/** @throws TypeError where an entry below `size` is missing. */
export async function* entriesUpTo(
  store: StoreReader,
  customer: string,
  { from, size }: { readonly from: number; readonly size: number },
): AsyncGenerator<readonly Found[]> {
  for (let at = from; at < size; ) {
    const limit = Math.min(pageEntries, size - at);
    const page = await readEntries(store, customer, { from: at, limit });
    if (page.length < limit) throw new TypeError(`an entry below ${size} is missing`);
    yield page;
    at += limit;
    // Others have their turn while a long chain is read.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
