import { expect, test } from "vitest";
import type { Actor } from "../actor.ts";
import { specify } from "./specify.ts";

interface Added {
  readonly type: "added";
  readonly data: number;
}
const added = (data: number): Added => ({ type: "added", data });
const adding: Actor<{ sum: number }, number, Added> = {
  initialState: { sum: 0 },
  decide: (input, { sum }) => (sum + input > 10 ? [] : [added(input)]),
  evolve: ({ sum }, { data }) => ({ sum: sum + data }),
};
const at = new Date("2026-01-01T00:00:00Z");

test("it compares exactly what is decided", () => {
  const { given } = specify(adding, at);
  given(added(4)).when(6).decides(added(6));
  given(added(5)).when(6).decides();
  expect(() => given(added(4)).when(6).decides()).toThrow();
  expect(() => given(added(4)).when(6).decides(added(7))).toThrow();
});

test("an actor that changes its state, its input, or its mind fails its specification", () => {
  let calls = 0;
  const changing = {
    ...adding,
    evolve: (state: { sum: number }) => Object.assign(state, { sum: 1 }),
  };
  const moody = { ...adding, decide: () => [added(++calls)] };
  const dated = { ...adding, evolve: () => ({ sum: 0, at }) };
  expect(() => specify(changing, at).given(added(1)).when(1).decides(added(1))).toThrow();
  expect(() => specify(moody, at).given().when(1).decides(added(1))).toThrow();
  expect(() => specify(dated, at).given().when(1).decides(added(1))).toThrow(/plain JSON/);
});
