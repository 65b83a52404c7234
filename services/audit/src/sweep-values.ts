// Deletes the values that a sealed order names. The order is in the chain before this begins (L28), so wherever it is
// interrupted, nothing is missing without a reason; done again, it deletes what is left.

import { Entry } from "@niivo/contracts/evidence";
import { rangesIn } from "@niivo/contracts/evidence/control";
import type { Sweep } from "@niivo/host/erasure";
import { nameOf, OrderRow, orderId, valueId } from "./rows.ts";
import { breathe, pageEntriesMax, readEntries } from "./stored-chain.ts";

/** @throws ZodError where the order is not sealed: then nothing is deleted, and nothing confirmed. */
export const sweepValues: Sweep = async ({ customer, erasure, part }, { store, forget }) => {
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
  return { documents: 0 };
};
