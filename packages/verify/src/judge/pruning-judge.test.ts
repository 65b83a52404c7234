import type { Entry } from "@niivo/contracts/evidence";
import { expect, test } from "vitest";
import { pruningJudge } from "./pruning-judge.ts";
import { findings } from "./verdict.ts";

const day = (number: number): string =>
  new Date(Date.UTC(2025, 0, 1) + number * 24 * 60 * 60 * 1000).toISOString();
const read = (sealedAt: string): Entry => ({ sealedAt }) as Entry; // The judge reads nothing else of an entry.

interface Order {
  readonly from: number;
  readonly to: number;
  readonly days: number;
}

/** Entries 3 to 9 are gone, the next one was sealed on `nextDay`, and the orders on day 1000. */
function judged(nextDay: number | undefined, orders: readonly Order[]): readonly string[] {
  const judge = pruningJudge();
  judge.read(read(day(0)));
  for (let seq = 3; seq <= 9; seq += 1) judge.add(seq);
  if (nextDay !== undefined) judge.read(read(day(nextDay)));
  for (const order of orders) judge.ordered({ ...order, sealedAt: day(1000) });
  const found = findings();
  judge.end(found);
  return found.all().map(({ code, from, to }) => `${code} ${from}-${to}`);
}

const whole = { from: 1, to: 9, days: 400 };

test("V18: removed after its retention, as an entry says, is in order", () => {
  expect(judged(600, [whole])).toEqual(["PRUNED 3-9"]);
});

test("V18: without an entry that says so it is withheld", () => {
  expect(judged(600, [])).toEqual(["WITHHELD 3-9"]);
});

test("V18: where the next entry is younger than the retention it is withheld", () => {
  expect(judged(601, [whole])).toEqual(["WITHHELD 3-9"]);
});

test("V18: where nothing can be read after it, nothing shows its age", () => {
  expect(judged(undefined, [whole])).toEqual(["WITHHELD 3-9"]);
});

test("V18: what goes beyond the range is withheld, and only that", () => {
  expect(judged(600, [{ from: 4, to: 7, days: 400 }])).toEqual([
    "WITHHELD 3-3",
    "PRUNED 4-7",
    "WITHHELD 8-9",
  ]);
});

test("V18: several rounds cover together what each of them names", () => {
  expect(
    judged(600, [
      { from: 1, to: 5, days: 400 },
      { from: 6, to: 9, days: 400 },
    ]),
  ).toEqual(["PRUNED 3-9"]);
});
