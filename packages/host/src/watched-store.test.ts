import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { createLogger } from "./logger.ts";
import { memoryStore } from "./memory-store.ts";
import { StoreError } from "./store.ts";
import { watchedStore } from "./watched-store.ts";

function failing() {
  const lines: string[] = [];
  const log = createLogger("test", "info", { write: (line: string) => void lines.push(line) });
  const inner = memoryStore();
  let isFull = true;
  const { store, problem } = watchedStore(
    {
      ...inner,
      commit: async (partition, operations) => {
        if (isFull) throw new StoreError("unavailable", "the disk is full");
        return inner.commit(partition, operations);
      },
    },
    log,
  );
  const write = () => store.commit("contoso", [{ kind: "upsert", id: "one", body: 1 }]);
  const messages = () => lines.map((line) => String(JSON.parse(line).msg));
  const free = () => {
    isFull = false;
  };
  return { store, problem, write, messages, free };
}

test("a store that fails is told of once, however often it fails, and the caller hears each time", async () => {
  const { store, problem, write, messages } = failing();
  expect(problem()).toBeUndefined();
  for (let tries = 0; tries < 5; tries++) await expect(write()).rejects.toThrow(StoreError);
  expect(problem()).toBe("the disk is full");
  expect(messages()).toEqual([
    "the store fails: the disk is full; everything waits until it does not",
  ]);
  await store.close();
});

test("without any message it finds out by itself that it can write again, and says so", async () => {
  const { store, problem, write, messages, free } = failing();
  await expect(write()).rejects.toThrow(StoreError);
  free();
  while (problem() !== undefined) await delay(5);
  expect(messages().at(-1)).toBe("the store can be written again");
  await expect(write()).resolves.toEqual({ kind: "committed" });
  await store.close();
});

test("a conflict and a batch that is too large are no failures of the store", async () => {
  const { store, problem, free } = failing();
  free();
  await store.commit("contoso", [{ kind: "create", id: "one", body: 1 }]);
  await store.commit("contoso", [{ kind: "create", id: "one", body: 1 }]);
  const many = Array.from({ length: 101 }, (_, index) => ({
    kind: "upsert" as const,
    id: String(index),
    body: 1,
  }));
  await expect(store.commit("contoso", many)).rejects.toThrow(StoreError);
  expect(problem()).toBeUndefined();
});

test("a store that is closed while it fails is not tried any more", async () => {
  const { store, write, messages, free } = failing();
  await expect(write()).rejects.toThrow(StoreError);
  await store.close();
  free();
  await delay(200);
  expect(messages()).toHaveLength(1);
});
