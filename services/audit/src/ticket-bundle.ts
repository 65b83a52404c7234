// The evidence of one ticket as an archive that an outsider can verify alone: its entries, each with the proof that it
// is in the tree under the newest checkpoint, the genesis of the chain, what it says of its keys, and on request the
// messages behind them.
//
// What came after that checkpoint is not in it: nobody could prove it yet.

import type { Entry } from "@niivo/contracts/evidence";
import { bytesOf } from "@niivo/contracts/evidence/bytes";
import { readEntry } from "@niivo/contracts/evidence/read-entry";
import { tlogProofText } from "@niivo/contracts/evidence/tlog-proof";
import type { StoreReader } from "@niivo/host/store";
import { builtVerifier } from "@niivo/verify/built-verifier";
import { bundleFiles } from "@niivo/verify/make-bundle";
import { z } from "zod";
import type { CheckpointRow } from "./rows.ts";
import { readEntries, readHead } from "./stored-chain.ts";
import { fullNote, readCheckpoint } from "./stored-checkpoints.ts";
import { keyEntries } from "./stored-keys.ts";
import { erasedBy } from "./stored-orders.ts";
import { storedTree } from "./stored-tree.ts";
import { readValue, type ValueParts } from "./stored-value.ts";
import { tarEnd, tarHeader, tarPadding } from "./tar.ts";
import type { Trail } from "./trail.ts";

const Json = z.json();
type Json = z.infer<typeof Json>;

export interface TicketAsked {
  readonly ticket: string;
  readonly trail: Trail;
  readonly values: boolean;
  readonly now: Date;
}

interface Included {
  readonly seq: number;
  readonly bytes: string;
  readonly entry: Entry;
}

/** @returns a tar archive; `undefined` while no checkpoint is signed. */
export async function ticketBundle(
  parts: ValueParts,
  customer: string,
  { ticket, trail, values: isWithValues, now }: TicketAsked,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { store } = parts;
  const checkpoint = await readCheckpoint(store, customer);
  const head = await readHead(store, customer);
  if (checkpoint === undefined || head === undefined) return undefined;
  const { size } = checkpoint;
  const own = trail.entries
    .filter(({ entry }) => entry.seq < size)
    .map(({ entry, bytes }) => ({ seq: entry.seq, bytes, entry }));
  const values = isWithValues ? await valuesOf(parts, customer, own) : undefined;
  const missing = own.filter(
    ({ seq, entry }) => entry.commit !== undefined && !values?.some((one) => one.seq === seq),
  );
  const keys = (await keyEntries(store, customer)).filter(({ seq }) => seq < size);
  const beside = await controls(store, customer, size, [
    ...keys.map(({ seq }) => seq),
    ...(isWithValues ? await ordersFor(store, customer, missing) : []),
  ]);
  const entries = [...beside, ...own].toSorted((one, other) => one.seq - other.seq);

  const note = await fullNote(store, customer, checkpoint);
  const proofs: { seq: number; text: string }[] = [];
  for (const { seq, bytes } of entries) {
    // A key that is named is believed by the checkpoint that an older key signed over its name.
    const under = keys.find((one) => one.seq === seq)?.firstUnder ?? checkpoint;
    proofs.push({ seq, text: await proofOf(store, customer, { seq, bytes, under }) });
  }
  const verifier = builtVerifier();
  const files = bundleFiles({
    ...(verifier === undefined ? {} : { verifier }),
    ...(values === undefined ? {} : { values }),
    chain: head.chain,
    origin: note.split("\n", 1)[0] ?? "",
    scope: { kind: "ticket", ticket },
    size,
    exportedAt: now.toISOString(),
    entries: entries.map(({ bytes }) => bytes),
    checkpoints: [{ size, note }],
    proofs,
    keys: [...new Set(beside.flatMap(keysIn))],
  });
  const seconds = Math.floor(now.getTime() / 1000);
  const pieces = files.flatMap(({ path, text }) => {
    const bytes = Buffer.from(text);
    return [tarHeader(path, bytes.length, seconds), bytes, tarPadding(bytes.length)];
  });
  return Buffer.concat([...pieces, tarEnd()]);
}

/** What is stored, as it is stored: whether it is what was committed to, the verifier says. */
async function valuesOf(parts: ValueParts, customer: string, own: readonly Included[]) {
  const values: { seq: number; salt: string; message: Json }[] = [];
  for (const { seq, entry } of own) {
    const value = await readValue(parts, customer, entry);
    if (value?.kind === "value")
      values.push({ seq, salt: value.salt, message: Json.parse(value.message) });
  }
  return values;
}

async function proofOf(
  store: StoreReader,
  customer: string,
  { seq, bytes, under }: Pick<Included, "seq" | "bytes"> & { readonly under: CheckpointRow },
): Promise<string> {
  const hashes = await storedTree(store, customer).inclusion(seq, under.size);
  const checkpoint = await fullNote(store, customer, under);
  return tlogProofText({ index: seq, hashes, checkpoint, extra: Buffer.from(bytes) });
}

/** The orders by which values of these entries were erased. */
async function ordersFor(
  store: StoreReader,
  customer: string,
  missing: readonly Included[],
): Promise<readonly number[]> {
  const orders = await Promise.all(missing.map(({ seq }) => erasedBy(store, customer, seq)));
  return orders.flatMap((seq) => seq ?? []);
}

/** The genesis, and other entries of audit's own. */
async function controls(
  store: StoreReader,
  customer: string,
  size: number,
  asked: readonly number[],
): Promise<readonly Included[]> {
  const found: Included[] = [];
  for (const seq of new Set([0, ...asked])) {
    const [one] = seq < size ? await readEntries(store, customer, { from: seq, limit: 1 }) : [];
    const read = one === undefined ? undefined : readEntry(bytesOf(one.bytes));
    // What is no entry any more is left out, and missed by the verifier.
    if (one !== undefined && read?.kind === "entry")
      found.push({ seq, bytes: one.bytes, entry: read.entry });
  }
  return found;
}

const keysIn = ({ entry }: Included): readonly string[] =>
  ["vkey", "softwareVkey"].flatMap((name) => {
    const key = entry.detail[name];
    return typeof key === "string" ? [key] : [];
  });
