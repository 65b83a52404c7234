// What an exported bundle of evidence holds, file by file (docs/evidence-format.md). The manifest is nobody's word:
// the verifier compares what it says with what is there, and trusts neither.

import { z } from "zod";
import { Hex256, Id, Timestamp } from "../envelope.ts";

export const bundlePaths = {
  manifest: "manifest.json",
  /** The canonical bytes of the entries, one entry a line, each line with its line feed, nothing else. */
  entries: "entries.jsonl",
  /** Only where bytes were pruned: `{"seq":…,"hash":"…"}` per entry of which the leaf hash alone is left. */
  pruned: "pruned.jsonl",
  /** Only by request: `{"seq":…,"salt":"…","message":…}`, the values behind commitments. */
  values: "values.jsonl",
  /** The keys as texts (signed-note), one a line. To compare with one's own, not to trust. */
  keys: "keys.txt",
  checkpoints: "checkpoints",
  proofs: "proofs",
} as const;

const digits = (number: number): string => String(number).padStart(12, "0");
/** The signed checkpoint of this size, with the cosignatures known at the time of the export. */
export const checkpointPath = (size: number): string =>
  `${bundlePaths.checkpoints}/${digits(size)}.note`;
/** The proof of entry `seq` in the newest checkpoint, with the entry's bytes as its extra data. */
export const proofPath = (seq: number): string => `${bundlePaths.proofs}/${digits(seq)}.tlog-proof`;

export const BundleManifest = z.strictObject({
  v: z.literal("audit-bundle/1"),
  chain: Hex256,
  origin: z.string().min(1).max(300),
  scope: z.discriminatedUnion("kind", [
    /** The entries `from` to the end, all of them. */
    z.strictObject({
      kind: z.literal("chain"),
      from: z.int().min(0),
      /** Of the tree over the entries before `from` (its compact range): it ties the part to the whole. */
      range: z.array(Hex256).max(64),
    }),
    /** The entries of one ticket, each with its proof. */
    z.strictObject({ kind: z.literal("ticket"), ticket: Id }),
  ]),
  /** How many entries are here, and how many the chain had. */
  entries: z.int().min(0),
  size: z.int().min(0),
  exportedAt: Timestamp,
  /** SHA-256 of the other files, by path. */
  files: z.record(z.string().max(200), Hex256),
  /** The verifier that was current: its file name and SHA-256. */
  verifier: z.strictObject({ name: z.string().max(100), sha256: Hex256 }).optional(),
});
export type BundleManifest = z.infer<typeof BundleManifest>;

/** A line of `pruned.jsonl`. */
export const PrunedLine = z.strictObject({ seq: z.int().min(0), hash: Hex256 });
/** A line of `values.jsonl`. */
export const ValueLine = z.strictObject({ seq: z.int().min(0), salt: Hex256, message: z.json() });
