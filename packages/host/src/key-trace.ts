// The trace of a state key: that of the first message that was decided under it. What reaches the key by another
// way, a press on a card for example, is linked to that trace and goes on in it, so that a ticket stays one trace.

import { z } from "zod";
import type { StoreReader } from "./store.ts";

/** The document of a state key. */
export const keyId = (key: string): string => `key:${key}`;

const Traced = z.object({ traceparent: z.string().optional() });

/** The key's traceparent, where the store can tell: a trace is not worth a failure. */
export async function traceOfKey(
  store: Pick<StoreReader, "read">,
  customer: string,
  key: string,
): Promise<string | undefined> {
  try {
    const found = await store.read(customer, keyId(key));
    return Traced.safeParse(found?.body).data?.traceparent;
  } catch {
    return undefined;
  }
}
