// The built verifier against bundles on disk: it runs on plain Node, offline, and finds every lie of whoever made them.

import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { sha256 } from "@niivo/contracts/canonical";
import { bytesOf, hexOf } from "@niivo/contracts/evidence/bytes";
import { emptyRange, leafHash, withLeaf } from "@niivo/contracts/evidence/tree";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BundleFile, type BundleInput, bundleFiles } from "../src/judge/make-bundle.ts";
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
  vault,
  witness,
  witnessedText,
} from "./sealed-chain.ts";

const run = promisify(execFile);
const work = mkdtempSync(join(tmpdir(), "niivo-verify-"));
const verifier = join(work, "niivo-verify.js");
afterAll(() => rmSync(work, { recursive: true }));

beforeAll(async () => {
  const build = await rolldown({
    input: new URL("../src/main.ts", import.meta.url).pathname,
    platform: "node",
  });
  await build.write({ file: verifier, format: "cjs" });
}, 60_000);

const tell = begun();
approvedStory(tell);
const entries = sealedStory(tell);
const size = entries.length;
const ticket = tell.told.at(-1)?.ticket?.id ?? "";
const rangeAt = (count: number): string[] =>
  entries
    .slice(0, count)
    .reduce((range, entry) => withLeaf(range, leafHash(bytesOf(entry))), emptyRange)
    .hashes.map(hexOf);

const input: BundleInput = {
  chain,
  origin,
  scope: { kind: "chain", from: 0, range: [] },
  size,
  exportedAt: now.toISOString(),
  entries,
  checkpoints: [5, 9, size].map((one) => ({ size: one, note: checkpointOf(entries, one) })),
  proofs: [],
  keys: [vault.key.vkey],
};

let folders = 0;
function written(files: readonly BundleFile[]): string {
  folders += 1;
  const folder = join(work, `bundle-${folders}`);
  for (const { path, text } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
const writtenFile = (name: string, text: string): string => {
  folders += 1;
  const file = join(work, `${folders}-${name}`);
  writeFileSync(file, text);
  return file;
};
const policy = writtenFile("policy.txt", witnessedText);

/** Every Node that is here: the one of this repository, and the system's, which is older. */
const nodes = [process.execPath, "/usr/bin/node"].filter((node) => existsSync(node));

interface Answer {
  readonly code: number;
  readonly text: string;
}

async function verify(
  path: string,
  args: readonly string[] = [],
  node = nodes[0],
): Promise<Answer> {
  const all = [verifier, path, "--policy", policy, "--at", now.toISOString(), ...args];
  try {
    const { stdout } = await run(node ?? "", all, { env: {}, timeout: 30_000 });
    return { code: 0, text: stdout };
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string };
    return { code, text: stdout };
  }
}

test.each(nodes)("an honest bundle is in order, on %s", async (node) => {
  const { code, text } = await verify(written(bundleFiles(input)), [], node);
  expect(text).toContain("IN ORDER (exit code 0)");
  expect(text).toContain("Not proven by this run:");
  expect(code).toBe(0);
});

test("--json gives the report whole", async () => {
  const { text } = await verify(written(bundleFiles(input)), ["--json"]);
  expect(JSON.parse(text)).toMatchObject({ mode: "full", chain, entries: size, exitCode: 0 });
});

describe("a part of the chain", () => {
  const part: BundleInput = {
    ...input,
    scope: { kind: "chain", from: 9, range: rangeAt(9) },
    entries: entries.slice(9),
    checkpoints: [{ size, note: checkpointOf(entries, size) }],
  };
  const since = writtenFile("since.note", checkpointOf(entries, 9));

  test("is in order after a checkpoint that was verified before", async () => {
    const { code, text } = await verify(written(bundleFiles(part)), ["--since", since]);
    expect(text).toMatch(/mode +incremental/);
    expect(code).toBe(0);
  });

  test("is not, without one, or after one that does not reach it", async () => {
    expect((await verify(written(bundleFiles(part)))).code).toBe(40);
    const older = writtenFile("older.note", checkpointOf(entries, 5));
    const { code, text } = await verify(written(bundleFiles(part)), ["--since", older]);
    expect(text).toContain("GAP 5-8");
    expect(code).toBe(40);
  });

  test("with another history before it is a fork", async () => {
    const other = entries.with(3, entries[4] ?? "");
    const lying = writtenFile("lying.note", checkpointOf(other, 9));
    const { code, text } = await verify(written(bundleFiles(part)), ["--since", lying]);
    expect(text).toContain("FORK 8");
    expect(code).toBe(30);
  });
});

describe("a ticket, entry by entry", () => {
  const note = checkpointOf(entries, size);
  const own = entries.flatMap((entry, seq) => (entry.includes(ticket) ? [{ entry, seq }] : []));
  const ofTicket: BundleInput = {
    ...input,
    scope: { kind: "ticket", ticket },
    entries: own.map(({ entry }) => entry),
    proofs: own.map(({ seq }) => ({ seq, text: proofIn(entries, seq, note, size) })),
    checkpoints: [],
  };

  test("is in order with its proofs", async () => {
    const { code, text } = await verify(written(bundleFiles(ofTicket)));
    expect(text).toMatch(/mode +ticket/);
    expect(code).toBe(0);
  });

  test.each(own.map((_, index) => index).slice(0, -1))(
    "is not, without its entry %i",
    async (index) => {
      const less = { ...ofTicket, entries: ofTicket.entries.toSpliced(index, 1) };
      expect((await verify(written(bundleFiles(less)))).code).toBe(40);
    },
  );

  test("is not with another's proofs, none, or an entry of another ticket", async () => {
    const swapped = ofTicket.proofs.map(({ seq }, index) => ({
      seq,
      text: ofTicket.proofs.at(index - 1)?.text ?? "",
    }));
    const foreign = entries.map((entry) => entry).slice(0, 1);
    for (const lie of [
      { ...ofTicket, proofs: swapped },
      { ...ofTicket, proofs: [] },
      { ...ofTicket, entries: [...foreign, ...ofTicket.entries] },
    ])
      expect((await verify(written(bundleFiles(lie)))).code).toBeGreaterThanOrEqual(40);
  });

  test("one entry is proved by its file alone, and by no other", async () => {
    const proof = ofTicket.proofs[2]?.text ?? "";
    const { code, text } = await verify(writtenFile("entry.tlog-proof", proof));
    expect(text).toMatch(/mode +entry/);
    expect(code).toBe(0);
    for (const lie of [
      proof.replace(/index \d+/, "index 7"),
      proof.replace(/\nextra .*/, ""),
      proof.replace(note, checkpointOf(entries, 9)),
      proof.replace(note, checkpointOf(entries, size, [signer(origin, "ecdsa"), witness])),
    ])
      expect((await verify(writtenFile("entry.tlog-proof", lie))).code).toBeGreaterThanOrEqual(40);
  });
});

describe("whoever made the bundle lies", () => {
  const honest = bundleFiles(input);
  const manifest = JSON.parse(honest.at(-1)?.text ?? "");
  const withManifest = (change: object): readonly BundleFile[] =>
    honest.with(-1, { path: "manifest.json", text: JSON.stringify({ ...manifest, ...change }) });
  const forged = entries
    .with(6, (entries[6] ?? "").replace("vote.accepted", "vote.rejected"))
    .join("\n");
  const stranger = signer(origin, "ecdsa");

  test.each<[string, readonly BundleFile[], number]>([
    ["another chain's id", withManifest({ chain: "e".repeat(64) }), 40],
    ["fewer entries than there are", withManifest({ entries: size - 1 }), 40],
    ["more entries than there are", withManifest({ entries: size + 1 }), 40],
    [
      "another digest",
      withManifest({ files: { ...manifest.files, "entries.jsonl": "0".repeat(64) } }),
      40,
    ],
    [
      "a file that is not there",
      withManifest({ files: { ...manifest.files, "checkpoints/x": "0".repeat(64) } }),
      40,
    ],
    ["a file that it does not name", withManifest({ files: {} }), 40],
    [
      "a beginning in the middle",
      withManifest({ scope: { kind: "chain", from: 3, range: rangeAt(3) } }),
      40,
    ],
    ["a range that is none", withManifest({ scope: { kind: "chain", from: 3, range: [] } }), 50],
    ["a version nobody knows", withManifest({ v: "audit-bundle/2" }), 50],
    ["a field nobody knows", withManifest({ verified: true }), 50],
    ["that it is a ticket's", withManifest({ scope: { kind: "ticket", ticket } }), 40],
    [
      "altered entries, and a manifest that fits",
      bundleFiles({ ...input, entries: forged.split("\n") }),
      40,
    ],
    ["no entries", bundleFiles({ ...input, entries: [] }), 50],
    ["no checkpoints", bundleFiles({ ...input, checkpoints: [] }), 50],
    ["a cut tail", bundleFiles({ ...input, entries: entries.slice(0, -2), size: size - 2 }), 20],
    [
      "a cut tail with its checkpoint, and an older end",
      bundleFiles({
        ...input,
        entries: entries.slice(0, 9),
        size: 9,
        checkpoints: input.checkpoints.slice(0, 2),
      }),
      0,
    ],
    [
      "checkpoints by another key",
      bundleFiles({
        ...input,
        checkpoints: [{ size, note: checkpointOf(entries, size, [stranger, witness]) }],
        keys: [stranger.key.vkey],
      }),
      50,
    ],
    [
      "a checkpoint that is none",
      bundleFiles({ ...input, checkpoints: [...input.checkpoints, { size: 7, note: "x" }] }),
      20,
    ],
  ])("of %s", async (_, files, code) => {
    const answer = await verify(written(files));
    expect(answer.code, answer.text).toBe(code);
  });

  test("of an older end, which only the checkpoint kept from before shows", async () => {
    const state = join(work, "state");
    await verify(written(honest), ["--state", state]);
    expect(readFileSync(join(state, `${chain}.note`), "utf8")).toBe(input.checkpoints[2]?.note);
    const older = {
      ...input,
      entries: entries.slice(0, 9),
      size: 9,
      checkpoints: input.checkpoints.slice(0, 2),
    };
    const { code, text } = await verify(written(bundleFiles(older)), ["--state", state]);
    expect(text).toContain(`${size} attested, 9 found`);
    expect(code).toBe(20);
    expect(readFileSync(join(state, `${chain}.note`), "utf8")).toBe(input.checkpoints[2]?.note);
  });

  test("of another history under the very keys: both notes are printed", async () => {
    const state = join(work, "state-of-fork");
    await verify(written(honest), ["--state", state]);
    const other = begun();
    approvedStory(other, { quorum: 2 });
    const changed = sealedStory(other);
    const note = checkpointOf(changed, changed.length);
    const lie = bundleFiles({
      ...input,
      entries: changed,
      checkpoints: [{ size: changed.length, note }],
    });
    const { code, text } = await verify(written(lie), ["--state", state]);
    expect(code).toBe(30);
    expect(text).toContain(note);
    expect(text).toContain(input.checkpoints[2]?.note);
  });

  test("in any byte of the manifest or the entries: no lie makes an answer better", async () => {
    // Some hundred processes: a sample, spread over the whole of both files.
    const cases = honest.filter(({ path }) => ["manifest.json", "entries.jsonl"].includes(path));
    for (const { path, text } of cases)
      for (let step = 0; step < 12; step += 1) {
        const place = Math.floor((step * (text.length - 1)) / 11);
        const changed = `${text.slice(0, place)}${text[place] === "7" ? "8" : "7"}${text.slice(place + 1)}`;
        const files = honest.map((file) => (file.path === path ? { path, text: changed } : file));
        const { code } = await verify(written(files));
        // Times and origins of the manifest are shown to nobody and decide nothing.
        const isIdle =
          path === "manifest.json" && /exportedAt|origin|keys\.txt|size/.test(around(text, place));
        if (!isIdle) expect(code, `${path}: ${around(text, place)}`).toBeGreaterThanOrEqual(20);
      }
  }, 120_000);
});

const around = (text: string, place: number): string =>
  text.slice(Math.max(0, place - 90), place + 12);

test("the digest of the verifier is that of its file", () => {
  expect(sha256(readFileSync(verifier))).toMatch(/^[0-9a-f]{64}$/);
});
