// The keys of the values: one for each person in each chain, in a store of its own, so that a backup of the chain's store
// holds ciphertext only, and deleting one key reaches every copy of a person's values. Each is wrapped by a key in the
// vault, so that whoever copies both stores reads nothing either (ADR 32).
//
// Invariants:
//   K1. A value is read with the keys of everybody it is about: one of them gone, it is gone.
//   K2. A key that was shredded is never drawn again under the same name, nor wrapped anew.
//   K4. It is in no file but wrapped, and in memory within the limits of `key-memory.ts`.
//   K7. Nothing is stored as wrapped, or in the place of what was, unless the vault has unwrapped it again.
//   K5. A wrapped key opens only for the name and the customer it was drawn for.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { Pseudonym } from "@niivo/contracts/evidence";
import { type Store, StoreError } from "@niivo/host/store";
import { z } from "zod";
import { keyMemory } from "./key-memory.ts";

const keyBytes = 32;
const keyPrefix = "value-key:";
const keyId = (name: string): string => `${keyPrefix}${name}`;
/** Of an RSA key of 4096 bits. */
const wrappedBytesMax = 512;
const base64Max = 4 * Math.ceil(wrappedBytesMax / 3);
const rowsPage = 200;

const WrappedRow = z.strictObject({
  wrapped: z.base64().max(base64Max),
  /** The versioned identifier of the key that wrapped it. */
  by: z.url().max(500),
});
const KeyRow = z.union([WrappedRow, z.strictObject({ shredded: z.literal(true) })]);

/**
 * The vault's key under which the keys of values are stored.
 *
 * Durability: none. Ordering: none. Concurrency: any. Retry: wrapping twice is harmless. Every call ends in time.
 */
export interface WrappingKey {
  /** The versioned identifier of what wraps now. */
  readonly keyId: string;
  /** @throws when the vault cannot be reached or refuses. */
  readonly wrap: (key: Uint8Array) => Promise<Uint8Array>;
  /**
   * @param by the version that wrapped it.
   * @returns `undefined` where it is nothing that this key wrapped.
   * @throws when the vault cannot be reached or refuses, or where `by` is no configured key.
   */
  readonly unwrap: (by: string, wrapped: Uint8Array) => Promise<Uint8Array | undefined>;
}

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
  /** Wraps anew what an older key wrapped. Begun again, it goes on. @returns how many there were. */
  readonly rewrap: (customer: string) => Promise<number>;
}

/** @throws StoreError `unavailable` from each of them: the store or the vault is away. */
export function valueKeys(store: Store, wrapping: WrappingKey, memory = keyMemory()): ValueKeys {
  const read = async (customer: string, name: string) => {
    const found = await store.read(customer, keyId(name));
    return found === undefined ? undefined : KeyRow.parse(found.body);
  };
  /** `undefined`: it was shredded, or it is not this one's key. The row is read each time, so a shredded key is gone at once. */
  const open = async (customer: string, name: string, row: z.infer<typeof KeyRow>) => {
    if ("shredded" in row) return undefined;
    const place = `${customer}/${name}/${row.wrapped}`;
    const held = memory.get(place);
    if (held !== undefined) return held;
    const wrapped = Buffer.from(row.wrapped, "base64");
    const plain = await asked(() => wrapping.unwrap(row.by, wrapped));
    const key = plain === undefined ? undefined : keyIn(plain, customer, name);
    if (key !== undefined) memory.put(place, key);
    return key;
  };
  const drawOne = async (customer: string, name: string): Promise<Uint8Array | undefined> => {
    for (;;) {
      const known = await read(customer, name);
      if (known !== undefined) return open(customer, name, known); // K2
      const key = randomBytes(keyBytes);
      const body = await wrapped(wrapping, boundKey(key, customer, name));
      // Whoever is faster, the next reading finds the one key that there is.
      const done = await store.commit(customer, [{ kind: "create", id: keyId(name), body }]);
      if (done.kind === "committed") memory.put(`${customer}/${name}/${body.wrapped}`, key);
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
      const found = await Promise.all(
        names.map(async (name) => {
          const row = await read(customer, name);
          return row === undefined ? undefined : open(customer, name, row);
        }),
      );
      const keys = found.filter((key) => key !== undefined);
      return keys.length === names.length ? keys : undefined;
    },
    shred: async (customer, name) => {
      const row = await read(customer, name);
      const body = { shredded: true };
      await store.commit(customer, [{ kind: "upsert", id: keyId(name), body }]);
      if (row !== undefined && "wrapped" in row)
        memory.forget(`${customer}/${name}/${row.wrapped}`);
      await store.scrub();
    },
    rewrap: (customer) => rewrapAll(store, wrapping, customer),
  };
}

async function rewrapAll(store: Store, wrapping: WrappingKey, customer: string): Promise<number> {
  let count = 0;
  for (let after: string | undefined; ; ) {
    const from = after === undefined ? {} : { after };
    const page = await store.list(customer, { prefix: keyPrefix, limit: rowsPage, ...from });
    for (const { id, etag, body } of page) {
      const row = KeyRow.parse(body);
      if ("shredded" in row || row.by === wrapping.keyId) continue;
      const old = Buffer.from(row.wrapped, "base64");
      const plain = await asked(() => wrapping.unwrap(row.by, old));
      if (plain === undefined) continue; // Nobody can read it; it stays as it was found.
      const anew = await wrapped(wrapping, plain);
      // In between it may have been shredded: then it stays so (K2).
      const done = await store.commit(customer, [{ kind: "replace", id, etag, body: anew }]);
      if (done.kind === "committed") count += 1;
    }
    after = page.at(-1)?.id;
    if (page.length < rowsPage) break;
  }
  if (count > 0) await store.scrub();
  return count;
}

// K7.
async function wrapped(wrapping: WrappingKey, plain: Uint8Array) {
  const by = wrapping.keyId;
  const bytes = await asked(async () => {
    const answer = await wrapping.wrap(plain);
    const again = await wrapping.unwrap(by, answer);
    if (again === undefined || !Buffer.from(plain).equals(again))
      throw new TypeError("the vault wrapped something else");
    return answer;
  });
  return { wrapped: Buffer.from(bytes).toString("base64"), by };
}

async function asked<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    throw vaultAway(error);
  }
}

const vaultAway = (cause: unknown): StoreError =>
  new StoreError("unavailable", "the vault did not answer for a key of values", { cause });

const bindingOf = (key: Uint8Array, customer: string, name: string): Buffer =>
  createHash("sha256").update(`audit-value-key/1\0${customer}\0${name}\0`).update(key).digest();

// K5. RSA-OAEP binds to nothing, so what is wrapped says itself whose it is.
const boundKey = (key: Uint8Array, customer: string, name: string): Uint8Array =>
  Buffer.concat([key, bindingOf(key, customer, name)]);

function keyIn(plain: Uint8Array, customer: string, name: string): Uint8Array | undefined {
  const [key, binding] = [plain.subarray(0, keyBytes), plain.subarray(keyBytes)];
  const expected = bindingOf(key, customer, name);
  return binding.length === expected.length && timingSafeEqual(binding, expected) ? key : undefined;
}
