// The software key of the checkpoints' second line, for tools and witnesses that read Ed25519, which Key Vault does
// not sign. It is no authority: a checkpoint without the vault key's line is refused (ADR 23). All replicas share it
// through the store; the first one makes it.

import { randomBytes } from "node:crypto";
import { platformCustomer } from "@niivo/contracts/envelope";
import type { Store } from "@niivo/host/store";
import { z } from "zod";

const noteKeyId = "note-key";
const seedBytes = 32;
const NoteKeyRow = z.strictObject({ seed: z.base64().length(44) });

/** @returns 32 bytes, the same at every call. @throws StoreError `unavailable` */
export async function noteSeed(store: Store): Promise<Uint8Array> {
  for (;;) {
    const found = await store.read(platformCustomer, noteKeyId);
    if (found !== undefined) return Buffer.from(NoteKeyRow.parse(found.body).seed, "base64");
    const body = { seed: randomBytes(seedBytes).toString("base64") };
    await store.commit(platformCustomer, [{ kind: "create", id: noteKeyId, body }]);
  }
}
