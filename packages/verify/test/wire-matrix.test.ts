// The attack matrix again, through the files of a bundle whose manifest was made to fit each lie.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { verifyBundle } from "../src/bundle/verify-bundle.ts";
import { bundleFiles } from "../src/judge/make-bundle.ts";
import type { Report } from "../src/judge/verdict.ts";
import {
  approvedStory,
  begun,
  chain,
  checkpointOf,
  now,
  origin,
  policyIn,
  sealedStory,
  vault,
  witnessedText,
} from "./sealed-chain.ts";

const work = mkdtempSync(join(tmpdir(), "niivo-wire-"));
afterAll(() => rmSync(work, { recursive: true }));

const tell = begun();
approvedStory(tell);
const entries = sealedStory(tell);
const size = entries.length;
const checkpoints = [5, 9, size].map((one) => ({ size: one, note: checkpointOf(entries, one) }));
const positions = entries.map((_, seq) => seq);
let folders = 0;

async function verified(log: readonly string[]): Promise<Report> {
  folders += 1;
  const path = join(work, String(folders));
  const files = bundleFiles({
    chain,
    origin,
    scope: { kind: "chain", from: 0, range: [] },
    size: log.length,
    exportedAt: now.toISOString(),
    entries: log,
    checkpoints,
    proofs: [],
    keys: [vault.key.vkey],
  });
  for (const file of files) {
    mkdirSync(dirname(join(path, file.path)), { recursive: true });
    writeFileSync(join(path, file.path), file.text);
  }
  const policy = policyIn(witnessedText);
  return await verifyBundle({ path, policy, trusted: [], now, staleAfterMs: 3_600_000 });
}

const codesOf = (report: Report): readonly string[] =>
  report.findings.map(({ code }) => code).filter((code) => code !== "UNANCHORED");

const altered = (seq: number): string =>
  (entries[seq] ?? "").replace(/"sealedAt":"2026-11-23T09/, '"sealedAt":"2026-11-23T10');

describe.each<[string, (seq: number) => readonly string[], string, number]>([
  ["dropped", (seq) => entries.toSpliced(seq, 1), "GAP", 40],
  ["twice", (seq) => entries.toSpliced(seq, 0, entries[seq] ?? ""), "DUPLICATE", 40],
  ["replaced by nothing", (seq) => entries.with(seq, ""), "ALTERED", 40],
  ["replaced by its neighbour", (seq) => entries.with(seq, entries[seq + 1] ?? ""), "GAP", 40],
  ["with another time", (seq) => entries.with(seq, altered(seq)), "ALTERED", 40],
  ["with a carriage return", (seq) => entries.with(seq, `${entries[seq]}\r`), "ALTERED", 40],
  ["split in two", (seq) => entries.with(seq, `${entries[seq]}\n{}`), "ALTERED", 40],
])("an entry %s", (_, lie, code, exitCode) => {
  test.each(positions.slice(0, -1))("at %i", async (seq) => {
    const report = await verified(lie(seq));
    expect(codesOf(report)).toContain(code);
    expect(report.exitCode).toBe(exitCode);
  });
});

test("the honest bundle of the same has no finding", async () => {
  expect(codesOf(await verified(entries))).toEqual([]);
});
