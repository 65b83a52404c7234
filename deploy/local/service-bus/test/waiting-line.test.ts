// The order in which waiting messages are taken.

import { expect, test } from "vitest";
import type { Entry } from "../src/entities/queue.ts";
import { createWaitingLine } from "../src/entities/waiting-line.ts";
import { parseIncoming } from "../src/wire/incoming-message.ts";
import { encodeValue } from "../src/wire/values.ts";

const body = Buffer.concat([Buffer.from([0x00, 0x53, 0x77]), encodeValue("")]);
const message = parseIncoming(body, () => "m");
const entry = (sequenceNumber: number): Entry => ({
  sequenceNumber,
  stored: { id: sequenceNumber, message, references: 1 },
  enqueuedAt: 0,
  expiresAt: Number.POSITIVE_INFINITY,
  deliveryCount: 0,
  status: "available",
  modified: new Map(),
});

test("Q3: whatever is taken and returned, the lowest number comes first", () => {
  const line = createWaitingLine();
  const entries = Array.from({ length: 5_000 }, (_, at) => entry(at));
  for (const each of entries) line.add(each);
  const taken = Array.from({ length: 3_000 }, () => line.take());
  expect(taken.map((each) => each?.sequenceNumber)).toEqual([...taken.keys()]);
  for (const at of [2_999, 17, 0, 1_500]) line.add(entries[at]!);
  line.remove(entries[1_500]!);
  line.remove(entries[4_000]!);
  line.remove(entries[1]!); // Not in the line any more.
  expect(line.size).toBe(2_002);
  const rest = Array.from({ length: line.size }, () => line.take()?.sequenceNumber);
  const expected = [
    0,
    17,
    2_999,
    ...entries.slice(3_000).map(({ sequenceNumber }) => sequenceNumber),
  ];
  expect(rest).toEqual(expected.filter((number) => number !== 4_000));
  expect(line.take()).toBeUndefined();
});
