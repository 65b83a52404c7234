// Deletes the values that a sealed order names. The order is in the chain before this begins (L28), so wherever it is
// interrupted, nothing is missing without a reason; done again, it deletes what is left.

import { Entry } from "@niivo/contracts/evidence";
import { controlIn, controlTypes, Erasure, rangesIn } from "@niivo/contracts/evidence/control";
import type { Sweep } from "@niivo/host/erasure";
import type { StoreReader } from "@niivo/host/store";
import { nameOf, OrderRow, orderId, valueId } from "./rows.ts";
import { breathe, pageEntriesMax, readEntries, readEntry } from "./stored-chain.ts";
import type { ValueKeys } from "./value-keys.ts";

/** @throws ZodError where the order is not sealed: then nothing is deleted, and nothing confirmed. */
export const sweepValues =
  (keys: Pick<ValueKeys, "shred">): Sweep =>
  async ({ customer, erasure, part }, { store, forget }) => {
    const row = OrderRow.parse((await store.read(customer, orderId(erasure, part)))?.body);
    for (const [first, last] of row.sealed.flatMap(({ entries }) => rangesIn(entries))) {
      for (let from = first; from <= last; from += pageEntriesMax) {
        const limit = Math.min(pageEntriesMax, last - from + 1);
        const page = await readEntries(store, customer, { from, limit });
        const kept = page.filter(({ isPruned }) => !isPruned);
        const entries = kept.map(({ bytes }) => Entry.parse(JSON.parse(bytes)));
        await forget(
          entries.flatMap(({ event }) => (event === undefined ? [] : [valueId(nameOf(event))])),
        );
        await breathe();
      }
    }
    for (const { seq } of row.sealed) {
      const person = await personOf(store, customer, seq);
      if (person !== undefined) await keys.shred(customer, person);
    }
    return { documents: 0 };
  };

/** Whom a sealed order is about: the entry's own word, not that of a row beside it. */
async function personOf(
  store: StoreReader,
  customer: string,
  seq: number,
): Promise<string | undefined> {
  const found = await readEntry(store, customer, seq);
  if (found === undefined || found.isPruned) return undefined;
  const entry = Entry.parse(JSON.parse(found.bytes));
  return controlIn(entry, controlTypes.erasure, Erasure)?.person;
}
