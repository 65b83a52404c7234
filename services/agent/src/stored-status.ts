// Reads a ticket's status out of intake's own store, where the host keeps the actor's state.

import type { StoreReader } from "@niivo/host/store";
import { z } from "zod";
import { TicketStatus } from "./ticket-status.ts";

const StoredTicket = z.looseObject({
  state: z.strictObject({ status: z.literal("known"), ticket: TicketStatus }),
});

/** What is left of an erased one; its counters are the host's. */
const ErasedTicket = z.looseObject({ erased: z.string() });

/** The ticket's status, or undefined where the customer has no such ticket (yet, or any more). */
export async function readStatus(
  store: StoreReader,
  customer: string,
  id: string,
): Promise<TicketStatus | undefined> {
  const document = await store.read(customer, `key:${id}`);
  if (document === undefined || ErasedTicket.safeParse(document.body).success) return undefined;
  return StoredTicket.parse(document.body).state.ticket;
}
