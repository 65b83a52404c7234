// The keys of the values: one for each person in each chain, in a store of its own, so that a backup of the chain's store
// holds ciphertext only, and deleting one key reaches every copy of a person's values.
//
// Invariants:
//   K1. A value is read with the keys of everybody it is about: one of them gone, it is gone.
//   K2. A key that was shredded is never drawn again under the same name.

import { randomBytes } from "node:crypto";
import { Pseudonym } from "@niivo/contracts/evidence";
import type { Store } from "@niivo/host/store";
import { z } from "zod";

const keyBytes = 32;
const keyId = (name: string): string => `value-key:${name}`;
const KeyRow = z.union([
  z.strictObject({ key: z.base64().length(44) }),
  z.strictObject({ shredded: z.literal(true) }),
]);

/** What is about nobody has a key of the chain's own. */
export const nobody = "nobody";
/** Whose key it is. */
export const KeyName = z.union([Pseudonym, z.literal(nobody)]);

export interface ValueKeys {
  /** The keys of these names, drawn where there are none yet; without those that were shredded. */
  readonly draw: (
    customer: string,
    names: readonly string[],
  ) => Promise<ReadonlyMap<string, Uint8Array>>;
  /** The keys in the order of their names; `undefined` where one is gone (K1). */
  readonly find: (
    customer: string,
    names: readonly string[],
  ) => Promise<readonly Uint8Array[] | undefined>;
  /** Deletes a key for good. When it resolves, it is in no file of the store. */
  readonly shred: (customer: string, name: string) => Promise<void>;
}

/** @throws StoreError `unavailable` from each of them. */
export function valueKeys(store: Store): ValueKeys {
  const read = async (customer: string, name: string) => {
    const found = await store.read(customer, keyId(name));
    if (found === undefined) return undefined;
    const row = KeyRow.parse(found.body);
    return "key" in row ? Buffer.from(row.key, "base64") : ("shredded" as const);
  };
  const drawOne = async (customer: string, name: string): Promise<Uint8Array | undefined> => {
    for (;;) {
      const known = await read(customer, name);
      if (known !== undefined) return known === "shredded" ? undefined : known; // K2
      const body = { key: randomBytes(keyBytes).toString("base64") };
      // Whoever is faster, the next reading finds the one key that there is.
      await store.commit(customer, [{ kind: "create", id: keyId(name), body }]);
    }
  };
  return {
    draw: async (customer, names) => {
      const drawn = await Promise.all(
        names.map(async (name) => [name, await drawOne(customer, name)] as const),
      );
      return new Map(drawn.flatMap(([name, key]) => (key === undefined ? [] : [[name, key]])));
    },
    find: async (customer, names) => {
      const found = await Promise.all(names.map((name) => read(customer, name)));
      const keys = found.filter((key) => key instanceof Uint8Array);
      return keys.length === names.length ? keys : undefined;
    },
    shred: async (customer, name) => {
      const body = { shredded: true };
      await store.commit(customer, [{ kind: "upsert", id: keyId(name), body }]);
      await store.scrub();
    },
  };
}
