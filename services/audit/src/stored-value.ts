// The erasable half of an entry: the message behind its commitment, as the store has it.

import { type Entry, messageCommitment } from "@niivo/contracts/evidence";
import type { StoreReader } from "@niivo/host/store";
import { nameOf, ValueRow, valueId } from "./rows.ts";

export type StoredValue =
  /** The very message that the entry commits to. */
  | { readonly kind: "value"; readonly salt: string; readonly message: unknown }
  /** There is none. Whether somebody ordered that, the chain says. */
  | { readonly kind: "missing" }
  /** There is one, and it is not what was sealed. */
  | { readonly kind: "altered" };

/** @returns `undefined` for an entry that commits to nothing. */
export async function readValue(
  store: StoreReader,
  customer: string,
  { event, commit }: Pick<Entry, "event" | "commit">,
): Promise<StoredValue | undefined> {
  if (event === undefined || commit === undefined) return undefined;
  const found = await store.read(customer, valueId(nameOf(event)));
  if (found === undefined) return { kind: "missing" };
  const row = ValueRow.safeParse(found.body).data;
  if (row === undefined) return { kind: "altered" };
  const { salt, message } = row;
  return messageCommitment(salt, message) === commit.message
    ? { kind: "value", salt, message }
    : { kind: "altered" };
}
