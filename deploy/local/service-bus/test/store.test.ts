// The store's promises: what a callback may rely on, and what happens when a write fails.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { StoreError } from "../src/store/database.ts";
import { openStore, type Store } from "../src/store/store.ts";

let folder: string;
let failures: StoreError[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "service-bus-store-"));
  failures = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (journalFile?: string) =>
  openStore({ dataDir: folder, journalFile, onFailure: (error) => failures.push(error) });
const QUEUE = 4;
function put(store: Store, byte: number, size = 1): number {
  const sequence = store.nextNumber();
  const raw = Buffer.alloc(size, byte);
  store.messages.insert(
    {
      sequence,
      queue: QUEUE,
      lane: "",
      state: 0,
      size,
      expiresAt: null,
      enqueuedAt: 0,
      enqueuedSequence: sequence,
      scheduledFor: null,
      deliveryCount: 0,
      hops: 0,
      source: null,
      modified: null,
      body: null,
    },
    raw,
  );
  return sequence;
}
const kept = (store: Store) =>
  store.messages.page(QUEUE, "", 0, 10_000, 1e9).map(({ raw }) => raw[0]);
const committed = (store: Store) =>
  new Promise<void>((resolve) => {
    store.afterCommit(resolve);
  });

test("D1, D2: one turn's writes are on disk together when its callbacks run, in order", async () => {
  const store = open();
  const order: number[] = [];
  put(store, 1);
  store.afterCommit(() => order.push(1));
  put(store, 2);
  await committed(store);
  expect(order).toEqual([1]);
  store.close();
  const again = open();
  expect(kept(again)).toEqual([1, 2]);
  again.close();
  expect(failures).toEqual([]);
});

test("D3: when a turn cannot be written none of it is kept or acknowledged, and the next one can be", async () => {
  const journal = join(folder, "journal");
  const store = open(journal);
  put(store, 1);
  await committed(store);
  rmSync(journal);
  mkdirSync(journal); // Appending to a folder fails.
  const told: string[] = [];
  put(store, 2);
  store.journal(() => ({}));
  store.afterCommit(
    () => told.push("committed"),
    () => told.push("failed"),
  );
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(["failed"]);
  expect(failures).toHaveLength(1);
  expect(kept(store)).toEqual([1]);
  expect(store.messages.counts(QUEUE)).toMatchObject({ active: 1, bytes: 1 });
  expect(store.isRefusing()).toBe(true);
  rmSync(journal, { recursive: true });
  put(store, 3);
  await committed(store);
  expect(kept(store)).toEqual([1, 3]);
  store.close();
});

test("D3: a full disk undoes its turn, deletions still work, and then there is room again", async () => {
  const store = openStore({
    dataDir: folder,
    journalFile: undefined,
    pagesMax: 120,
    onFailure: (error) => failures.push(error),
  });
  const outcome = () =>
    new Promise<string>((resolve) => {
      store.afterCommit(
        () => resolve("committed"),
        () => resolve("failed"),
      );
    });
  let accepted = 0;
  for (;;) {
    for (let each = 0; each < 10; each += 1) put(store, 1, 2_000);
    if ((await outcome()) === "failed") break;
    accepted += 10;
  }
  expect(String(failures[0])).toContain("full");
  expect(kept(store)).toHaveLength(accepted);
  expect(store.messages.counts(QUEUE).active).toBe(accepted);
  for (const row of store.messages.page(QUEUE, "", 0, 50, 1e9)) store.messages.remove(row);
  expect(await outcome()).toBe("committed");
  put(store, 2, 2_000);
  expect(await outcome()).toBe("committed");
  expect(kept(store)).toHaveLength(accepted - 49);
  store.close();
});

test("D5: a foreign or damaged file is refused, and not changed", () => {
  const file = join(folder, "service-bus.sqlite");
  const foreign = new DatabaseSync(file);
  foreign.exec("CREATE TABLE theirs (a)");
  foreign.close();
  const before = readFileSync(file);
  expect(() => open()).toThrow(/not a store of this bus/);
  expect(readFileSync(file).equals(before)).toBe(true);
  rmSync(file);
  writeFileSync(file, Buffer.alloc(10_000, "not a database"));
  expect(() => open()).toThrow(/cannot be used/);
  expect(readFileSync(file).equals(Buffer.alloc(10_000, "not a database"))).toBe(true);
  rmSync(file);
  const store = open();
  for (let each = 0; each < 200; each += 1) put(store, 1, 2_000);
  store.close();
  const damaged = readFileSync(file);
  damaged.fill(0xff, damaged.length / 2, damaged.length / 2 + 8_192);
  writeFileSync(file, damaged);
  expect(() => open()).toThrow(/damaged|malformed/);
  expect(readFileSync(file).equals(damaged)).toBe(true);
});

test("D4: a folder in use is refused", () => {
  const store = open();
  expect(() => open()).toThrow(/cannot be used: .*locked/);
  store.close();
  open().close();
});

test("numbers rise across restarts, also when nothing else was written", async () => {
  const store = open();
  const first = store.nextNumber();
  const second = store.nextNumber();
  await committed(store);
  store.close();
  const again = open();
  expect(second).toBe(first + 1);
  expect(again.nextNumber()).toBeGreaterThan(second);
  again.close();
});

test("a store of a later version is left alone", () => {
  open().close();
  const database = new DatabaseSync(join(folder, "service-bus.sqlite"));
  database.exec("PRAGMA user_version=99");
  database.close();
  expect(() => open()).toThrow(/version 99/);
});
