// Reads a ticket's status out of intake's own store, where the host keeps the actor's state.

import type { StoreReader } from "@niivo/host/store";
import { z } from "zod";
import { TicketStatus } from "./ticket-status.ts";

const StoredTicket = z.looseObject({
  state: z.strictObject({ status: z.literal("known"), ticket: TicketStatus }),
});

/** The ticket's status, or undefined where the customer has no such ticket (yet). */
export async function readStatus(
  store: StoreReader,
  customer: string,
  id: string,
): Promise<TicketStatus | undefined> {
  const document = await store.read(customer, `key:${id}`);
  return document === undefined ? undefined : StoredTicket.parse(document.body).state.ticket;
}
