// The store's promises: what a callback may rely on, and what happens when a write fails.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openStore, type Store, type StoreError } from "../src/store.ts";

let folder: string;
let failures: StoreError[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "service-bus-store-"));
  failures = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = (journalFile?: string) =>
  openStore({ dataDir: folder, journalFile, onFailure: (error) => failures.push(error) });
const message = (id: number) => ({ id, topic: "t", scheduledFor: null, raw: Buffer.from([id]) });
const committed = (store: Store) =>
  new Promise<void>((resolve) => {
    store.afterCommit(resolve);
  });

test("D1, D2: one turn's writes are on disk together when its callbacks run, in order", async () => {
  const store = open();
  const order: number[] = [];
  store.putMessage(message(1));
  store.afterCommit(() => order.push(1));
  store.putMessage(message(2));
  await committed(store);
  expect(order).toEqual([1]);
  store.close();
  const again = open();
  expect(again.messages().map(({ id, raw }) => [id, raw[0]])).toEqual([
    [1, 1],
    [2, 2],
  ]);
  again.close();
  expect(failures).toEqual([]);
});

test("D3: when a commit fails the caller is told once, and no callback runs", async () => {
  const journal = join(folder, "journal");
  const store = open(journal);
  rmSync(journal);
  mkdirSync(journal); // Appending to a folder fails.
  let isAcknowledged = false;
  store.putMessage(message(1));
  store.journal(() => ({}));
  store.afterCommit(() => {
    isAcknowledged = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isAcknowledged).toBe(false);
  expect(failures).toHaveLength(1);
  expect(() => store.putMessage(message(2))).toThrow(/failed before/);
  expect(failures).toHaveLength(1);
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
