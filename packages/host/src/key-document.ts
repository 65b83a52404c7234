// The document of a state key. What the host writes here it reads again with the same shape.

import type { Json } from "@niivo/contracts/canonical";
import { z } from "zod";
import type { Operation } from "./store.ts";

export const KeyDocument = z.object({
  /** Events published under this key so far. */
  sequence: z.int().min(0),
  lastEventId: z.string().nullable(),
  state: z.unknown(),
  /** Of the first message that had one: the key's trace (`key-trace.ts`). */
  traceparent: z.string().optional(),
  /** The ticket it is tied to (`ticket-keys.ts`); of keys that are about tickets. */
  ticket: z.string().optional(),
  /** The erasure that emptied it. Its counter stays: a second first event would be a conflict to audit. */
  erased: z.string().optional(),
});
export type KeyDocument = z.infer<typeof KeyDocument>;

/** @param ttlSeconds how long it is kept from now on; without it, for ever. */
export function keyOperation(
  id: string,
  body: Json,
  etag: string | undefined,
  ttlSeconds?: number,
): Operation {
  const about = ttlSeconds === undefined ? { id, body } : { id, body, ttlSeconds };
  return etag === undefined ? { kind: "create", ...about } : { kind: "replace", ...about, etag };
}
