import { expect, test } from "vitest";
import { memoryStore } from "./memory-store.ts";
import { storeSuite } from "./store.suite.ts";

storeSuite("the memory store", (now) => memoryStore({ now }));

test("a lost commit is not applied, and one whose answer is lost is", async () => {
  const faults = ["lost", "lost-but-applied"] as const;
  let next = 0;
  const store = memoryStore({ fault: () => faults[next++] ?? "none" });
  const create = (id: string) => store.commit("p", [{ kind: "create", id, body: 1 }]);
  await expect(create("a")).rejects.toMatchObject({ code: "unavailable" });
  await expect(create("b")).rejects.toMatchObject({ code: "unavailable" });
  expect(await store.read("p", "a")).toBeUndefined();
  expect(await store.read("p", "b")).toBeDefined();
});
