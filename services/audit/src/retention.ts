// The end of an entry's retention: its bytes and the value behind its commitment are removed, its hash stays, and so do
// the tree, every checkpoint and every proof of another entry. Entries of audit's own are kept: they name keys, orders
// of erasure, and readers.
//
// Invariants:
//   L31. No byte is removed before an entry that says so is in the chain; what it names is removed sooner or later, by
//        whichever process comes after.
//   L32. Removed is only what stands under a signed checkpoint in whole tiles, is older than the retention, and has
//        after it another entry as old: so a verifier sees that it was old enough (V18).
//   L33. Bytes that are not those that were sealed are evidence: they are left where they are, and an error is logged.

import { derivedId } from "@niivo/contracts/canonical";
import { platformCustomer } from "@niivo/contracts/envelope";
import { Entry, entryHash } from "@niivo/contracts/evidence";
import { bytesOf } from "@niivo/contracts/evidence/bytes";
import type { Host } from "@niivo/host/host";
import type { Operation, Store, StoreReader } from "@niivo/host/store";
import {
  entryId,
  nameOf,
  PrunedToRow,
  prunedDoneId,
  prunedId,
  tileHashes,
  valueId,
} from "./rows.ts";
import { type Found, readEntries, readEntry } from "./stored-chain.ts";
import { readCheckpoint } from "./stored-checkpoints.ts";

/** How often it is looked for what is old enough. */
const roundMs = 60 * 60 * 1000;
const dayMs = 24 * 60 * 60 * 1000;
/** Two operations each: their commit stays below the store's hundred. */
const entriesPerCommit = 40;

export interface RetentionOptions {
  readonly host: Pick<Host, "store" | "send" | "now" | "log">;
  readonly customers: Iterable<string>;
  /** Only the process that writes removes anything. */
  readonly isWriter: () => boolean;
  /** How long the bytes of an entry are kept. */
  readonly days: number;
}

export interface RetentionClock {
  /** Removes what was sealed as removed, and asks for the next range to be sealed. Never throws. */
  readonly round: () => Promise<void>;
  /** A round now and every hour. */
  readonly start: () => void;
}

export function retentionClock(options: RetentionOptions): RetentionClock {
  const { host, isWriter, days } = options;
  const chains = [platformCustomer, ...options.customers];
  const ofChain = async (customer: string): Promise<void> => {
    await removeSealed(host.store, customer);
    const due = await nextDue(host.store, customer, host.now().getTime() - days * dayMs);
    if (due === undefined) return;
    await host.send({
      id: derivedId("retention.due", customer, String(due.from), String(due.to)),
      type: "retention.due.v1",
      data: { ...due, days },
      customer,
      subject: customer,
    });
  };
  const round = async (): Promise<void> => {
    if (!isWriter()) return;
    for (const customer of chains) {
      try {
        await ofChain(customer);
      } catch (error) {
        host.log.error({ err: error, customer }, "entries past their retention are not removed");
      }
    }
  };
  return {
    round,
    start: () => {
      void round();
      setInterval(round, roundMs).unref();
    },
  };
}

const reachOf = async (store: StoreReader, customer: string, id: string): Promise<number> =>
  PrunedToRow.safeParse((await store.read(customer, id))?.body).data?.to ?? 0;

/** L32. @param cutoffMs what was sealed then or before is old enough. */
async function nextDue(
  store: StoreReader,
  customer: string,
  cutoffMs: number,
): Promise<{ readonly from: number; readonly to: number } | undefined> {
  const from = (await reachOf(store, customer, prunedId)) + 1;
  const signed = (await readCheckpoint(store, customer))?.size ?? 0;
  let [old, young] = [from - 1, signed];
  while (young - old > 1) {
    const middle = Math.floor((old + young) / 2);
    const found = await readEntry(store, customer, middle);
    const entry = found === undefined ? undefined : entryIn(found);
    if (entry === undefined) throw new TypeError(`entry ${middle} cannot be read`);
    if (Date.parse(entry.sealedAt) <= cutoffMs) old = middle;
    else young = middle;
  }
  const to = Math.floor(old / tileHashes) * tileHashes - 1;
  return to < from ? undefined : { from, to };
}

/** L31. Goes on where an earlier process stopped. @throws TypeError on bytes that are not what was sealed (L33). */
async function removeSealed(store: Store, customer: string): Promise<void> {
  const to = await reachOf(store, customer, prunedId);
  for (let from = (await reachOf(store, customer, prunedDoneId)) + 1; from <= to; ) {
    const limit = Math.min(entriesPerCommit, to - from + 1);
    const page = await readEntries(store, customer, { from, limit });
    const last = page.at(-1);
    if (last === undefined) throw new TypeError(`entry ${from} is missing`);
    const done: Operation = { kind: "upsert", id: prunedDoneId, body: { to: last.place } };
    await store.commit(customer, [...page.flatMap(removal), done]);
    from = last.place + 1;
  }
}

function removal(found: Found): readonly Operation[] {
  if (found.isPruned) return [];
  const { place, hash, bytes } = found;
  const entry = entryIn(found);
  if (entry === undefined || hash === undefined || entryHash(bytesOf(bytes)) !== hash)
    throw new TypeError(`entry ${place} is not what was sealed`); // L33
  if (entry.event === undefined) return [];
  return [
    { kind: "upsert", id: entryId(place), body: { pruned: true, hash } },
    { kind: "delete", id: valueId(nameOf(entry.event)) },
  ];
}

function entryIn({ bytes }: Found): Entry | undefined {
  try {
    return Entry.safeParse(JSON.parse(bytes)).data;
  } catch {
    return undefined;
  }
}
