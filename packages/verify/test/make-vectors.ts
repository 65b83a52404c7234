// Writes docs/evidence-vectors.json: the vectors that anybody's verifier can be tried with. The keys are drawn anew,
// so the file changes as a whole; it is made again only when the format changes.

import { writeFileSync } from "node:fs";
import { canonicalJson } from "@niivo/contracts/canonical";
import { entryHash } from "@niivo/contracts/evidence";
import { bytesOf, hexOf } from "@niivo/contracts/evidence/bytes";
import { commitmentTo } from "@niivo/contracts/evidence/commitment";
import { emptyRange, leafHash, rootOf, withLeaf } from "@niivo/contracts/evidence/tree";
import { type BundleInput, bundleFiles } from "../src/judge/make-bundle.ts";
import {
  approvedStory,
  begun,
  chain,
  checkpointOf,
  now,
  origin,
  proofIn,
  sealedStory,
  signer,
  software,
  vault,
  witness,
  witnessedText,
} from "./sealed-chain.ts";

const tell = begun();
approvedStory(tell);
const entries = sealedStory(tell);
const size = entries.length;
const ranges = [emptyRange];
for (const entry of entries)
  ranges.push(withLeaf(ranges.at(-1) ?? emptyRange, leafHash(bytesOf(entry))));
const note = (
  count: number,
  ...signers: readonly (typeof vault)[]
): { size: number; note: string } => ({
  size: count,
  note: checkpointOf(entries, count, signers.length === 0 ? undefined : signers),
});
const input: BundleInput = {
  chain,
  origin,
  scope: { kind: "chain", from: 0, range: [] },
  size,
  exportedAt: now.toISOString(),
  entries,
  checkpoints: [note(5), note(9), note(size)],
  proofs: [],
  keys: [vault.key.vkey, software.key.vkey, witness.key.vkey],
};
const told = begun();
approvedStory(told, { without: ["action.allowed.v1"] });
const unruly = sealedStory(told);
const other = begun();
approvedStory(other, { quorum: 2, grantedBy: ["psn:".padEnd(36, "1"), "psn:".padEnd(36, "2")] });
const history = sealedStory(other);
const rotating = begun();
const next = signer(origin, "ecdsa");
rotating.control("key.rotate", { vkey: next.key.vkey, replaces: vault.key.vkey });
approvedStory(rotating);
const rotated = sealedStory(rotating);
rotating.control("key.retired", { vkey: vault.key.vkey });
approvedStory(rotating, { name: "two" });
const retired = sealedStory(rotating);
const stranger = signer(origin, "ecdsa");

interface Vector {
  readonly name: string;
  readonly input: Partial<BundleInput>;
  readonly since?: string;
  readonly exitCode: number;
}

const vectors: readonly Vector[] = [
  { name: "in order", input: {}, exitCode: 0 },
  { name: "newest entries unattested", input: { checkpoints: [note(5), note(9)] }, exitCode: 10 },
  { name: "no checkpoint", input: { checkpoints: [] }, exitCode: 50 },
  { name: "no entries", input: { entries: [], checkpoints: [] }, exitCode: 50 },
  { name: "tail cut", input: { entries: entries.slice(0, -2) }, exitCode: 20 },
  { name: "entry left out", input: { entries: entries.toSpliced(6, 1) }, exitCode: 40 },
  {
    name: "entry twice",
    input: { entries: entries.toSpliced(6, 0, entries[6] ?? "") },
    exitCode: 40,
  },
  {
    name: "entries in another order",
    input: { entries: entries.with(6, entries[7] ?? "").with(7, entries[6] ?? "") },
    exitCode: 40,
  },
  {
    name: "entry changed",
    input: {
      entries: entries.with(6, (entries[6] ?? "").replace("vote.accepted", "vote.rejected")),
    },
    exitCode: 40,
  },
  {
    name: "last entry changed",
    input: {
      entries: entries.with(-1, (entries.at(-1) ?? "").replace("resolved.v1", "resolved.v2")),
    },
    exitCode: 40,
  },
  {
    name: "other bytes of the same entry",
    input: { entries: entries.with(6, (entries[6] ?? "").replace(",", ", ")) },
    exitCode: 40,
  },
  {
    name: "name given twice",
    input: { entries: entries.with(6, (entries[6] ?? "").replace('"seq":6', '"seq":6,"seq":6')) },
    exitCode: 40,
  },
  { name: "head cut", input: { entries: entries.slice(3) }, exitCode: 40 },
  {
    name: "signed by another key",
    input: { checkpoints: [note(size, stranger, witness)] },
    exitCode: 50,
  },
  {
    name: "without the witness that the policy asks for",
    input: { checkpoints: [note(5), note(size, vault)] },
    exitCode: 10,
  },
  {
    name: "forked",
    input: {
      entries: history,
      checkpoints: [{ size: history.length, note: checkpointOf(history, history.length) }],
    },
    since: note(9).note,
    exitCode: 30,
  },
  {
    name: "a part after a checkpoint that is known",
    input: {
      entries: entries.slice(9),
      scope: { kind: "chain", from: 9, range: (ranges[9]?.hashes ?? []).map(hexOf) },
      checkpoints: [note(size)],
    },
    since: note(9).note,
    exitCode: 0,
  },
  {
    name: "a part without such a checkpoint",
    input: {
      entries: entries.slice(9),
      scope: { kind: "chain", from: 9, range: (ranges[9]?.hashes ?? []).map(hexOf) },
      checkpoints: [note(size)],
    },
    exitCode: 40,
  },
  {
    name: "key rotated inside the chain",
    input: {
      entries: rotated,
      size: rotated.length,
      checkpoints: [
        { size: 4, note: checkpointOf(rotated, 4, [vault, next, witness]) },
        { size: rotated.length, note: checkpointOf(rotated, rotated.length, [next, witness]) },
      ],
    },
    exitCode: 0,
  },
  {
    name: "key replaced without the word of the one before",
    input: {
      entries: rotated,
      size: rotated.length,
      checkpoints: [
        { size: rotated.length, note: checkpointOf(rotated, rotated.length, [next, witness]) },
      ],
    },
    exitCode: 50,
  },
  {
    name: "key rotated and the one before retired",
    input: {
      entries: retired,
      size: retired.length,
      checkpoints: [
        { size: 4, note: checkpointOf(retired, 4, [vault, next, witness]) },
        { size: retired.length, note: checkpointOf(retired, retired.length, [next, witness]) },
      ],
    },
    exitCode: 0,
  },
  {
    name: "signed by a key that was retired",
    input: {
      entries: retired,
      size: retired.length,
      checkpoints: [
        { size: rotated.length, note: checkpointOf(retired, rotated.length, [vault, witness]) },
        { size: retired.length, note: checkpointOf(retired, retired.length, [vault, witness]) },
      ],
    },
    exitCode: 20,
  },
  {
    name: "started without an allow",
    input: {
      entries: unruly,
      size: unruly.length,
      checkpoints: [{ size: unruly.length, note: checkpointOf(unruly, unruly.length) }],
    },
    exitCode: 20,
  },
];

const salt = "01".repeat(32);
const value = { text: "Grüezi", id: 1 };
const file = {
  about:
    "Vectors of docs/evidence-format.md. `files` are the files of a bundle; `exitCode` is what verifying gives.",
  chain: { nonce: "17".repeat(32), id: chain },
  entries: entries.map((text) => ({ text, hash: entryHash(bytesOf(text)) })),
  roots: ranges.map((range) => hexOf(rootOf(range))),
  commitment: { salt, field: "message", value, commitment: commitmentTo(salt, "message", value) },
  policy: witnessedText,
  now: now.toISOString(),
  proof: { seq: 6, text: proofIn(entries, 6, note(size).note, size) },
  bundles: vectors.map(({ name, input: change, since, exitCode }) => ({
    name,
    exitCode,
    ...(since === undefined ? {} : { since }),
    files: Object.fromEntries(
      bundleFiles({ ...input, ...change }).map(({ path, text }) => [path, text]),
    ),
  })),
};
canonicalJson(file); // Throws on what JSON cannot carry.
writeFileSync(
  new URL("../../../docs/evidence-vectors.json", import.meta.url),
  `${JSON.stringify(file, null, 1)}\n`,
);
