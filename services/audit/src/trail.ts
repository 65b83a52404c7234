// The trail of one ticket: its entries in order, found by the back-links from the newest to the first.

import { Entry, entryHash, entryLine } from "@niivo/contracts/evidence";
import type { StoreReader } from "@niivo/host/store";
import { EntryRow, entryId, TicketRow, ticketId } from "./rows.ts";

/** A ticket has at most some hundred entries; a longer trail is cut at its beginning, and says so. */
const trailEntriesMax = 2000;

export interface TrailEntry {
  readonly entry: Entry;
  readonly bytes: string;
  /** Recomputed from the bytes. */
  readonly hash: string;
  readonly line: string;
}

export interface Trail {
  readonly entries: readonly TrailEntry[];
  /** Whether the links lead without a break from the newest entry to the ticket's first. */
  readonly complete: boolean;
}

/** @returns `undefined` where the customer's chain knows no such ticket. */
export async function readTrail(
  store: StoreReader,
  customer: string,
  ticket: string,
): Promise<Trail | undefined> {
  const found = await store.read(customer, ticketId(ticket));
  if (found === undefined) return undefined;
  const thread = TicketRow.safeParse(found.body).data;
  const entries: TrailEntry[] = [];
  let next: Link | undefined =
    thread === undefined ? undefined : { at: thread.last, seq: thread.count - 1 };
  let complete = false;
  while (next !== undefined && entries.length < trailEntriesMax) {
    const link: Link = next;
    const read = await readLinked(store, customer, ticket, link);
    if (read === undefined) break;
    entries.push(read.found);
    next = read.before;
    complete = next === undefined && link.seq === 0;
  }
  return { entries: entries.reverse(), complete };
}

/** A place in the chain, and the number that the ticket's entry there must have within its ticket. */
interface Link {
  readonly at: number;
  readonly seq: number;
}

async function readLinked(
  store: StoreReader,
  customer: string,
  ticket: string,
  link: Link,
): Promise<{ readonly found: TrailEntry; readonly before: Link | undefined } | undefined> {
  const found = await readOne(store, customer, link.at);
  if (found?.entry.ticket?.id !== ticket || found.entry.ticket.seq !== link.seq) return undefined;
  const { prev } = found.entry.ticket;
  // Links only lead back, so following them ends.
  if (prev !== undefined && prev >= found.entry.seq) return undefined;
  return { found, before: prev === undefined ? undefined : { at: prev, seq: link.seq - 1 } };
}

/** The entry of this number, its hash computed from its bytes; `undefined` where there is none that says so itself. */
async function readOne(
  store: StoreReader,
  customer: string,
  seq: number,
): Promise<TrailEntry | undefined> {
  const row = EntryRow.safeParse((await store.read(customer, entryId(seq)))?.body).data;
  const entry = row === undefined ? undefined : entryIn(row.bytes);
  if (row === undefined || entry?.seq !== seq) return undefined;
  const hash = entryHash(new TextEncoder().encode(row.bytes));
  return { entry, bytes: row.bytes, hash, line: entryLine(entry, hash) };
}

function entryIn(bytes: string): Entry | undefined {
  try {
    return Entry.safeParse(JSON.parse(bytes)).data;
  } catch {
    return undefined;
  }
}
