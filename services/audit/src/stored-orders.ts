// The orders to erase that a chain holds, and what became of them.

import { Entry } from "@niivo/contracts/evidence";
import { controlIn, controlTypes, Erasure, rangesIn } from "@niivo/contracts/evidence/control";
import type { StoreReader } from "@niivo/host/store";
import {
  ConfirmedRow,
  confirmedPrefix,
  EntryRow,
  entryId,
  OrderRow,
  orderPrefix,
  ordersOf,
} from "./rows.ts";

const pageMax = 500;

async function readRows(
  store: StoreReader,
  customer: string,
  prefix: string,
): Promise<readonly unknown[]> {
  const all: unknown[] = [];
  for (let after: string | undefined; ; ) {
    const from = after === undefined ? {} : { after };
    const page = await store.list(customer, { prefix, limit: pageMax, ...from });
    all.push(...page.map(({ body }) => body));
    after = page.at(-1)?.id;
    if (page.length < pageMax) return all;
  }
}

/** The parts of one erasure that are sealed. */
export const readOrder = async (store: StoreReader, customer: string, erasure: string) =>
  (await readRows(store, customer, ordersOf(erasure))).map((row) => OrderRow.parse(row));

export const readConfirmed = async (store: StoreReader, customer: string, erasure: string) =>
  (await readRows(store, customer, confirmedPrefix(erasure))).map((row) => ConfirmedRow.parse(row));

/** The number of the entry that says that this entry's value was erased. A row alone is not believed. */
export async function erasedBy(
  store: StoreReader,
  customer: string,
  seq: number,
): Promise<number | undefined> {
  for (const row of await readRows(store, customer, orderPrefix)) {
    for (const { seq: by, entries } of OrderRow.parse(row).sealed) {
      if (!isIn(entries, seq)) continue;
      const said = await erasureAt(store, customer, by);
      if (said !== undefined && isIn(said, seq)) return by;
    }
  }
  return undefined;
}

const isIn = (entries: string, seq: number): boolean =>
  rangesIn(entries).some(([from, to]) => from <= seq && seq <= to);

async function erasureAt(
  store: StoreReader,
  customer: string,
  seq: number,
): Promise<string | undefined> {
  const row = EntryRow.safeParse((await store.read(customer, entryId(seq)))?.body).data;
  const entry = row === undefined ? undefined : Entry.safeParse(JSON.parse(row.bytes)).data;
  return entry === undefined ? undefined : controlIn(entry, controlTypes.erasure, Erasure)?.entries;
}
