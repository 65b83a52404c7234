// The entries that audit writes of its own accord, as far as a verifier acts on what they say: their types, and what
// stands in `detail`.

import { z } from "zod";
import { Hex256, Timestamp } from "../envelope.ts";
import { type Entry, Pseudonym } from "../evidence.ts";

/** Entry 0. Its nonce gives the chain its id. `origin` and `vkey` may be absent in chains begun before them. */
export const Genesis = z.object({
  nonce: Hex256,
  format: z.literal("audit-entry/1"),
  /** The first line of the chain's checkpoints. */
  origin: z.string().max(300).optional(),
  /** The key that signs them, as its text (signed-note). */
  vkey: z.string().max(300).optional(),
});

/** From the next checkpoint on `vkey` may sign beside `replaces`: sealed while the latter still signs. */
export const KeyRotate = z.object({ vkey: z.string().max(300), replaces: z.string().max(300) });

/** No checkpoint beyond this entry is good by the signature of `vkey` alone. */
export const KeyRetired = z.object({ vkey: z.string().max(300) });

/** Which values were deleted: of one person, in entries named as ranges (`3,7-9`), `count` of them in all. */
export const Erasure = z.object({
  person: Pseudonym.optional(),
  count: z.int().min(0),
  entries: z.string().regex(/^(\d{1,12}(-\d{1,12})?(,\d{1,12}(-\d{1,12})?)*)?$/),
});

/** Nobody may remove the bytes of an entry before: the Swiss data protection ordinance asks for a year (DSV art. 4). */
export const retentionDaysMin = 365;

/**
 * The bytes of the entries `from` to `to` were removed at the end of their retention of so many days; their hashes
 * stay. Entries of audit's own among them are kept: they name keys, orders of erasure, and readers.
 */
export const RetentionPruned = z.object({
  from: z.int().min(0),
  to: z.int().min(0),
  days: z.int().min(retentionDaysMin),
});

/**
 * A key that signs receipts, endorsed by the vault key `endorsedBy`. `key` is the digest of its public half, which `x`
 * and `y` are; `endorsement` is the vault key's signature (receipt.ts). They may be absent in chains begun before them.
 */
export const SealingKeyAnnounced = z.object({
  key: Hex256,
  notBefore: Timestamp,
  notAfter: Timestamp,
  endorsedBy: z.string().max(500),
  x: z.string().max(100).optional(),
  y: z.string().max(100).optional(),
  endorsement: z.string().max(200).optional(),
});
export type SealingKeyAnnounced = z.infer<typeof SealingKeyAnnounced>;

export const controlTypes = {
  genesis: "chain.genesis",
  heartbeat: "chain.heartbeat",
  takeover: "writer.takeover",
  keyRotate: "key.rotate",
  keyRetired: "key.retired",
  sealingKey: "sealing-key.announced",
  conflict: "ingress.conflict",
  erasure: "erasure",
  pruned: "retention.pruned",
  access: "access.read",
  verified: "verify.run",
} as const;

/** The detail of a control entry of this type; `undefined` for any other entry, or one that is not well formed. */
export const controlIn = <Detail>(
  entry: Entry,
  type: string,
  schema: z.ZodType<Detail>,
): Detail | undefined =>
  entry.type === type && entry.event === undefined
    ? schema.safeParse(entry.detail).data
    : undefined;

/** First and last, both included. */
export type Range = readonly [number, number];

/** `3,7-9` as ranges. A range that runs backwards is none. */
export function rangesIn(text: string): readonly Range[] {
  if (text === "") return [];
  return text.split(",").flatMap((part) => {
    const [from = Number.NaN, to = from] = part.split("-").map(Number);
    return from <= to ? [[from, to] as const] : [];
  });
}

/** The other way round: numbers in rising order. */
export function rangesText(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === number) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(",");
}

/** How many numbers `3,7-9` names. */
export const countIn = (text: string): number =>
  rangesIn(text).reduce((sum, [from, to]) => sum + to - from + 1, 0);

/** Numbers in rising order as several texts, none longer than `charactersMax`. */
export function rangesTexts(numbers: readonly number[], charactersMax: number): readonly string[] {
  const whole = rangesText(numbers);
  const texts: string[] = [];
  for (const range of whole === "" ? [] : whole.split(",")) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + 1 + range.length <= charactersMax)
      texts[texts.length - 1] = `${last},${range}`;
    else texts.push(range);
  }
  return texts;
}
