// Ranges of numbers, so that a gap of a million costs no more than a gap of one.

import type { Range } from "@niivo/contracts/evidence/control";

/** Takes one number out; false if no range has it. Changes `ranges`. */
export function takeNumber(ranges: Range[], number: number): boolean {
  const index = ranges.findIndex(([from, to]) => from <= number && number <= to);
  const range = ranges[index];
  if (range === undefined) return false;
  const [from, to] = range;
  const rest: readonly Range[] = [
    [from, number - 1],
    [number + 1, to],
  ];
  ranges.splice(index, 1, ...rest.filter(([first, last]) => first <= last));
  return true;
}

/** The same numbers in ranges that neither overlap nor touch, in their order: each number is counted once. */
export function joinedRanges(ranges: readonly Range[]): readonly Range[] {
  const joined: Range[] = [];
  for (const [from, to] of ranges.toSorted(([one], [other]) => one - other)) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1] + 1)
      joined.splice(-1, 1, [last[0], Math.max(last[1], to)]);
    else joined.push([from, to]);
  }
  return joined;
}
