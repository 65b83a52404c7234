// The trail of one ticket: its entries in order, found by the back-links from the newest to the first.

import { Entry, entryHash, entryLine } from "@niivo/contracts/evidence";
import type { StoreReader } from "@niivo/host/store";
import { EntryRow, entryId, TicketRow, ticketId } from "./rows.ts";

/** A ticket has at most some hundred entries; a longer trail is cut at its beginning, and says so. */
const trailEntriesMax = 2000;

interface TrailEntry {
  readonly seq: number;
  /** Recomputed from the bytes. */
  readonly hash: string;
  readonly line: string;
  readonly type: string;
  readonly outcome?: string;
  readonly sealedAt: string;
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
    entries.push(read.shown);
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
): Promise<{ readonly shown: TrailEntry; readonly before: Link | undefined } | undefined> {
  const row = EntryRow.safeParse((await store.read(customer, entryId(link.at)))?.body).data;
  const entry = row === undefined ? undefined : entryIn(row.bytes);
  if (row === undefined || entry?.seq !== link.at) return undefined;
  if (entry.ticket?.id !== ticket || entry.ticket.seq !== link.seq) return undefined;
  const { seq, type, outcome, sealedAt } = entry;
  const { prev } = entry.ticket;
  // Links only lead back, so following them ends.
  if (prev !== undefined && prev >= seq) return undefined;
  const hash = entryHash(new TextEncoder().encode(row.bytes));
  const shown = { seq, hash, line: entryLine(entry, hash), type, sealedAt };
  return {
    shown: outcome === undefined ? shown : { ...shown, outcome },
    before: prev === undefined ? undefined : { at: prev, seq: link.seq - 1 },
  };
}

function entryIn(bytes: string): Entry | undefined {
  try {
    return Entry.safeParse(JSON.parse(bytes)).data;
  } catch {
    return undefined;
  }
}
