// The files of a bundle, from entries and checkpoints that are given. Pure: whoever serves an export writes them out.

import { canonicalJson, sha256 } from "@niivo/contracts/canonical";
import {
  BundleManifest,
  bundlePaths,
  checkpointPath,
  proofPath,
  type ValueLine,
} from "@niivo/contracts/evidence/bundle";

import type { z } from "zod";

export interface BundleInput {
  readonly chain: string;
  readonly origin: string;
  readonly scope: BundleManifest["scope"];
  /** How many entries the chain has. */
  readonly size: number;
  readonly exportedAt: string;
  /** The canonical text of each entry. */
  readonly entries: readonly string[];
  readonly checkpoints: readonly { readonly size: number; readonly note: string }[];
  /** Texts of `.tlog-proof` files. */
  readonly proofs: readonly { readonly seq: number; readonly text: string }[];
  readonly keys: readonly string[];
  /** The messages behind commitments, in the order of their entries; absent where nobody asked for them. */
  readonly values?: readonly z.infer<typeof ValueLine>[];
  readonly verifier?: BundleManifest["verifier"];
}

export interface BundleFile {
  readonly path: string;
  readonly text: string;
}

const valueLine = (value: z.infer<typeof ValueLine>): string => `${canonicalJson(value)}\n`;

/** All files; the manifest is the last, because it names the others. */
export function bundleFiles(input: BundleInput): readonly BundleFile[] {
  const files: readonly BundleFile[] = [
    { path: bundlePaths.entries, text: input.entries.map((entry) => `${entry}\n`).join("") },
    ...input.checkpoints.map(({ size, note }) => ({ path: checkpointPath(size), text: note })),
    ...input.proofs.map(({ seq, text }) => ({ path: proofPath(seq), text })),
    ...(input.values === undefined
      ? []
      : [{ path: bundlePaths.values, text: input.values.map(valueLine).join("") }]),
    { path: bundlePaths.keys, text: input.keys.map((key) => `${key}\n`).join("") },
  ];
  const digests = Object.fromEntries(files.map(({ path, text }) => [path, sha256(text)]));
  const manifest = bundleManifest(input, input.entries.length, digests);
  return [...files, { path: bundlePaths.manifest, text: `${canonicalJson(manifest)}\n` }];
}

/**
 * The manifest of files that were written one after the other, as an export of a long chain does it.
 * @param digests SHA-256 of every other file, by path.
 */
export const bundleManifest = (
  { chain, origin, scope, size, exportedAt, verifier }: Omit<BundleInput, "entries">,
  entries: number,
  digests: Readonly<Record<string, string>>,
): BundleManifest =>
  BundleManifest.parse({
    v: "audit-bundle/1",
    chain,
    origin,
    scope,
    size,
    entries,
    exportedAt,
    files: digests,
    ...(verifier === undefined ? {} : { verifier }),
  });
