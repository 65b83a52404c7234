import { pino } from "pino";
import { expect, test } from "vitest";
import { createMarks } from "./marks.ts";
import { type Operation, operationsMax } from "./store.ts";

const mark = (id: string): Operation => ({ kind: "upsert", id, body: { published: true } });

/** Records what is committed, or fails. */
function recorder(fails = false) {
  const batches: { readonly customer: string; readonly ids: readonly string[] }[] = [];
  const commit = async (customer: string, operations: readonly Operation[]) => {
    if (fails) throw new Error("away");
    batches.push({ customer, ids: operations.map(({ id }) => id) });
    return { kind: "committed" } as const;
  };
  return { batches, marks: createMarks({ commit }, pino({ level: "silent" })) };
}

test("marks of one customer are written together, those of two apart", async () => {
  const { batches, marks } = recorder();
  marks.add("contoso", [mark("a")]);
  marks.add("fabrikam", [mark("b")]);
  marks.add("contoso", [mark("c")]);
  await marks.flush();
  expect(batches).toEqual([
    { customer: "contoso", ids: ["a", "c"] },
    { customer: "fabrikam", ids: ["b"] },
  ]);
});

test("no batch is larger than the store takes, and nothing is left out", async () => {
  const { batches, marks } = recorder();
  const ids = Array.from({ length: operationsMax + 30 }, (_, index) => `id-${index}`);
  for (const id of ids) marks.add("contoso", [mark(id)]);
  await marks.flush();
  expect(batches.map((batch) => batch.ids.length)).toEqual([operationsMax, 30]);
  expect(batches.flatMap((batch) => batch.ids)).toEqual(ids);
});

test("H3: a mark counts from the moment it is due until it is written, and no longer when it is lost", async () => {
  for (const fails of [false, true]) {
    const { marks } = recorder(fails);
    marks.add("contoso", [mark("a")]);
    expect(marks.has("contoso", "a")).toBe(true);
    expect(marks.has("fabrikam", "a")).toBe(false);
    await marks.flush();
    expect(marks.has("contoso", "a")).toBe(false);
  }
});
