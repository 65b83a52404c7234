// Who sent an activity, and of which customer (M3 of bot.ts). Read only after the token was found valid.

import { Guid } from "@niivo/contracts/envelope";
import { z } from "zod";

const Sender = z.looseObject({
  id: z.string().min(1).max(200),
  from: z.looseObject({ aadObjectId: Guid.toLowerCase() }),
  conversation: z.looseObject({
    id: z.string().min(1).max(500),
    tenantId: Guid.toLowerCase(),
    conversationType: z.string().max(100).optional(),
  }),
  channelData: z.looseObject({ tenant: z.looseObject({ id: Guid.toLowerCase() }) }),
});

export interface Sender {
  readonly kind: "known";
  readonly customer: string;
  readonly tenantId: string;
  /** The Entra object id. */
  readonly person: string;
  readonly activityId: string;
  readonly conversationId: string;
  /** A chat of this person with the bot and nobody else. */
  readonly isPersonal: boolean;
}

/** `customers` has the customer of each tenant, by tenant id in lower case. */
export function senderOf(
  body: unknown,
  customers: ReadonlyMap<string, string>,
): Sender | { readonly kind: "unreadable" } | { readonly kind: "unknown-tenant" } {
  const parsed = Sender.safeParse(body);
  if (!parsed.success) return { kind: "unreadable" };
  const { id: activityId, conversation, channelData, from } = parsed.data;
  const { tenantId, conversationType, id: conversationId } = conversation;
  const customer = customers.get(tenantId);
  if (tenantId !== channelData.tenant.id || customer === undefined)
    return { kind: "unknown-tenant" };
  const isPersonal = conversationType === "personal";
  const person = from.aadObjectId;
  return { kind: "known", customer, tenantId, person, activityId, conversationId, isPersonal };
}
