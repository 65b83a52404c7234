// The order in which waiting messages are taken.

import { expect, test } from "vitest";
import type { Entry } from "../src/entities/queue.ts";
import { createWaitingLine } from "../src/entities/waiting-line.ts";

const entry = (sequence: number): Entry => ({
  sequence,
  row: {
    sequence,
    queue: 4,
    lane: "",
    state: 0,
    size: 1,
    expiresAt: null,
    enqueuedAt: 0,
    enqueuedSequence: sequence,
    scheduledFor: null,
    deliveryCount: 0,
    hops: 0,
    source: null,
    modified: null,
    body: null,
  },
  message: undefined,
  deliveryCount: 0,
  modified: null,
  status: "waiting",
});

test("Q3: whatever is taken and returned, the lowest number comes first", () => {
  const line = createWaitingLine();
  const entries = Array.from({ length: 5_000 }, (_, at) => entry(at));
  for (const each of entries) line.add(each);
  const taken = Array.from({ length: 3_000 }, () => line.take());
  expect(taken.map((each) => each?.sequence)).toEqual([...taken.keys()]);
  for (const at of [2_999, 17, 0, 1_500]) line.add(entries[at]!);
  line.remove(entries[1_500]!);
  line.remove(entries[4_000]!);
  line.remove(entries[1]!); // Not in the line any more.
  expect(line.size).toBe(2_002);
  const rest = Array.from({ length: line.size }, () => line.take()?.sequence);
  const expected = [0, 17, 2_999, ...entries.slice(3_000).map(({ sequence }) => sequence)];
  expect(rest).toEqual(expected.filter((number) => number !== 4_000));
  expect(line.take()).toBeUndefined();
});
