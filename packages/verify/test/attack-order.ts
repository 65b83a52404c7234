// Attacks on which entries there are, and in which order.

import {
  type Answer,
  type Attack,
  broken,
  entries,
  entryAt,
  marked,
  notes,
  positions,
  type Row,
  range,
  recomputed,
  rowPerNumber,
  size,
  textOf,
  withRows,
} from "./attack-log.ts";

const rows: readonly Row[] = entries;
/** Their rows are gone. */
const without = (from: number, to: number): readonly Row[] =>
  rows.map((row, seq) => (from <= seq && seq <= to ? undefined : row));

/** The tail is missing: what the newest checkpoint here covers is in order. */
const cut = (found: number): Answer => {
  const mark = Math.max(0, ...notes.map((one) => one.size).filter((one) => one <= found));
  return {
    exitCode: mark === 0 ? 50 : 20,
    findings: [
      `TRUNCATED ${range(found, size - 1)}`,
      ...(mark < found ? [`UNANCHORED ${range(mark, found - 1)}`] : []),
    ],
    verdicts: {
      completeness: "TRUNCATED",
      ...(mark < found ? { anchoring: "UNANCHORED" } : {}),
      ...(mark === 0 ? { freshness: "NOT_JUDGED" } : {}),
    },
  };
};

const segmentEntries = 4;
const lastMark = notes.at(-2)?.size ?? 0;
const cutByOne = { completeness: "TRUNCATED" } as const;

const disagreeing = (seq: number): Answer =>
  broken(seq, "ALTERED", [`ALTERED ${marked(seq)}`, `TRUNCATED ${size - 1}`], size - 1, cutByOne);

/** No checkpoint disagrees with what is left. The links of its ticket do, and its publisher's counter where that went on. */
const unlinked = (seq: number): Answer => {
  const source = entryAt(seq).event?.source;
  const isCounted = positions.some((one) => one > seq && entryAt(one).event?.source === source);
  const gap = isCounted ? [`INGRESS_GAP ${seq}`] : [];
  const { conduct: _, ...verdicts } = disagreeing(seq).verdicts;
  return {
    exitCode: 40,
    findings: [
      `ALTERED ${range(seq, size - 2)}`,
      ...gap,
      `TRUNCATED ${size - 1}`,
      `UNANCHORED ${range(lastMark, size - 2)}`,
    ],
    verdicts,
  };
};

export const orderAttacks: readonly Attack[] = [
  {
    name: "5: an entry is dropped",
    positions,
    change: (seq) => withRows(without(seq, seq)),
    answer: (seq) => (seq === size - 1 ? cut(seq) : broken(seq, "GAP", [`GAP ${seq}`])),
  },
  {
    name: "5: a segment is dropped",
    positions: positions.slice(0, size - segmentEntries),
    change: (seq) => withRows(without(seq, seq + segmentEntries - 1)),
    answer: (seq) => broken(seq, "GAP", [`GAP ${range(seq, seq + segmentEntries - 1)}`]),
  },
  {
    name: "6: an entry stands there twice",
    positions,
    change: (seq) => withRows(entries.toSpliced(seq, 0, entries[seq] ?? "")),
    answer: (seq) => broken(seq, "DUPLICATE", [`DUPLICATE ${seq}`]),
    not: { database: rowPerNumber },
  },
  {
    name: "7: an entry stands before the one before it",
    positions: positions.slice(1),
    change: (seq) =>
      withRows(entries.with(seq - 1, entries[seq] ?? "").with(seq, entries[seq - 1] ?? "")),
    answer: (seq) => broken(seq - 1, "REORDERED", [`REORDERED ${seq - 1}`]),
  },
  {
    name: "8: the first entries are cut off",
    positions: positions.slice(1),
    change: (seq) => withRows(without(0, seq - 1)),
    answer: (seq) => broken(0, "GAP", [`GAP ${range(0, seq - 1)}`]),
  },
  {
    name: "9: the newest entries are cut off",
    positions: positions.slice(1),
    change: (seq) => withRows(without(seq, size - 1)),
    answer: cut,
  },
  {
    name: "10: an entry of one's own making is put in",
    positions: positions.slice(1),
    change: (seq) =>
      withRows(entries.toSpliced(seq, 0, textOf({ ...entryAt(seq), actor: "service:nobody" }))),
    answer: (seq) => broken(seq, "DUPLICATE", [`DUPLICATE ${seq}`]),
    not: { database: rowPerNumber },
  },
  {
    name: "14: an entry says that it is of another customer's chain",
    positions,
    change: (seq) =>
      withRows(entries.with(seq, textOf({ ...entryAt(seq), chain: "e".repeat(64) }))),
    answer: (seq) => broken(seq, "ALTERED", [`ALTERED ${seq}`]),
  },
  {
    name: "16: an entry is left out and all after it recomputed",
    positions: positions.slice(1, -1),
    change: (seq) => withRows(recomputed((entry) => (entry.seq === seq ? undefined : entry))),
    answer: (seq) => (seq < lastMark ? disagreeing(seq) : unlinked(seq)),
  },
];
