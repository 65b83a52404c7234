// Which state keys a ticket has, so that what is known of it can be found and erased. A key that is the ticket needs
// nothing; of every other key the commit that creates it writes
//
//   of:<ticket>         is there while the ticket has keys, and says whether it was erased
//   of:<ticket>:<key>   that this key is the ticket's
//
// and checks the first of them, so that no new key can come up beside an erasure (ADR 27).

import { z } from "zod";
import { ErasedError } from "./settlement.ts";
import type { Operation, StoreReader } from "./store.ts";

/** The index outlives a key that is in use for as long as it may be idle. */
const lives = 2;

const TicketDocument = z.object({ erased: z.boolean() });

export const ticketId = (ticket: string): string => `of:${ticket}`;
const ticketKeyId = (ticket: string, key: string): string => `${ticketId(ticket)}:${key}`;

/** @throws ErasedError where the ticket was erased. */
export async function checkTicket(
  store: Pick<StoreReader, "read">,
  customer: string,
  ticket: string,
): Promise<string | undefined> {
  const found = await store.read(customer, ticketId(ticket));
  if (found === undefined) return undefined;
  if (TicketDocument.parse(found.body).erased) throw new ErasedError();
  return found.etag;
}

/**
 * What a commit adds that creates `key` for `ticket`.
 * @throws ErasedError where the ticket was erased.
 */
export async function tieKey(
  store: Pick<StoreReader, "read">,
  customer: string,
  { ticket, key, keptSeconds }: { ticket: string; key: string; keptSeconds: number },
): Promise<readonly Operation[]> {
  if (ticket === key) return [];
  const id = ticketId(ticket);
  const etag = await checkTicket(store, customer, ticket);
  const ttlSeconds = lives * keptSeconds;
  return [
    etag === undefined
      ? { kind: "create", id, body: { erased: false }, ttlSeconds }
      : { kind: "check", id, etag },
    { kind: "upsert", id: ticketKeyId(ticket, key), body: {}, ttlSeconds },
  ];
}

/** From now on the ticket gets no new key. */
export const sealTicket = (ticket: string, keptSeconds: number): Operation => ({
  kind: "upsert",
  id: ticketId(ticket),
  body: { erased: true },
  ttlSeconds: lives * keptSeconds,
});

const pageMax = 200;

/** Every key of the ticket, the one that is the ticket itself first. */
export async function keysOf(
  store: Pick<StoreReader, "list">,
  customer: string,
  ticket: string,
): Promise<readonly string[]> {
  const prefix = ticketKeyId(ticket, "");
  const keys = [ticket];
  for (let after: string | undefined; ; ) {
    const from = after === undefined ? {} : { after };
    const page = await store.list(customer, { prefix, limit: pageMax, ...from });
    keys.push(...page.map(({ id }) => id.slice(prefix.length)));
    after = page.at(-1)?.id;
    if (page.length < pageMax) return keys;
  }
}
