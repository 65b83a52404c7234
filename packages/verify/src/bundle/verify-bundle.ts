// Verifies a bundle from its files: reads, gives everything to the judges, and compares what the manifest says with
// what was there. The manifest is nobody's word, so it can only make things worse.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type BundleManifest,
  bundlePaths,
  PrunedLine,
  proofPath,
  ValueLine,
} from "@niivo/contracts/evidence/bundle";
import { fromHex, textOf } from "@niivo/contracts/evidence/bytes";
import { readCanonical, readEntry } from "@niivo/contracts/evidence/read-entry";
import type { SigningPolicy } from "@niivo/contracts/evidence/signing-policy";
import { compactRange, hashBytes } from "@niivo/contracts/evidence/tree";
import type { Receipt } from "@niivo/contracts/receipt";
import type { z } from "zod";
import { type GivenCheckpoint, givenCheckpoint } from "../judge/checkpoint-judge.ts";
import { type EvidenceJudge, evidenceJudge, type GivenValue } from "../judge/evidence-judge.ts";
import { judgeProofs, type ProvedEntry } from "../judge/proof-judge.ts";
import { type Findings, findings, type Report } from "../judge/verdict.ts";
import { BundleError, type BundleFiles, readBundle, readSmall } from "./bundle-files.ts";
import { linesOf } from "./lines.ts";

export interface BundleCase {
  readonly path: string;
  readonly policy: SigningPolicy;
  /** Notes that whoever asks has verified before. */
  readonly trusted: readonly string[];
  /** Receipts that somebody kept. */
  readonly receipts?: readonly Receipt[];
  readonly now: Date;
  readonly staleAfterMs: number;
  readonly onProgress?: (entries: number) => void;
}

const proofCharactersMax = 256 * 1024;
/** Entries of one ticket. */
const ticketEntriesMax = 10_000;

/** @throws BundleError where there is no bundle that could be verified. */
export async function verifyBundle(one: BundleCase): Promise<Report> {
  const files = await readBundle(one.path);
  if (!existsSync(join(one.path, bundlePaths.entries)))
    throw new BundleError("there are no entries", { code: "not-a-bundle" });
  return files.manifest.scope.kind === "ticket"
    ? await verifyTicket(one, files, files.manifest.scope.ticket)
    : await verifyChain(one, files, files.manifest.scope);
}

const trustedIn = (one: BundleCase): readonly GivenCheckpoint[] =>
  one.trusted.map((message) => {
    const given = givenCheckpoint(message, true);
    if (given === undefined)
      throw new BundleError("a trusted checkpoint is not one", { code: "unreadable" });
    return given;
  });

async function verifyChain(
  one: BundleCase,
  files: BundleFiles,
  scope: { readonly from: number; readonly range: readonly string[] },
): Promise<Report> {
  const { manifest, path } = files;
  const range = compactRange(
    scope.from,
    scope.range.flatMap((hash) => fromHex(hash, hashBytes) ?? []),
  );
  if (range === undefined)
    throw new BundleError("the manifest's range is not one", { code: "not-a-bundle" });
  const trusted = trustedIn(one);
  const notes = [...files.checkpoints].map(
    ([name, message]) => [name, givenCheckpoint(message, false)] as const,
  );
  const judge = evidenceJudge({
    policy: one.policy,
    given: [...trusted, ...notes.flatMap(([, given]) => given ?? [])],
    ...(scope.from === 0 ? {} : { start: { range } }),
    ...(one.receipts === undefined ? {} : { receipts: one.receipts }),
    hasValues: existsSync(join(path, bundlePaths.values)),
    now: one.now,
    staleAfterMs: one.staleAfterMs,
  });
  for (const [name, given] of notes)
    if (given === undefined) judge.files.add("KEY_UNKNOWN", 0, 0, `${name} is not a checkpoint`);
  judgeBeginning(judge.files, scope.from, trusted);
  const read = await readEntries(one, files, judge);
  compareManifest(judge.files, files, read, scope.from);
  const report = judge.end();
  if (report.chain !== undefined && report.chain !== manifest.chain)
    return withAltered(report, "the manifest names another chain");
  return report;
}

// Entries before the first one here must be known from a checkpoint that was verified before.
function judgeBeginning(found: Findings, from: number, trusted: readonly GivenCheckpoint[]): void {
  const known = Math.max(0, ...trusted.map(({ checkpoint }) => checkpoint.size));
  if (known < from)
    found.add("GAP", known, from - 1, "not in the bundle, and no trusted checkpoint covers them");
}

/** How many entries were read, and whether every line was ended. */
interface ReadLines {
  readonly entries: number;
  readonly isEnded: boolean;
}

async function readEntries(
  one: BundleCase,
  { path, digests, manifest }: BundleFiles,
  judge: EvidenceJudge,
): Promise<ReadLines> {
  const pruned = await readPruned(path, digests);
  const values = valuesOf(path, digests);
  let [entries, isEnded] = [0, true];
  let seq = manifest.scope.kind === "chain" ? manifest.scope.from : 0;
  const addPruned = (): void => {
    for (let hash = pruned.get(seq); hash !== undefined; hash = pruned.get(seq)) {
      judge.addPruned(hash);
      seq += 1;
    }
  };
  const digest = createHash("sha256");
  for await (const lines of linesOf(join(path, bundlePaths.entries), (bytes) =>
    digest.update(bytes),
  )) {
    for (const line of lines) {
      addPruned();
      judge.add({ bytes: line.bytes }, await values.at(seq));
      isEnded &&= line.isEnded;
      entries += 1;
      seq += 1;
    }
    one.onProgress?.(entries);
  }
  addPruned();
  digests.set(bundlePaths.entries, digest.digest("hex"));
  await values.end();
  return { entries, isEnded };
}

async function readPruned(
  path: string,
  digests: Map<string, string>,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const pruned = new Map<number, Uint8Array>();
  const file = join(path, bundlePaths.pruned);
  if (!existsSync(file)) return pruned;
  const digest = createHash("sha256");
  for await (const lines of linesOf(file, (bytes) => digest.update(bytes)))
    for (const { bytes } of lines) {
      const { data } = PrunedLine.safeParse(canonicalIn(bytes));
      const hash = data === undefined ? undefined : fromHex(data.hash, hashBytes);
      if (data === undefined || hash === undefined)
        throw new BundleError("a line of pruned.jsonl is not readable", { code: "not-a-bundle" });
      pruned.set(data.seq, hash);
    }
  digests.set(bundlePaths.pruned, digest.digest("hex"));
  return pruned;
}

/** The values in the order of their entries, read beside them. */
function valuesOf(path: string, digests: Map<string, string>) {
  const file = join(path, bundlePaths.values);
  const digest = createHash("sha256");
  const isThere = existsSync(file);
  const chunks = isThere ? linesOf(file, (bytes) => digest.update(bytes)) : undefined;
  const waiting: z.infer<typeof ValueLine>[] = [];
  let newest = -1;
  const fill = async (): Promise<boolean> => {
    const chunk = await chunks?.next();
    if (chunk === undefined || chunk.done === true) return false;
    for (const { bytes } of chunk.value) {
      const { data } = ValueLine.safeParse(canonicalIn(bytes));
      if (data === undefined)
        throw new BundleError("a line of values.jsonl is not readable", { code: "not-a-bundle" });
      if (data.seq <= newest)
        throw new BundleError("values.jsonl is not in order", { code: "not-a-bundle" });
      newest = data.seq;
      waiting.push(data);
    }
    return true;
  };
  return {
    at: async (seq: number): Promise<GivenValue | undefined> => {
      while (waiting.length === 0 && (await fill()));
      while (waiting[0] !== undefined && waiting[0].seq < seq) waiting.shift();
      return waiting[0]?.seq === seq ? waiting.shift() : undefined;
    },
    end: async (): Promise<void> => {
      while (await fill()) waiting.length = 0;
      if (isThere) digests.set(bundlePaths.values, digest.digest("hex"));
    },
  };
}

const canonicalIn = (bytes: Uint8Array): unknown => {
  const read = readCanonical(textOf(bytes) ?? "");
  return read.kind === "value" ? read.value : undefined;
};

// What the manifest says is compared, file by file; a difference is an alteration of the bundle.
function compareManifest(
  found: Findings,
  { manifest, digests }: BundleFiles,
  { entries, isEnded }: ReadLines,
  from: number,
): void {
  const at = Math.max(from, from + entries - 1);
  if (!isEnded) found.add("ALTERED", at, at, "the last line of the entries has no end");
  if (manifest.entries !== entries)
    found.add("ALTERED", at, at, `the manifest counts ${manifest.entries} entries, not ${entries}`);
  for (const [name, digest] of Object.entries(manifest.files))
    if (digests.get(name) !== digest && isJudged(name, manifest.scope.kind))
      found.add("ALTERED", at, at, `${name} is not the file that the manifest names`);
  for (const name of digests.keys())
    if (manifest.files[name] === undefined)
      found.add("ALTERED", at, at, `${name} is not in the manifest`);
}

// The proofs of a whole chain's bundle stand alone, and are not read with it.
const isJudged = (name: string, scope: BundleManifest["scope"]["kind"]): boolean =>
  (scope === "ticket" && name.startsWith(`${bundlePaths.proofs}/`)) ||
  name === bundlePaths.entries ||
  name === bundlePaths.pruned ||
  name === bundlePaths.values ||
  name.startsWith(`${bundlePaths.checkpoints}/`);

async function verifyTicket(one: BundleCase, files: BundleFiles, ticket: string): Promise<Report> {
  const items: ProvedEntry[] = [];
  let isEnded = true;
  const { path, manifest, digests } = files;
  const values = valuesOf(path, digests);
  const digest = createHash("sha256");
  for await (const lines of linesOf(join(path, bundlePaths.entries), (bytes) =>
    digest.update(bytes),
  ))
    for (const { bytes, isEnded: isLineEnded } of lines) {
      isEnded &&= isLineEnded;
      if (items.length >= ticketEntriesMax)
        throw new BundleError("too many entries", { code: "too-large" });
      const read = readEntry(bytes);
      const name = proofPath(read.kind === "entry" ? read.entry.seq : 0);
      const isThere = existsSync(join(path, name));
      const proof = isThere ? await readSmall(path, name, proofCharactersMax, digests) : "";
      const value = await values.at(read.kind === "entry" ? read.entry.seq : 0);
      items.push({ bytes, proof, ...(value === undefined ? {} : { value }) });
    }
  await values.end();
  digests.set(bundlePaths.entries, digest.digest("hex"));
  const trusted = trustedIn(one);
  const report = judgeProofs({
    ...{ policy: one.policy, items, ticket, chain: manifest.chain, trusted },
    hasValues: existsSync(join(path, bundlePaths.values)),
  });
  const compared = findings();
  compareManifest(compared, files, { entries: items.length, isEnded }, 0);
  return compared.all().reduce((so, { detail }) => withAltered(so, detail), report);
}

/** A single entry: a `.tlog-proof` file that carries the entry's bytes. */
export function verifyEntry(
  text: string,
  bytes: Uint8Array,
  one: Pick<BundleCase, "policy">,
): Report {
  return judgeProofs({ policy: one.policy, items: [{ bytes, proof: text }], trusted: [] });
}

function withAltered(report: Report, detail: string): Report {
  const finding = { code: "ALTERED", from: 0, to: 0, detail } as const;
  const integrity = report.verdicts.integrity === "FORK" ? "FORK" : "ALTERED";
  const verdicts = { ...report.verdicts, integrity } as const;
  return {
    ...report,
    verdicts,
    findings: [finding, ...report.findings],
    findingsCount: report.findingsCount + 1,
    exitCode: integrity === "FORK" ? 30 : 40,
  };
}
