// Values under the keys of the people they are about: what a backup of the chain's store is worth after an erasure.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Entry } from "@niivo/contracts/evidence";
import { memoryStore } from "@niivo/host/memory-store";
import { sqliteStore } from "@niivo/host/sqlite-store";
import type { Store } from "@niivo/host/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pseudonymOf } from "../src/erase-plan.ts";
import { erasedId, nameOf, valueId } from "../src/rows.ts";
import { SealedValue } from "../src/sealed-value.ts";
import { readEntries } from "../src/stored-chain.ts";
import { readValue } from "../src/stored-value.ts";
import { type AuditInProcess, auditInProcess } from "../src/testing/audit-in-process.ts";
import { customer, people, story, text } from "../src/testing/story.ts";
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
  const parts = { store, keys: valueKeys(keyStore) };
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
  await valueKeys(keyStore).shred(customer, await anna());
  expect(await kinds()).toContain("missing");
  expect((await kinds())[0]).toBe("missing");
});

test("K2: a key that was shredded is not drawn again", async () => {
  const keys = valueKeys(keyStore);
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
  const folder = mkdtempSync(join(tmpdir(), "niivo-value-keys-"));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("a shredded key is in none of them", async () => {
    const file = sqliteStore(join(folder, "keys.sqlite"));
    const keys = valueKeys(file);
    const name = `psn:${"a".repeat(32)}`;
    const [key] = [...(await keys.draw(customer, [name])).values()];
    const text64 = Buffer.from(key ?? "").toString("base64");
    const bytes = () =>
      readdirSync(folder).map((one) => readFileSync(join(folder, one)).toString("latin1"));
    expect(bytes().join("")).toContain(text64);
    await keys.shred(customer, name);
    expect(bytes().join("")).not.toContain(text64);
    await file.close();
  });
});

test("the text of a ticket is in no document of the store", async () => {
  const documents = await store.list(customer, { prefix: "", limit: 1000 });
  expect(JSON.stringify(documents)).not.toContain(text);
});
