// The published vectors, which a second implementation reads too (tests/attacks/second-verifier.test.ts).

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { chainId } from "@niivo/contracts/evidence";
import { bytesOf, hexOf } from "@niivo/contracts/evidence/bytes";
import { commitmentTo } from "@niivo/contracts/evidence/commitment";
import { parsePolicy } from "@niivo/contracts/evidence/signing-policy";
import { parseTlogProof } from "@niivo/contracts/evidence/tlog-proof";
import { emptyRange, leafHash, rootOf, withLeaf } from "@niivo/contracts/evidence/tree";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { verifyBundle, verifyEntry } from "../src/bundle/verify-bundle.ts";

const Vectors = z.object({
  chain: z.object({ nonce: z.string(), id: z.string() }),
  entries: z.array(z.object({ text: z.string(), hash: z.string() })).min(10),
  roots: z.array(z.string()),
  commitment: z.object({
    salt: z.string(),
    field: z.string(),
    value: z.json(),
    commitment: z.string(),
  }),
  policy: z.string(),
  now: z.string(),
  proof: z.object({ seq: z.int(), text: z.string() }),
  bundles: z
    .array(
      z.object({
        name: z.string(),
        exitCode: z.int(),
        since: z.string().optional(),
        files: z.record(z.string(), z.string()),
      }),
    )
    .min(20),
});
const file = new URL("../../../docs/evidence-vectors.json", import.meta.url);
const vectors = Vectors.parse(JSON.parse(readFileSync(file, "utf8")));
const parsed = parsePolicy(vectors.policy);
const policy = parsed.kind === "policy" ? parsed.policy : undefined;

const work = mkdtempSync(join(tmpdir(), "niivo-vectors-"));
afterAll(() => rmSync(work, { recursive: true }));

test("hashes, roots, the chain's id and a commitment", () => {
  expect(chainId(vectors.chain.nonce)).toBe(vectors.chain.id);
  let range = emptyRange;
  expect(hexOf(rootOf(range))).toBe(vectors.roots[0]);
  for (const [seq, { text, hash }] of vectors.entries.entries()) {
    const leaf = leafHash(bytesOf(text));
    expect(hexOf(leaf)).toBe(hash);
    range = withLeaf(range, leaf);
    expect(hexOf(rootOf(range))).toBe(vectors.roots[seq + 1]);
  }
  const { salt, field, value, commitment } = vectors.commitment;
  expect(commitmentTo(salt, field, value)).toBe(commitment);
});

test("the proof of one entry", () => {
  const bytes = parseTlogProof(vectors.proof.text)?.extra ?? new Uint8Array();
  expect(policy && verifyEntry(vectors.proof.text, bytes, { policy }).exitCode).toBe(0);
});

test.each(vectors.bundles.map((bundle, index) => ({ ...bundle, index })))(
  "a bundle: $name",
  async ({ files, since, exitCode, index }) => {
    const path = join(work, String(index));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), text);
    }
    if (policy === undefined) throw new Error("no policy");
    const report = await verifyBundle({
      path,
      policy,
      trusted: since === undefined ? [] : [since],
      now: new Date(vectors.now),
      staleAfterMs: 60 * 60_000,
    });
    expect(report.exitCode, JSON.stringify(report.findings)).toBe(exitCode);
  },
);
