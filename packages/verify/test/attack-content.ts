// Attacks on what an entry says.

import {
  type Attack,
  broken,
  entries,
  entryAt,
  hashOf,
  marked,
  positions,
  type Row,
  range,
  recomputed,
  size,
  storedHashes,
  textOf,
  withRows,
} from "./attack-log.ts";

const forged = (seq: number): string => textOf({ ...entryAt(seq), actor: "service:nobody" });
const alteredAt = (seq: number) => broken(seq, "ALTERED", [`ALTERED ${seq}`]);

/** The one attack: another text stands in the place of an entry, and is none. */
const replaced = (name: string, text: (seq: number) => string): Attack => ({
  name,
  positions,
  change: (seq) => withRows(entries.with(seq, text(seq))),
  answer: alteredAt,
});

const withField = (more: object) => (seq: number) => textOf({ ...entryAt(seq), ...more });
const rewritten = (from: string | RegExp, to: string) => (seq: number) =>
  (entries[seq] ?? "").replace(from, to);

export const contentAttacks: readonly Attack[] = [
  {
    name: "3: an entry is changed, everything else left alone",
    positions,
    change: (seq) => withRows(entries.with(seq, forged(seq))),
    // Which of two neighbours changed, no reader can tell; the last one has only a checkpoint beside it.
    answer: (seq) =>
      seq === size - 1
        ? broken(seq, "ALTERED", [`ALTERED ${marked(seq)}`])
        : broken(seq, "ALTERED", [`ALTERED ${range(seq, seq + 1)}`]),
    not: { database: "a store keeps the hash of what was there: 4" },
  },
  {
    name: "4: an entry is changed in a store that also keeps its hash",
    positions,
    change: (seq) => {
      const rows: readonly Row[] = entries;
      return withRows(rows.with(seq, { text: forged(seq), hash: hashOf(entries[seq] ?? "") }));
    },
    answer: alteredAt,
    not: { export: storedHashes, wire: storedHashes },
  },
  replaced("11: nothing is in its place", () => ""),
  replaced("11: `null`", () => "null"),
  replaced("11: an empty object", () => "{}"),
  replaced("11: half of an object", () => '{"seq":'),
  replaced("11: a list", () => "[]"),
  replaced("11: more than an entry may have", () => "x".repeat(70_000)),
  replaced("12: the same entry with a blank in it", rewritten(",", ", ")),
  replaced("12: the same entry with a blank after it", rewritten(/$/, " ")),
  replaced("12: the same entry with a carriage return after it", rewritten(/$/, "\r")),
  replaced("12: its fields in another order", (seq) =>
    JSON.stringify(Object.fromEntries(Object.entries(entryAt(seq)).toReversed())),
  ),
  replaced("12: one field twice", rewritten("{", '{"actor":"service:nobody",')),
  replaced("12: an escaped character", rewritten('"audit-entry/1"', '"audit\\u002dentry/1"')),
  replaced("12: another number of the same value", rewritten(/"seq":(\d+)/, '"seq":$1.0')),
  replaced("13: a field that no version knows", withField({ zzz: 1 })),
  replaced("13: null for an outcome", withField({ outcome: null })),
  replaced("13: null for a commitment", withField({ commit: null })),
  replaced("13: a fraction", withField({ detail: { a: 1.5 } })),
  {
    name: "15: an entry is changed and all after it recomputed, under the old checkpoints",
    positions,
    change: (seq) => {
      const change = { occurredAt: "2026-11-23T08:00:00.000Z" };
      return withRows(recomputed((entry) => (entry.seq === seq ? { ...entry, ...change } : entry)));
    },
    answer: (seq) => broken(seq, "ALTERED", [`ALTERED ${marked(seq)}`]),
  },
];
