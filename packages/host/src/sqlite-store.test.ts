import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";
import { storeSuite } from "./store.suite.ts";

const folder = mkdtempSync(join(tmpdir(), "niivo-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, `${++files}.db`);

storeSuite("the sqlite store", (now) => sqliteStore(newFile(), now));

test("what was committed is there after reopening", async () => {
  const file = newFile();
  const before = sqliteStore(file);
  await before.commit("p", [{ kind: "create", id: "a", body: { kept: true } }]);
  const written = await before.read("p", "a");
  await before.close();
  const after = sqliteStore(file);
  expect(await after.read("p", "a")).toEqual(written);
  await after.close();
});

test("two processes on one file lose no increment", async () => {
  const file = newFile();
  const [one, two] = [sqliteStore(file), sqliteStore(file)];
  await one.commit("p", [{ kind: "create", id: "count", body: 0 }]);
  const increment = async (store: typeof one): Promise<void> => {
    for (;;) {
      const found = await store.read("p", "count");
      const body = Number(found?.body) + 1;
      const etag = found?.etag ?? "";
      const outcome = await store.commit("p", [{ kind: "replace", id: "count", body, etag }]);
      if (outcome.kind === "committed") return;
    }
  };
  await Promise.all(Array.from({ length: 10 }, () => [increment(one), increment(two)]).flat());
  expect((await two.read("p", "count"))?.body).toBe(20);
  await Promise.all([one.close(), two.close()]);
});

test("batches of one moment share a transaction, and one that conflicts takes nothing from the others", async () => {
  const file = newFile();
  const store = sqliteStore(file);
  const answers = await Promise.all([
    store.commit("p", [{ kind: "create", id: "a", body: 1 }]),
    store.commit("p", [
      { kind: "create", id: "b", body: 2 },
      { kind: "create", id: "a", body: 3 },
    ]),
    store.commit("q", [{ kind: "create", id: "a", body: 4 }]),
  ]);
  expect(answers.map(({ kind }) => kind)).toEqual(["committed", "conflict", "committed"]);
  await store.close();
  const after = sqliteStore(file);
  expect((await after.read("p", "a"))?.body).toBe(1);
  expect(await after.read("p", "b")).toBeUndefined();
  expect((await after.read("q", "a"))?.body).toBe(4);
  await after.close();
});

test("what waits when the store is closed is committed, not forgotten", async () => {
  const file = newFile();
  const store = sqliteStore(file);
  const waiting = store.commit("p", [{ kind: "create", id: "a", body: 1 }]);
  await store.close();
  expect(await waiting).toEqual({ kind: "committed" });
  const after = sqliteStore(file);
  expect((await after.read("p", "a"))?.body).toBe(1);
  await after.close();
});

test("a database that is closed does not answer as if it were empty", async () => {
  const store = sqliteStore(newFile());
  await store.close();
  await expect(store.read("p", "a")).rejects.toMatchObject({ code: "unavailable" });
});

test("a file that somebody else holds is unavailable at once, and later as good as before", async () => {
  const file = newFile();
  const store = sqliteStore(file);
  const other = new DatabaseSync(file);
  other.exec("BEGIN IMMEDIATE");
  const from = performance.now();
  const create = [{ kind: "create", id: "a", body: 1 }] as const;
  await expect(store.commit("p", create)).rejects.toMatchObject({ code: "unavailable" });
  // SQLite waits inside the call: everything else in the process waits with it.
  expect(performance.now() - from).toBeLessThan(2000);
  other.exec("ROLLBACK");
  other.close();
  expect(await store.commit("p", create)).toEqual({ kind: "committed" });
  await store.close();
});
