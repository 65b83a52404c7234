import { expect, test } from "vitest";
import { joinedRanges } from "./ranges.ts";

test.each([
  { ranges: [], joined: [] },
  { ranges: [[3, 5]], joined: [[3, 5]] },
  {
    ranges: [
      [3, 5],
      [3, 5],
    ],
    joined: [[3, 5]],
  },
  {
    ranges: [
      [7, 9],
      [3, 8],
    ],
    joined: [[3, 9]],
  },
  {
    ranges: [
      [3, 9],
      [4, 5],
    ],
    joined: [[3, 9]],
  },
  {
    ranges: [
      [1, 2],
      [3, 4],
    ],
    joined: [[1, 4]],
  },
  {
    ranges: [
      [6, 6],
      [1, 2],
    ],
    joined: [
      [1, 2],
      [6, 6],
    ],
  },
] as const)("the numbers of $ranges are each in one range", ({ ranges, joined }) => {
  expect(joinedRanges(ranges.map(([from, to]) => [from, to]))).toEqual(joined);
});
