// The erasable half of an entry: the message behind its commitment, as the store has it.

import { type Entry, messageCommitment } from "@niivo/contracts/evidence";
import type { StoreReader } from "@niivo/host/store";
import { nameOf, valueId } from "./rows.ts";
import { openValue, SealedValue } from "./sealed-value.ts";
import type { ValueKeys } from "./value-keys.ts";

export type StoredValue =
  /** The very message that the entry commits to. */
  | { readonly kind: "value"; readonly salt: string; readonly message: unknown }
  /** There is none, or no key to it any more. Whether somebody ordered that, the chain says. */
  | { readonly kind: "missing" }
  /** There is one, and it is not what was sealed. */
  | { readonly kind: "altered" };

/** What reads values: the store that has them, and the keys to them. */
export interface ValueParts {
  readonly store: StoreReader;
  readonly keys: Pick<ValueKeys, "find">;
}

/** @returns `undefined` for an entry that commits to nothing. */
export async function readValue(
  { store, keys }: ValueParts,
  customer: string,
  { event, commit }: Pick<Entry, "event" | "commit">,
): Promise<StoredValue | undefined> {
  if (event === undefined || commit === undefined) return undefined;
  const name = nameOf(event);
  const found = await store.read(customer, valueId(name));
  if (found === undefined) return { kind: "missing" };
  const row = SealedValue.safeParse(found.body).data;
  if (row === undefined) return { kind: "altered" };
  const its = await keys.find(customer, row.people);
  if (its === undefined) return { kind: "missing" }; // K1
  const content = openValue(its, { customer, name }, row);
  return content !== undefined &&
    messageCommitment(content.salt, content.message) === commit.message
    ? { kind: "value", ...content }
    : { kind: "altered" };
}
