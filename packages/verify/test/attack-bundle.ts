// An attacked log as the files of a bundle whose manifest fits them, and what the verifier says of it.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { canonicalJson, sha256 } from "@niivo/contracts/canonical";
import { bundlePaths } from "@niivo/contracts/evidence/bundle";
import { verifyBundle } from "../src/bundle/verify-bundle.ts";
import { staleAfterMs } from "../src/judge/evidence-judge.ts";
import { type BundleFile, bundleFiles } from "../src/judge/make-bundle.ts";
import type { Report } from "../src/judge/verdict.ts";
import type { Attacked, Row } from "./attack-log.ts";
import { chain, now, origin, policyIn, vault, witnessedText } from "./sealed-chain.ts";

const textIn = (row: Row): readonly string[] =>
  typeof row === "string" ? [row] : row !== undefined && "text" in row ? [row.text] : [];

export function attackedBundle({ rows, notes, values }: Attacked): readonly BundleFile[] {
  const files = bundleFiles({
    chain,
    origin,
    scope: { kind: "chain", from: 0, range: [] },
    size: rows.length,
    exportedAt: now.toISOString(),
    entries: rows.flatMap(textIn),
    checkpoints: notes,
    proofs: [],
    keys: [vault.key.vkey],
    ...(values === undefined ? {} : { values }),
  });
  const pruned = rows.flatMap((row, seq) =>
    typeof row === "object" && "pruned" in row
      ? [`${canonicalJson({ seq, hash: row.pruned })}\n`]
      : [],
  );
  return pruned.length === 0 ? files : withFile(files, bundlePaths.pruned, pruned.join(""));
}

/** The files with this one changed, or with one more or less, and a manifest that fits. */
function withFile(
  files: readonly BundleFile[],
  path: string,
  text: string | undefined,
): readonly BundleFile[] {
  const others = files.filter((file) => file.path !== path && file.path !== bundlePaths.manifest);
  const all = text === undefined ? others : [...others, { path, text }];
  const manifest = JSON.parse(
    files.find((file) => file.path === bundlePaths.manifest)?.text ?? "{}",
  );
  const digests = Object.fromEntries(all.map((file) => [file.path, sha256(file.text)]));
  const fitted = `${canonicalJson({ ...manifest, files: digests })}\n`;
  return [...all, { path: bundlePaths.manifest, text: fitted }];
}

/** Writes the files into a folder of their own and verifies that. */
export async function verifiedIn(
  work: string,
  files: readonly BundleFile[],
  at: Date = now,
): Promise<Report> {
  const path = mkdtempSync(join(work, "bundle-"));
  for (const file of files) {
    mkdirSync(dirname(join(path, file.path)), { recursive: true });
    writeFileSync(join(path, file.path), file.text);
  }
  try {
    const policy = policyIn(witnessedText);
    return await verifyBundle({ path, policy, trusted: [], now: at, staleAfterMs });
  } finally {
    rmSync(path, { recursive: true });
  }
}
