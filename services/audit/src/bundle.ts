// The evidence of a chain as one archive that an outsider can verify without this service: the canonical bytes, the
// signed checkpoints, the keys by name, a proof, and a manifest over all of it (docs/evidence-format.md).
//
// Entries are read twice: once to know what the manifest says, once to send them. What was sealed in between is left
// out, and what was changed in between the verifier finds.

import { createHash, type Hash } from "node:crypto";
import { canonicalJson, sha256 } from "@niivo/contracts/canonical";
import { Entry } from "@niivo/contracts/evidence";
import { bundlePaths, checkpointPath, proofPath } from "@niivo/contracts/evidence/bundle";
import { tlogProofText } from "@niivo/contracts/evidence/tlog-proof";
import type { StoreReader } from "@niivo/host/store";
import { builtVerifier } from "@niivo/verify/built-verifier";
import { bundleManifest } from "@niivo/verify/make-bundle";
import { entriesUpTo } from "./read-tail.ts";
import { EntryRow, entryId, type HeadRow } from "./rows.ts";
import type { Found } from "./stored-chain.ts";
import { fullNote, keptNotes, readCheckpoint } from "./stored-checkpoints.ts";
import { sizesForKeys } from "./stored-keys.ts";
import { storedTree } from "./stored-tree.ts";
import { tarEnd, tarHeader, tarPadding } from "./tar.ts";

interface SmallFile {
  readonly path: string;
  readonly text: string;
}

/** The archive of the chain up to `size`, piece by piece. @throws TypeError where the store has lost an entry: the archive ends too early. */
export async function* bundleOf(
  store: StoreReader,
  customer: string,
  { chain, size }: Pick<HeadRow, "chain" | "size">,
  now: Date,
): AsyncGenerator<Uint8Array> {
  const first = await look(store, customer, size);
  const small = [
    ...(await checkpointFiles(store, customer, size)),
    ...(await proofFiles(store, customer, size)),
    { path: bundlePaths.keys, text: first.keys.map((key) => `${key}\n`).join("") },
  ];
  const { origin, keys } = first;
  const verifier = builtVerifier();
  const about = {
    ...(verifier === undefined ? {} : { verifier }),
    chain,
    origin,
    size,
    exportedAt: now.toISOString(),
    keys,
    checkpoints: [],
    proofs: [],
  };
  const scope = { kind: "chain" as const, from: 0, range: [] };
  const lineFiles = [first.entries, first.pruned].filter(({ lines }) => lines > 0);
  const manifest = bundleManifest({ ...about, scope }, first.entries.lines, {
    ...Object.fromEntries(lineFiles.map(({ path, hash }) => [path, hash.digest("hex")])),
    ...Object.fromEntries(small.map(({ path, text }) => [path, sha256(text)])),
  });
  const seconds = Math.floor(now.getTime() / 1000);
  const manifestText = `${canonicalJson(manifest)}\n`;
  for (const file of [{ path: bundlePaths.manifest, text: manifestText }, ...small]) {
    const bytes = Buffer.from(file.text);
    yield Buffer.concat([
      tarHeader(file.path, bytes.length, seconds),
      bytes,
      tarPadding(bytes.length),
    ]);
  }
  for (const { path, bytes, lineOf } of lineFiles) {
    yield tarHeader(path, bytes, seconds);
    for await (const page of entriesUpTo(store, customer, { from: 0, size }))
      yield Buffer.from(page.map(lineOf).join(""));
    yield tarPadding(bytes);
  }
  yield tarEnd();
}

/** A file of one line for each entry of a kind: what it has, once all entries were looked at. */
interface LineFile {
  readonly path: string;
  /** Its line for an entry, or nothing. */
  readonly lineOf: (found: Found) => string;
  readonly hash: Hash;
  lines: number;
  bytes: number;
}

const lineFile = (path: string, lineOf: LineFile["lineOf"]): LineFile => ({
  path,
  lineOf,
  hash: createHash("sha256"),
  lines: 0,
  bytes: 0,
});

interface Looked {
  readonly entries: LineFile;
  /** Of entries whose bytes were removed at the end of their retention; without lines where there are none. */
  readonly pruned: LineFile;
  readonly origin: string;
  /** As the chain names them, by which an auditor compares their own; nobody trusts them for standing here. */
  readonly keys: readonly string[];
}

async function look(store: StoreReader, customer: string, size: number): Promise<Looked> {
  const keys = new Set<string>();
  let origin = "";
  const entries = lineFile(bundlePaths.entries, ({ bytes, isPruned }) =>
    isPruned ? "" : `${bytes}\n`,
  );
  const pruned = lineFile(bundlePaths.pruned, ({ hash = "", place: seq, isPruned }) =>
    isPruned ? `${canonicalJson({ seq, hash })}\n` : "",
  );
  for await (const page of entriesUpTo(store, customer, { from: 0, size }))
    for (const found of page) {
      const file = found.isPruned ? pruned : entries;
      const line = Buffer.from(file.lineOf(found));
      file.lines += 1;
      file.bytes += line.length;
      file.hash.update(line);
      const detail = namingKeys(found.bytes);
      if (detail === undefined) continue;
      if (typeof detail["origin"] === "string") origin = detail["origin"];
      for (const name of ["vkey", "softwareVkey"]) {
        const key = detail[name];
        if (typeof key === "string") keys.add(key);
      }
    }
  return { entries, pruned, origin: origin === "" ? "unknown" : origin, keys: [...keys] };
}

/** The detail of an entry that may name keys; of any other nothing, as quickly as possible. */
function namingKeys(bytes: string): Entry["detail"] | undefined {
  if (!bytes.includes('"vkey":"')) return undefined;
  try {
    return Entry.safeParse(JSON.parse(bytes)).data?.detail;
  } catch {
    return undefined;
  }
}

async function checkpointFiles(
  store: StoreReader,
  customer: string,
  size: number,
): Promise<readonly SmallFile[]> {
  const notes = await keptNotes(store, customer, await sizesForKeys(store, customer));
  return notes
    .filter((one) => one.size <= size)
    .map((one) => ({ path: checkpointPath(one.size), text: one.note }));
}

/** The proof of the last entry under the newest checkpoint: it ties the chain's end to the tree. */
async function proofFiles(
  store: StoreReader,
  customer: string,
  size: number,
): Promise<readonly SmallFile[]> {
  const checkpoint = await readCheckpoint(store, customer);
  if (checkpoint === undefined || checkpoint.size > size) return [];
  const index = checkpoint.size - 1;
  const row = EntryRow.safeParse((await store.read(customer, entryId(index)))?.body).data;
  if (row === undefined) return [];
  const hashes = await storedTree(store, customer).inclusion(index, checkpoint.size);
  const note = await fullNote(store, customer, checkpoint);
  const extra = Buffer.from(row.bytes);
  return [
    { path: proofPath(index), text: tlogProofText({ index, hashes, checkpoint: note, extra }) },
  ];
}
