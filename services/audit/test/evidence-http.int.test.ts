// What auditors take home over HTTP: checkpoints, proofs, bundles and other forms, each checked as a stranger would.

import { checkpointMs } from "@niivo/contracts/audit";
import { sha256 } from "@niivo/contracts/canonical";
import { Entry } from "@niivo/contracts/evidence";
import { BundleManifest } from "@niivo/contracts/evidence/bundle";
import { fromBase64, fromHex } from "@niivo/contracts/evidence/bytes";
import { parseCheckpoint } from "@niivo/contracts/evidence/checkpoint";
import { parseNote } from "@niivo/contracts/evidence/note";
import { isConsistent, isIncluded } from "@niivo/contracts/evidence/proof";
import { parseTlogProof } from "@niivo/contracts/evidence/tlog-proof";
import { leafHash } from "@niivo/contracts/evidence/tree";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { csvRows } from "../src/export-rows.ts";
import { answered } from "../src/testing/answered.ts";
import { type AuditInProcess, auditInProcess } from "../src/testing/audit-in-process.ts";
import { contoso } from "../src/testing/customers.ts";
import { type TestEntra, testEntra } from "../src/testing/entra.ts";
import { filesIn } from "../src/testing/files-in.ts";
import { story } from "../src/testing/story.ts";

let entra: TestEntra;
let audit: AuditInProcess;
const base = "/v1/customers/contoso";

beforeAll(async () => {
  entra = await testEntra();
  audit = await auditInProcess({ entra });
  await audit.tell(...story().all);
  await audit.tick();
  await audit.tell(...story("later").all);
  // Each is an entry once in a window: what the tests read adds nothing after the last checkpoint.
  for (const path of ["/verify", "/entries", "/export", "/proofs?entry=1"]) await get(base + path);
  audit.clock.advance(checkpointMs);
  await audit.tick();
});
afterAll(() => entra.close());

const get = (path: string, accept = "*/*") =>
  answered(audit, path, {
    accept,
    authorization: `Bearer ${entra.token(contoso.tenantId, ["Audit.Read"])}`,
  });
const Checkpoint = z.looseObject({ size: z.int(), root: z.string(), note: z.string() });
const newest = async () => Checkpoint.parse(await (await get(`${base}/checkpoint`)).json());

test("the newest checkpoint is the note that was signed, and older ones are there by size", async () => {
  const { size, root, note } = await newest();
  const read = parseCheckpoint(parseNote(note)?.text ?? "");
  expect(read).toMatchObject({ size, root: Buffer.from(root, "hex") });
  expect((await get(`${base}/checkpoint?size=8`)).status).toBe(200);
  expect((await get(`${base}/checkpoint?size=7`)).status).toBe(404);
});

test("the keys are those that the chain and its checkpoints name", async () => {
  const keys = z.record(z.string(), z.string()).parse(await (await get(`${base}/keys`)).json());
  const genesis = JSON.parse((await (await get(`${base}/entries?limit=1`)).text()).trimEnd());
  const { chain, detail } = Entry.parse(genesis);
  const { origin, vkey, softwareVkey } = detail;
  expect(keys).toEqual({ chain, origin, vkey, softwareVkey });
  expect((await newest()).note).toContain(`\n\n— ${keys["origin"]} `);
});

describe("proofs", () => {
  test("of every entry hold under the checkpoint that they carry", async () => {
    const { size, root } = await newest();
    const head = { size, root: fromHex(root, 32) ?? Buffer.alloc(0) };
    for (let entry = 0; entry < size; entry += 1) {
      const proof = parseTlogProof(await (await get(`${base}/proofs?entry=${entry}`)).text());
      const leaf = leafHash(proof?.extra ?? Buffer.alloc(0));
      expect(proof && isIncluded(head, proof.index, leaf, proof.hashes)).toBe(true);
      expect(proof && isIncluded(head, proof.index + 1, leaf, proof.hashes)).toBe(false);
    }
  });

  test("of consistency hold between the checkpoints", async () => {
    const newer = await newest();
    const older = Checkpoint.parse(await (await get(`${base}/checkpoint?size=8`)).json());
    const Proof = z.looseObject({ hashes: z.array(z.string()) });
    const { hashes } = Proof.parse(await (await get(`${base}/proofs?from=8`)).json());
    const of = ({ size, root }: z.infer<typeof Checkpoint>) => ({
      size,
      root: fromHex(root, 32) ?? Buffer.alloc(0),
    });
    const proof = hashes.map((hash) => fromBase64(hash) ?? Buffer.alloc(0));
    expect(isConsistent(of(older), of(newer), proof)).toBe(true);
    expect(isConsistent({ ...of(older), size: 9 }, of(newer), proof)).toBe(false);
  });

  test.each([
    ["", 400],
    ["?entry=1&from=1", 400],
    ["?entry=999999", 404],
    ["?from=999999", 404],
    ["?entry=0&size=7", 404],
  ])("%s are refused with %i", async (query, status) => {
    expect((await get(`${base}/proofs${query}`)).status).toBe(status);
  });
});

describe("verify", () => {
  test("says up to where a checkpoint covers the chain, and gives the one it judged by", async () => {
    const { size, note } = await newest();
    expect(await (await get(`${base}/verify`)).json()).toMatchObject({
      verdict: "OK",
      signedSize: size,
      unattested: 0,
      evidence: { checkpoint: note },
    });
  });

  test("streams lines to who asks for lines; the last is the verification", async () => {
    const response = await get(`${base}/verify`, "application/jsonl");
    expect(response.headers.get("content-type")).toBe("application/jsonl");
    const lines = (await response.text()).trimEnd().split("\n");
    expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ verdict: "OK" });
  });
});

describe("export", () => {
  test("a bundle has exactly the bytes, and its manifest names every file by digest", async () => {
    const response = await get(`${base}/export`);
    expect(response.headers.get("content-type")).toBe("application/x-tar");
    const files = filesIn(Buffer.from(await response.arrayBuffer()));
    const manifest = BundleManifest.parse(JSON.parse(String(files.get("manifest.json"))));
    for (const [path, digest] of Object.entries(manifest.files))
      expect(sha256(files.get(path) ?? ""), path).toBe(digest);
    expect([...files.keys()].sort()).toEqual(
      ["manifest.json", ...Object.keys(manifest.files)].sort(),
    );
    const entries = await (await get(`${base}/entries?limit=1000`)).text();
    expect(String(files.get("entries.jsonl"))).toBe(entries);
    const { size } = await newest();
    expect(manifest).toMatchObject({ size, entries: size, scope: { kind: "chain", from: 0 } });
  });

  test("csv has a row per entry with its hash", async () => {
    const rows = (await (await get(`${base}/export?format=csv`)).text()).trimEnd().split("\n");
    const { size } = await newest();
    expect(rows).toHaveLength(size + 1);
    expect(rows[0]).toMatch(/^seq,sealedAt,/);
    expect(rows[1]).toMatch(/,[0-9a-f]{64},[0-9a-f]{64}$/);
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)"])("csv neutralises a cell like %s", async (cell) => {
    const [line = ""] = (await (await get(`${base}/entries?limit=1`)).text()).split("\n");
    const bytes = JSON.stringify({ ...JSON.parse(line), actor: cell });
    expect(csvRows([{ bytes, hash: "0".repeat(64), place: 0 }])).toContain(`'${cell}`);
  });

  test("ocsf has an event per entry, with its hash as its id", async () => {
    const lines = (await (await get(`${base}/export?format=ocsf`)).text()).trimEnd().split("\n");
    const { size } = await newest();
    expect(lines).toHaveLength(size);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({
      class_uid: 6003,
      metadata: { sequence: 0, uid: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
  });
});
