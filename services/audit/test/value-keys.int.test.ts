// Values under the keys of the people they are about: what a backup of the chain's store is worth after an erasure.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Entry } from "@niivo/contracts/evidence";
import { memoryStore } from "@niivo/host/memory-store";
import { sqliteStore } from "@niivo/host/sqlite-store";
import type { Store } from "@niivo/host/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { pseudonymOf } from "../src/erase-plan.ts";
import { keyHeldMs, keyMemory, keysHeldMax } from "../src/key-memory.ts";
import { erasedId, nameOf, valueId } from "../src/rows.ts";
import { SealedValue } from "../src/sealed-value.ts";
import { readEntries } from "../src/stored-chain.ts";
import { readValue } from "../src/stored-value.ts";
import { type AuditInProcess, auditInProcess } from "../src/testing/audit-in-process.ts";
import { customer, people, story, text } from "../src/testing/story.ts";
import { testWrappingKey, wrappingKey } from "../src/testing/wrapping.ts";
import { nobody, valueKeys } from "../src/value-keys.ts";

let store: Store;
let keyStore: Store;
let audit: AuditInProcess;
const { all, opened, requested } = story();

beforeEach(async () => {
  store = memoryStore();
  keyStore = memoryStore();
  audit = await auditInProcess({ store, keyStore });
  await audit.tell(...all);
});
afterEach(() => audit.drain());

const kinds = async (): Promise<readonly (string | undefined)[]> => {
  const entries = (await readEntries(store, customer, { from: 0, limit: 500 }))
    .map(({ bytes }) => Entry.parse(JSON.parse(bytes)))
    .filter(({ event }) => event !== undefined);
  const parts = { store, keys: valueKeys(keyStore, wrappingKey) };
  return Promise.all(entries.map(async (entry) => (await readValue(parts, customer, entry))?.kind));
};
const rowOf = async (event: typeof opened) =>
  SealedValue.parse((await store.read(customer, valueId(nameOf(event))))?.body);
const anna = async () => (await pseudonymOf(store, customer, people.anna)) ?? "nobody knows her";

test("every value opens with the keys there are, and none holds a word in clear", async () => {
  expect(new Set(await kinds())).toEqual(new Set(["value"]));
  for (const event of all) {
    const row = await rowOf(event);
    expect(JSON.stringify(row)).not.toContain("Anna");
    expect(Buffer.from(row.ciphertext, "base64").toString("latin1")).not.toContain("Anna");
    expect((Buffer.from(row.ciphertext, "base64").length - 16) % 256).toBe(0);
  }
});

test("K1: what the agent asked for is under the key of the person whose ticket it is", async () => {
  expect((await rowOf(requested)).people).toEqual([await anna()]);
});

test("K1: one key gone, every copy of the person's values is gone", async () => {
  await valueKeys(keyStore, wrappingKey).shred(customer, await anna());
  expect(await kinds()).toContain("missing");
  expect((await kinds())[0]).toBe("missing");
});

test("K2: a key that was shredded is not drawn again", async () => {
  const keys = valueKeys(keyStore, wrappingKey);
  const name = await anna();
  await keys.shred(customer, name);
  expect([...(await keys.draw(customer, [name, nobody])).keys()]).toEqual([nobody]);
  expect(await keys.find(customer, [name])).toBeUndefined();
});

test("K3: nothing is encrypted any more for somebody whose erasure is sealed", async () => {
  const name = await anna();
  await store.commit(customer, [{ kind: "upsert", id: erasedId(name), body: {} }]);
  const { resolved, access } = story();
  await audit.tell({ ...resolved, causationid: access.id } as typeof resolved);
  expect((await rowOf(resolved)).people).not.toContain(name);
});

test("a value that is moved to another entry, or changed, is not what was sealed", async () => {
  const row = await rowOf(opened);
  const body = { ...row, people: [...row.people] };
  await store.commit(customer, [{ kind: "upsert", id: valueId(nameOf(requested)), body }]);
  expect((await kinds())[1]).toBe("altered");
});

describe("in files", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "niivo-value-keys-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("K4: no file holds a key in clear, and a shredded one not even wrapped", async () => {
    const file = sqliteStore(join(folder, "keys.sqlite"));
    const keys = valueKeys(file, wrappingKey);
    const name = `psn:${"a".repeat(32)}`;
    const [key] = [...(await keys.draw(customer, [name])).values()];
    const row = z
      .object({ wrapped: z.string() })
      .parse((await file.read(customer, `value-key:${name}`))?.body);
    const bytes = () =>
      readdirSync(folder)
        .map((one) => readFileSync(join(folder, one)).toString("latin1"))
        .join("");
    expect(bytes()).toContain(row.wrapped);
    for (const encoding of ["latin1", "base64", "base64url", "hex"] as const)
      expect(bytes()).not.toContain(
        Buffer.from(key ?? [])
          .toString(encoding)
          .slice(0, 40),
      );
    await keys.shred(customer, name);
    expect(bytes()).not.toContain(row.wrapped);
    await file.close();
  });

  test("K2: keys are wrapped anew without the old ones left, and the old wrapping key is not needed any more", async () => {
    const file = sqliteStore(join(folder, "keys.sqlite"));
    const names = Array.from({ length: 5 }, (_, n) => `psn:${String(n).padStart(32, "0")}`);
    const [shredded = "", ...kept] = names;
    const before = valueKeys(file, wrappingKey);
    const drawn = await before.draw(customer, names);
    await before.shred(customer, shredded);
    const rows = async () =>
      (await file.list(customer, { prefix: "value-key:", limit: 10 })).map(({ body }) => body);
    const old = JSON.stringify(await rows());
    const next = testWrappingKey("https://vault.example/keys/values/2", [wrappingKey]);
    expect(await valueKeys(file, next).rewrap(customer)).toBe(4);
    expect(await valueKeys(file, next).rewrap(customer)).toBe(0);
    const text = readdirSync(folder)
      .map((one) => readFileSync(join(folder, one)).toString("latin1"))
      .join("");
    for (const [, wrapped = ""] of old.matchAll(/"wrapped":"([^"]+)"/g))
      expect(text).not.toContain(wrapped);
    // Without the older key: what it unwraps it could not, had one been left.
    const alone = {
      ...next,
      unwrap: (by: string, bytes: Uint8Array) => {
        expect(by).toBe(next.keyId);
        return next.unwrap(by, bytes);
      },
    };
    const found = await valueKeys(file, alone).find(customer, kept);
    const hex = (key: Uint8Array | undefined) => Buffer.from(key ?? []).toString("hex");
    expect(found?.map(hex)).toEqual(kept.map((name) => hex(drawn.get(name))));
    expect(await valueKeys(file, alone).find(customer, [shredded])).toBeUndefined();
    await file.close();
  });
});

describe("wrapped by the vault", () => {
  const name = `psn:${"b".repeat(32)}`;
  const rowIds = { anna: `value-key:${name}`, other: `value-key:psn:${"c".repeat(32)}` };

  test("K2: what is shredded while it is wrapped anew stays shredded", async () => {
    const keys = valueKeys(keyStore, wrappingKey);
    await keys.draw(customer, [name]);
    const next = testWrappingKey("https://vault.example/keys/values/2", [wrappingKey]);
    const racing = {
      ...next,
      wrap: async (key: Uint8Array) => {
        await keys.shred(customer, name);
        return next.wrap(key);
      },
    };
    const before = (await keyStore.list(customer, { prefix: "value-key:", limit: 50 })).length;
    await valueKeys(keyStore, racing).rewrap(customer);
    expect((await keyStore.read(customer, rowIds.anna))?.body).toEqual({ shredded: true });
    expect(await keyStore.list(customer, { prefix: "value-key:", limit: 50 })).toHaveLength(before);
  });

  test("K5: a wrapped key that is moved to another person, or made by somebody else, opens for nobody", async () => {
    const keys = valueKeys(keyStore, wrappingKey);
    await keys.draw(customer, [name]);
    const moved = (await keyStore.read(customer, rowIds.anna))?.body ?? {};
    await keyStore.commit(customer, [{ kind: "create", id: rowIds.other, body: moved }]);
    const fresh = valueKeys(keyStore, wrappingKey);
    expect(await fresh.find(customer, [rowIds.other.slice("value-key:".length)])).toBeUndefined();
    expect(await fresh.find(customer, [name])).toHaveLength(1);
    await keyStore.commit("fabrikam", [{ kind: "create", id: rowIds.anna, body: moved }]);
    expect(await fresh.find("fabrikam", [name])).toBeUndefined();
    const planted = Buffer.from(await wrappingKey.wrap(Buffer.alloc(32, 7))).toString("base64");
    const body = { wrapped: planted, by: wrappingKey.keyId };
    await keyStore.commit("fabrikam", [{ kind: "upsert", id: rowIds.anna, body }]);
    expect(await fresh.find("fabrikam", [name])).toBeUndefined();
  });

  test("while the vault is away nothing is drawn or lost: it is sealed when it is back", async () => {
    let isAway = true;
    const away = async (): Promise<never> => {
      throw new Error("away");
    };
    const wrapping = {
      ...wrappingKey,
      wrap: (key: Uint8Array) => (isAway ? away() : wrappingKey.wrap(key)),
    };
    const other = await auditInProcess({ wrapping, holdMs: 20 });
    const told = story("while away").opened;
    void other.tell(told);
    await expect.poll(() => other.fatal.length).toBe(0);
    expect(await readEntries(other.store, customer, { from: 0, limit: 50 })).toHaveLength(2);
    isAway = false;
    await expect
      .poll(async () => {
        other.clock.advance(60_000);
        await other.bus.idle();
        return (await readEntries(other.store, customer, { from: 0, limit: 50 })).length;
      })
      .toBe(3);
    await expect(
      valueKeys(memoryStore(), { ...wrappingKey, wrap: away }).draw(customer, [name]),
    ).rejects.toMatchObject({ code: "unavailable" });
  });

  test("K7: what the vault wraps wrongly is not stored, and nothing is lost when keys are wrapped anew", async () => {
    const garbage = { ...wrappingKey, wrap: async () => Buffer.alloc(256, 1) };
    const unavailable = { code: "unavailable" };
    const refused = valueKeys(keyStore, garbage).draw(customer, [name]);
    await expect(refused).rejects.toMatchObject(unavailable);
    expect(await keyStore.read(customer, rowIds.anna)).toBeUndefined();
    await valueKeys(keyStore, wrappingKey).draw(customer, [name]);
    const next = testWrappingKey("https://vault.example/keys/values/2", [wrappingKey]);
    const lying = { ...next, wrap: async () => next.wrap(Buffer.alloc(64, 1)) };
    await expect(valueKeys(keyStore, lying).rewrap(customer)).rejects.toMatchObject(unavailable);
    expect(await valueKeys(keyStore, wrappingKey).find(customer, [name])).toHaveLength(1);
  });

  test("K4: a key is unwrapped once while it is held, and again after that", async () => {
    await valueKeys(keyStore, wrappingKey).draw(customer, [name]);
    let unwraps = 0;
    let nowMs = 0;
    const counted = {
      ...wrappingKey,
      unwrap: (by: string, bytes: Uint8Array) => {
        unwraps += 1;
        return wrappingKey.unwrap(by, bytes);
      },
    };
    const keys = valueKeys(
      keyStore,
      counted,
      keyMemory(() => nowMs),
    );
    await keys.find(customer, [name]);
    nowMs = keyHeldMs - 1;
    await keys.find(customer, [name]);
    expect(unwraps).toBe(1);
    nowMs = keyHeldMs;
    await keys.find(customer, [name]);
    expect(unwraps).toBe(2);
  });

  test("K4: of so many people at a time, the oldest first, and the memory gives copies", () => {
    const memory = keyMemory(() => 0);
    for (let n = 0; n <= keysHeldMax; n += 1) memory.put(String(n), new Uint8Array([n % 256]));
    expect(memory.size()).toBe(keysHeldMax);
    expect(memory.get("0")).toBeUndefined();
    memory.get("1")?.fill(9);
    expect(memory.get("1")).toEqual(new Uint8Array([1]));
    memory.forget("1");
    expect(memory.get("1")).toBeUndefined();
  });
});

test("the text of a ticket is in no document of the store", async () => {
  const documents = await store.list(customer, { prefix: "", limit: 1000 });
  expect(JSON.stringify(documents)).not.toContain(text);
});
