// Parses a delivery (H5): what is not exactly a message of its subscription never reaches an actor.

import {
  CustomerId,
  type Envelope,
  inboxHorizonMs,
  type MessageSchema,
  messageBytesMax,
} from "@niivo/contracts/envelope";
import { type Subscription, schemasOf } from "@niivo/contracts/topology";
import { z } from "zod";
import { whereOf } from "./issues.ts";
import { type Poison, poison } from "./settlement.ts";

/** The customer and the type of a refused message are hints for people; nothing is decided on them. */
export type ReadMessage =
  | { readonly kind: "message"; readonly envelope: Envelope }
  | (Poison & { readonly customer?: string; readonly type?: string; readonly envelope?: Envelope });

const Hints = z.object({
  type: z.string().optional().catch(undefined),
  source: z.string().optional().catch(undefined),
  customer: CustomerId.optional().catch(undefined),
});

/** A reader of one subscription's messages. */
export function messageReader(
  subscription: Subscription,
): (body: Uint8Array, now: Date) => ReadMessage {
  const schemas = new Map<string, MessageSchema>(Object.entries(schemasOf(subscription)));
  return (body, now) => {
    if (body.byteLength > messageBytesMax)
      return poison("too-large", `${body.byteLength} bytes; at most ${messageBytesMax}`);
    const hints = Hints.safeParse(jsonOf(body));
    if (!hints.success) return poison("unparsable", "the body is not a JSON object in UTF-8");
    const { type = "", source, customer } = hints.data;
    const about = { type, ...(customer === undefined ? {} : { customer }) };
    const schema = schemas.get(type);
    if (schema === undefined)
      return { ...poison("unknown-type", "this subscription reads no such type"), ...about };
    if (source !== subscription.topic)
      return { ...poison("source-mismatch", "the source is not the topic it came on"), ...about };
    const parsed = schema.safeParse(jsonOf(body));
    if (!parsed.success) return { ...poison("invalid-schema", whereOf(parsed.error)), ...about };
    const envelope = parsed.data;
    if (now.getTime() - Date.parse(envelope.time) > inboxHorizonMs)
      return { ...poison("too-old", "older than the inbox remembers"), ...about, envelope };
    return { kind: "message", envelope };
  };
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
