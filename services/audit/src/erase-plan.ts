// What an erasure is about: one pass over a chain finds the entries that name a person, and the tickets that are
// theirs. No index is kept for it: an erasure is rare, an entry is not.

import { Entry } from "@niivo/contracts/evidence";
import type { StoreReader } from "@niivo/host/store";
import { PersonRow, personId, TicketRow, ticketId } from "./rows.ts";
import { breathe, pageEntriesMax, readEntries, readHead } from "./stored-chain.ts";
import type { Erase } from "./work.ts";

export interface ErasePlan {
  /** The chain's size when it was planned. */
  readonly size: number;
  readonly tickets: readonly string[];
  /** Tickets among them that have no end yet. */
  readonly open: readonly string[];
  /** Numbers of entries that have a value, in rising order. */
  readonly entries: readonly number[];
}

const ends: ReadonlySet<string> = new Set([
  "ticket.resolved.v1",
  "ticket.escalated.v1",
  "ticket.refused.v1",
]);
const beginnings: ReadonlySet<string> = new Set(["ticket.opened.v1", "ticket.submitted.v1"]);
/** In these roles a ticket is about somebody; who only voted on it is named in single entries. */
const roles = ["requester", "target", "claimant", "recipient"];

const names = ({ actor, detail }: Entry, person: string): boolean =>
  actor === person ||
  Object.values(detail).some((value) => typeof value === "string" && value.includes(person));

/** Whether an entry's value belongs to this erasure. */
export const concerns =
  (person: string, tickets: ReadonlySet<string>) =>
  (entry: Entry): boolean =>
    entry.commit !== undefined &&
    (names(entry, person) || (entry.ticket !== undefined && tickets.has(entry.ticket.id)));

/** The people that a ticket is about, as far as this entry says. */
export const subjectsIn = ({
  type,
  actor,
  detail,
}: Pick<Entry, "type" | "actor" | "detail">): readonly string[] =>
  [...(beginnings.has(type) ? [actor] : []), ...roles.map((role) => detail[role])].flatMap((one) =>
    typeof one === "string" && one.startsWith("psn:") ? [one] : [],
  );

/** The name of a person in this chain; `undefined` where nothing names them, or nothing does any more. */
export async function pseudonymOf(
  store: StoreReader,
  customer: string,
  objectId: string,
): Promise<string | undefined> {
  const found = await store.read(customer, personId(objectId.toLowerCase()));
  return found === undefined ? undefined : PersonRow.parse(found.body).pseudonym;
}

export async function planErasure(
  store: StoreReader,
  customer: string,
  person: string,
): Promise<ErasePlan> {
  const size = (await readHead(store, customer))?.size ?? 0;
  const entries = new Set<number>();
  const tickets = new Set<string>();
  for await (const entry of entriesNaming(store, customer, { from: 0, to: size }, person)) {
    if (concerns(person, tickets)(entry)) entries.add(entry.seq);
    if (entry.ticket !== undefined && subjectsIn(entry).includes(person))
      tickets.add(entry.ticket.id);
  }
  const open: string[] = [];
  for (const ticket of tickets) {
    let hasEnded = false;
    for await (const entry of thread(store, customer, ticket)) {
      if (ends.has(entry.type)) hasEnded = true;
      if (entry.commit !== undefined && entry.seq < size) entries.add(entry.seq);
    }
    if (!hasEnded) open.push(ticket);
  }
  const rising = [...entries].sort((one, other) => one - other);
  return { size, tickets: [...tickets], open, entries: rising };
}

/** The order together with what was sealed since it was planned. */
export async function eraseIn(
  store: StoreReader,
  customer: string,
  { kind, order }: Erase,
): Promise<Erase> {
  if (order.part !== 1) return { kind, order, since: [] };
  const isConcerned = concerns(order.pseudonym, new Set(order.tickets));
  const since: number[] = [];
  const range = { from: order.size, to: Number.POSITIVE_INFINITY };
  for await (const entry of entriesIn(store, customer, range))
    if (isConcerned(entry)) since.push(entry.seq);
  return { kind, order, since };
}

interface Stretch {
  readonly from: number;
  /** Not included. */
  readonly to: number;
}

const entriesNaming = (store: StoreReader, customer: string, range: Stretch, person: string) =>
  entriesIn(store, customer, range, (bytes) => bytes.includes(person));

/** @throws ZodError or SyntaxError on an entry that is none: a chain that is broken is not erased from. */
async function* entriesIn(
  store: StoreReader,
  customer: string,
  { from, to }: Stretch,
  isWanted: (bytes: string) => boolean = () => true,
): AsyncGenerator<Entry> {
  for (let at = from; at < to; ) {
    const limit = Math.min(pageEntriesMax, to - at);
    const page = await readEntries(store, customer, { from: at, limit });
    for (const { bytes, isPruned } of page)
      if (!isPruned && isWanted(bytes)) yield Entry.parse(JSON.parse(bytes));
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return;
    at = last.place + 1;
    await breathe();
  }
}

/** A ticket's entries from the newest to the first. */
async function* thread(
  store: StoreReader,
  customer: string,
  ticket: string,
): AsyncGenerator<Entry> {
  const found = await store.read(customer, ticketId(ticket));
  let at = found === undefined ? undefined : TicketRow.parse(found.body).last;
  while (at !== undefined) {
    const [one] = await readEntries(store, customer, { from: at, limit: 1 });
    if (one === undefined || one.isPruned) return;
    const entry = Entry.parse(JSON.parse(one.bytes));
    yield entry;
    const prev: number | undefined = entry.ticket?.prev;
    // Links only lead back, so following them ends.
    at = prev !== undefined && prev < at ? prev : undefined;
  }
}
