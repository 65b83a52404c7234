// Ranges of numbers that are missing, so that a gap of a million costs no more than a gap of one.

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
