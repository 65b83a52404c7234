import { derivedId } from "@niivo/contracts/canonical";
import { messageBytesMax } from "@niivo/contracts/envelope";
import {
  ErasureRequest,
  erasureRangesCharactersMax,
  erasureRangesMax,
  erasureTicketsMax,
} from "@niivo/contracts/erasure";
import { countIn, rangesIn } from "@niivo/contracts/evidence/control";
import { expect, test } from "vitest";
import { partsOf } from "./erasure-parts.ts";

/** Numbers of which no two are neighbours: the longest text there is for so many. */
const scattered = (count: number) =>
  Array.from({ length: count }, (_, index) => 999_000_000_000 + index * 2);
const ticketsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => derivedId("ticket", String(index)));

test("a large erasure is several parts, together the whole, each within the limits of a message", () => {
  const tickets = ticketsOf(erasureTicketsMax * 2 + 1);
  const entries = scattered(5000);
  const parts = partsOf({ tickets, entries });
  expect(parts.flatMap((part) => part.tickets)).toEqual(tickets);
  const ranges = parts.flatMap((part) => part.entries).flatMap(rangesIn);
  expect(ranges).toEqual(entries.map((seq) => [seq, seq]));
  for (const [index, part] of parts.entries()) {
    expect(part).toMatchObject({ part: index + 1, parts: parts.length });
    expect(part.entries.length).toBeLessThanOrEqual(erasureRangesMax);
    for (const text of part.entries)
      expect(text.length).toBeLessThanOrEqual(erasureRangesCharactersMax);
    expect(
      ErasureRequest.shape.data.pick({ tickets: true, entries: true }).safeParse({
        tickets: part.tickets,
        entries: part.entries,
      }).success,
    ).toBe(true);
    expect(JSON.stringify(part).length).toBeLessThan(messageBytesMax);
  }
});

test("a small one is one part, also with nothing in it", () => {
  expect(partsOf({ tickets: [], entries: [] })).toEqual([
    { part: 1, parts: 1, tickets: [], entries: [] },
  ]);
  const [part, ...others] = partsOf({ tickets: ticketsOf(1), entries: [3, 7, 8, 9] });
  expect(part?.entries).toEqual(["3,7-9"]);
  expect(countIn("3,7-9")).toBe(4);
  expect(others).toEqual([]);
});
