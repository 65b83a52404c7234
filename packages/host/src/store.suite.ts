// What every adapter of the store port does alike. Called by each adapter's own test.

import { describe, expect, test } from "vitest";
import { batchBytesMax, type Operation, operationsMax, type Store } from "./store.ts";

/** @param create an empty store that tells the time with `now`. */
export function storeSuite(name: string, create: (now: () => Date) => Store): void {
  const open = (now = () => new Date()) => create(now);
  const put = (id: string, body: string | number = 0): Operation => ({ kind: "create", id, body });

  describe(name, () => {
    test("a missing document reads as undefined, a created one as it was written", async () => {
      const store = open();
      const body = { text: "grüezi", list: [1, null, { deep: true }] };
      expect(await store.read("p", "a")).toBeUndefined();
      expect(await store.commit("p", [{ kind: "create", id: "a", body }])).toEqual({
        kind: "committed",
      });
      expect(await store.read("p", "a")).toMatchObject({ id: "a", body });
      await store.close();
    });

    test("a batch is applied whole or not at all", async () => {
      const store = open();
      await store.commit("p", [put("b")]);
      const outcome = await store.commit("p", [put("a"), put("b"), put("c")]);
      expect(outcome).toEqual({ kind: "conflict", id: "b" });
      expect(await store.read("p", "a")).toBeUndefined();
      expect(await store.read("p", "c")).toBeUndefined();
      await store.close();
    });

    test("each kind of operation conflicts exactly when its document is not as expected", async () => {
      const store = open();
      await store.commit("p", [put("there")]);
      const etag = (await store.read("p", "there"))?.etag ?? "";
      const body = 1;
      const table: readonly [Operation, boolean][] = [
        [{ kind: "create", id: "there", body }, false],
        [{ kind: "check", id: "there", etag: "other" }, false],
        [{ kind: "check", id: "missing", etag }, false],
        [{ kind: "check", id: "there", etag }, true],
        [{ kind: "replace", id: "there", body, etag: "other" }, false],
        [{ kind: "replace", id: "missing", body, etag }, false],
        [{ kind: "delete", id: "there", etag: "other" }, false],
        [{ kind: "delete", id: "missing", etag }, false],
        [{ kind: "delete", id: "missing" }, true],
        [{ kind: "upsert", id: "missing", body }, true],
        [{ kind: "delete", id: "missing" }, true],
        [{ kind: "replace", id: "there", body, etag }, true],
        [{ kind: "upsert", id: "there", body }, true],
        [{ kind: "delete", id: "there" }, true],
        [{ kind: "create", id: "there", body }, true],
      ];
      for (const [operation, applies] of table) {
        const expected = applies ? { kind: "committed" } : { kind: "conflict", id: operation.id };
        expect(await store.commit("p", [operation]), JSON.stringify(operation)).toEqual(expected);
      }
      await store.close();
    });

    test("an etag changes with every write, also one of the same body, and with nothing else", async () => {
      const store = open();
      await store.commit("p", [put("a", "same")]);
      const first = await store.read("p", "a");
      expect(await store.read("p", "a")).toEqual(first);
      await store.commit("p", [{ kind: "check", id: "a", etag: first?.etag ?? "" }]);
      expect(await store.read("p", "a")).toEqual(first);
      await store.commit("p", [{ kind: "upsert", id: "a", body: "same" }]);
      const second = await store.read("p", "a");
      expect(second?.etag).not.toBe(first?.etag);
      await store.commit("p", [{ kind: "delete", id: "a" }, put("a", "same")]);
      const third = await store.read("p", "a");
      expect(new Set([first?.etag, second?.etag, third?.etag]).size).toBe(3);
      await store.close();
    });

    test("H9: more operations or more bytes than a batch may have are refused before anything is written", async () => {
      const store = open();
      const many = Array.from({ length: operationsMax + 1 }, (_, index) => put(`many:${index}`));
      await expect(store.commit("p", many)).rejects.toMatchObject({ code: "too-many-operations" });
      const half = "x".repeat(batchBytesMax / 2);
      const large = [put("large:0", half), put("large:1", half)];
      await expect(store.commit("p", large)).rejects.toMatchObject({ code: "batch-too-large" });
      expect(await store.list("p", { prefix: "", limit: 10 })).toEqual([]);
      expect(await store.commit("p", many.slice(1))).toEqual({ kind: "committed" });
      await store.close();
    });

    test("an id that production would refuse is a bug", async () => {
      const store = open();
      for (const id of ["", "a/b", "a\\b", "a?b", "a#b", "grüezi", "x".repeat(256)])
        await expect(store.commit("p", [put(id)]), id).rejects.toThrow(TypeError);
      await store.close();
    });

    test("a list has a prefix, the order of ids, a start and a limit", async () => {
      const store = open();
      const ids = ["b:2", "a:1", "b:10", "b:1", "c:1", "B:1", "b"];
      await store.commit(
        "p",
        ids.map((id) => put(id)),
      );
      const list = async (query: { prefix: string; after?: string; limit: number }) =>
        (await store.list("p", query)).map(({ id }) => id);
      expect(await list({ prefix: "b:", limit: 9 })).toEqual(["b:1", "b:10", "b:2"]);
      expect(await list({ prefix: "b:", after: "b:1", limit: 1 })).toEqual(["b:10"]);
      expect(await list({ prefix: "b:", after: "b:2", limit: 9 })).toEqual([]);
      expect(await list({ prefix: "", limit: 2 })).toEqual(["B:1", "a:1"]);
      expect(await list({ prefix: "b:", after: "a:1", limit: 1 })).toEqual(["b:1"]);
      expect(await list({ prefix: "b:", after: "c", limit: 9 })).toEqual([]);
      expect(await list({ prefix: "b", after: "b", limit: 1 })).toEqual(["b:1"]);
      await store.close();
    });

    test("one partition never sees another", async () => {
      const store = open();
      await store.commit("p", [put("a", "ours")]);
      expect(await store.read("q", "a")).toBeUndefined();
      expect(await store.list("q", { prefix: "", limit: 9 })).toEqual([]);
      expect(await store.commit("q", [put("a", "theirs")])).toEqual({ kind: "committed" });
      expect((await store.read("p", "a"))?.body).toBe("ours");
      await store.close();
    });

    test("a document is gone when its time to live is over, and its id is free again", async () => {
      let at = new Date("2026-01-01T00:00:00Z");
      const store = open(() => at);
      await store.commit("p", [{ kind: "create", id: "a", body: 1, ttlSeconds: 60 }, put("b")]);
      const etag = (await store.read("p", "a"))?.etag ?? "";
      at = new Date("2026-01-01T00:01:00Z");
      expect(await store.read("p", "a")).toBeUndefined();
      expect((await store.list("p", { prefix: "", limit: 9 })).map(({ id }) => id)).toEqual(["b"]);
      const late: Operation = { kind: "replace", id: "a", body: 2, etag };
      expect(await store.commit("p", [late])).toEqual({ kind: "conflict", id: "a" });
      expect(await store.commit("p", [put("a")])).toEqual({ kind: "committed" });
      at = new Date("2027-01-01T00:00:00Z");
      expect(await store.read("p", "a")).toBeDefined();
      await store.close();
    });

    test("of twenty that increment at once by compare-and-swap none is lost", async () => {
      const store = open();
      await store.commit("p", [put("count", 0)]);
      const increment = async (): Promise<void> => {
        for (;;) {
          const found = await store.read("p", "count");
          const body = Number(found?.body) + 1;
          const etag = found?.etag ?? "";
          const outcome = await store.commit("p", [{ kind: "replace", id: "count", body, etag }]);
          if (outcome.kind === "committed") return;
        }
      };
      await Promise.all(Array.from({ length: 20 }, increment));
      expect((await store.read("p", "count"))?.body).toBe(20);
      await store.close();
    });
  });
}
