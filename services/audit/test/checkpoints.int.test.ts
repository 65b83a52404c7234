// Checkpoints of the whole service: signed, kept, brought to the anchors, and refused where anything is wrong.

import { mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CheckpointSigned, checkpointMs, heartbeatMs } from "@niivo/contracts/audit";
import { Entry } from "@niivo/contracts/evidence";
import { fromHex, hexOf } from "@niivo/contracts/evidence/bytes";
import { parseCheckpoint } from "@niivo/contracts/evidence/checkpoint";
import { parseNote, verifyNote } from "@niivo/contracts/evidence/note";
import { isConsistent, isIncluded } from "@niivo/contracts/evidence/proof";
import { emptyRange, leafHash, rootOf, withLeaf } from "@niivo/contracts/evidence/tree";
import { parseVerifierKey } from "@niivo/contracts/evidence/verifier-key";
import { memoryStore } from "@niivo/host/memory-store";
import { testClock } from "@niivo/host/testing/in-process";
import { afterAll, describe, expect, test } from "vitest";
import type { Anchor } from "../src/anchor.ts";
import { fileAnchor } from "../src/file-anchor.ts";
import { EntryRow, entryId } from "../src/rows.ts";
import { readEntries } from "../src/stored-chain.ts";
import { readAnchors, readCheckpoint } from "../src/stored-checkpoints.ts";
import { storedTree } from "../src/stored-tree.ts";
import { type AuditInProcess, auditInProcess } from "../src/testing/audit-in-process.ts";
import { testVaultKey } from "../src/testing/endorsed.ts";
import { customer, startsAt, story } from "../src/testing/story.ts";
import { verifyStored } from "../src/verify-stored.ts";

const folder = mkdtempSync(join(tmpdir(), "niivo-anchors-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => join(folder, String(++folders));

const bytesIn = async (audit: AuditInProcess) =>
  (await readEntries(audit.store, customer, { from: 0, limit: 1000 })).map(({ bytes }) => bytes);
const entriesIn = async (audit: AuditInProcess) =>
  (await bytesIn(audit)).map((bytes) => Entry.parse(JSON.parse(bytes)));
const rootOver = (bytes: readonly string[]) =>
  rootOf(bytes.reduce((range, one) => withLeaf(range, leafHash(Buffer.from(one))), emptyRange));
const checkpointsOf = (audit: AuditInProcess) =>
  audit.bus.stored("audit").flatMap((message) => {
    const { data } = CheckpointSigned.safeParse(message);
    return data?.customer === customer ? [data.data] : [];
  });

test("a checkpoint names the root over the very bytes, and both keys of the genesis signed it", async () => {
  const audit = await auditInProcess();
  await audit.tell(...story().all);
  await audit.tick();
  const bytes = await bytesIn(audit);
  const found = await readCheckpoint(audit.store, customer);
  const note = parseNote(found?.note ?? "");
  const [genesis] = await entriesIn(audit);
  const keys = ["vkey", "softwareVkey"].flatMap(
    (name) => parseVerifierKey(String(genesis?.detail[name])) ?? [],
  );
  expect(keys.map(({ type }) => type)).toEqual(["ecdsa", "ed25519"]);
  expect(note && verifyNote(note, keys)).toMatchObject({ kind: "signed", by: [{}, {}] });
  const checkpoint = parseCheckpoint(note?.text ?? "");
  expect(checkpoint).toMatchObject({
    origin: `audit.example/${genesis?.chain}`,
    size: bytes.length,
    extensions: [],
  });
  expect(hexOf(checkpoint?.root ?? Buffer.alloc(0))).toBe(hexOf(rootOver(bytes)));
  expect(checkpointsOf(audit)).toMatchObject([{ size: bytes.length, note: found?.note }]);
});

test("while entries come there is a checkpoint every few seconds, and without any there is none", async () => {
  const audit = await auditInProcess();
  await audit.tick();
  const { all } = story();
  for (const event of all) {
    await audit.tell(event);
    audit.clock.advance(checkpointMs / 2);
    await audit.tick();
  }
  expect(checkpointsOf(audit)).toHaveLength(1 + all.length / 2);
  const sizes = checkpointsOf(audit).map(({ size }) => size);
  expect(sizes).toEqual([...sizes].sort((one, other) => one - other));
  audit.clock.advance(checkpointMs);
  for (let i = 0; i < 3; i += 1) await audit.tick();
  expect((await readCheckpoint(audit.store, customer))?.size).toBe((await bytesIn(audit)).length);
  const before = checkpointsOf(audit).length;
  audit.clock.advance(checkpointMs);
  await audit.tick();
  expect(checkpointsOf(audit)).toHaveLength(before);
});

test("a chain in which nothing happens says within ten minutes that it is alive, under a signature", async () => {
  const audit = await auditInProcess();
  await audit.tick();
  audit.clock.advance(heartbeatMs);
  await audit.tick();
  await audit.tick();
  expect((await entriesIn(audit)).at(-1)).toMatchObject({ type: "chain.heartbeat" });
  expect((await readCheckpoint(audit.store, customer))?.size).toBe((await bytesIn(audit)).length);
  audit.clock.advance(checkpointMs);
  const size = (await bytesIn(audit)).length;
  await audit.tick();
  expect(await bytesIn(audit)).toHaveLength(size);
});

describe("nothing is signed", () => {
  test.each([
    ["of which a byte was changed", (text: string) => text.replace("agent", "agenT"), true],
    ["whose hash was changed with it", (text: string) => text.replace("agent", "agenT"), false],
  ])("L21: over an entry %s", async (_, change, keepsHash) => {
    const audit = await auditInProcess();
    await audit.tell(...story().all);
    const id = entryId(3);
    const body = EntryRow.parse((await audit.store.read(customer, id))?.body);
    const bytes = change(body.bytes);
    expect(bytes).not.toBe(body.bytes);
    const hash = keepsHash ? body.hash : hexOf(leafHash(Buffer.from(bytes)));
    await audit.store.commit(customer, [{ kind: "upsert", id, body: { bytes, hash } }]);
    await audit.tick();
    expect(checkpointsOf(audit)).toEqual([]);
    expect(await readCheckpoint(audit.store, customer)).toBeUndefined();
  });

  test("L21: over a chain from which the end was cut", async () => {
    const audit = await auditInProcess();
    await audit.tell(...story().all);
    const { length } = await bytesIn(audit);
    await audit.store.commit(customer, [{ kind: "delete", id: entryId(length - 1) }]);
    await audit.tick();
    expect(checkpointsOf(audit)).toEqual([]);
  });

  test("L23: while the clock is behind the last checkpoint", async () => {
    const audit = await auditInProcess();
    await audit.tick();
    await audit.tell(...story().all);
    audit.clock.advance(-60_000);
    await audit.tick();
    expect(checkpointsOf(audit)).toHaveLength(1);
    audit.clock.advance(60_000 + checkpointMs);
    await audit.tick();
    expect(checkpointsOf(audit)).toHaveLength(2);
  });

  test("L24: while the vault is away; sealing goes on, and the next try covers everything", async () => {
    const key = testVaultKey();
    let isAway = false;
    const vaultKey = {
      ...key,
      sign: (text: string) => (isAway ? Promise.reject(new Error("away")) : key.sign(text)),
    };
    const audit = await auditInProcess({ vaultKey });
    isAway = true;
    await audit.tell(...story().all);
    await audit.tick();
    expect(checkpointsOf(audit)).toEqual([]);
    expect(audit.receipts()).toHaveLength(1);
    isAway = false;
    audit.clock.advance(checkpointMs);
    await audit.tick();
    expect((await readCheckpoint(audit.store, customer))?.size).toBe((await bytesIn(audit)).length);
  });
});

describe("rotation", () => {
  test("a new vault key is sealed, and the checkpoint over that entry carries both lines", async () => {
    const store = memoryStore();
    const [oldKey, newKey] = [
      testVaultKey("https://v.example/keys/a/1"),
      testVaultKey("https://v.example/keys/a/2"),
    ];
    const first = await auditInProcess({ store, vaultKey: oldKey });
    await first.tell(...story().all);
    await first.tick();
    const clock = testClock(new Date(startsAt.getTime() + checkpointMs));
    const second = await auditInProcess({
      store,
      clock,
      vaultKey: newKey,
      previousVaultKey: oldKey,
      writer: { term: 2, instance: "two" },
    });
    await second.tell(story("after").opened);
    const rotated = (await entriesIn(second)).filter(({ type }) => type === "key.rotate");
    expect(rotated).toMatchObject([
      { detail: { replaces: (await entriesIn(first))[0]?.detail["vkey"] } },
    ]);
    await second.tick();
    const [genesis] = await entriesIn(second);
    const keyTexts = [
      genesis?.detail["vkey"],
      rotated[0]?.detail["vkey"],
      genesis?.detail["softwareVkey"],
    ];
    const keys = keyTexts.flatMap((text) => parseVerifierKey(String(text)) ?? []);
    const note = parseNote((await readCheckpoint(store, customer))?.note ?? "");
    expect(note && verifyNote(note, keys)).toMatchObject({ kind: "signed", by: [{}, {}, {}] });
    expect(await verifyStored(store, customer, { now: clock.now() })).toMatchObject({
      verdict: "OK",
    });
  });
});

describe("the stored tree", () => {
  test("L22: proves every entry and every earlier checkpoint, across whole tiles and the rest", async () => {
    const audit = await auditInProcess();
    const sizes: { size: number; root: string }[] = [];
    for (let round = 0; round < 6; round += 1) {
      const stories = Array.from({ length: 20 }, (_, index) => story(`tree ${round} ${index}`));
      await audit.tell(...stories.flatMap(({ all }) => all));
      audit.clock.advance(checkpointMs);
      await audit.tick();
      const found = await readCheckpoint(audit.store, customer);
      if (found !== undefined) sizes.push(found);
    }
    const last = sizes.at(-1);
    const size = last?.size ?? 0;
    expect(size).toBeGreaterThan(512);
    const head = { size, root: fromHex(last?.root ?? "", 32) ?? Buffer.alloc(0) };
    const tree = storedTree(audit.store, customer);
    const bytes = await bytesIn(audit);
    for (let index = 0; index < size; index += 13) {
      const leaf = leafHash(Buffer.from(bytes[index] ?? ""));
      expect(isIncluded(head, index, leaf, await tree.inclusion(index, size)), `${index}`).toBe(
        true,
      );
    }
    for (const older of sizes.slice(0, -1)) {
      const proof = await tree.consistency(older.size, size);
      const root = fromHex(older.root, 32) ?? Buffer.alloc(0);
      expect(isConsistent({ size: older.size, root }, head, proof)).toBe(true);
    }
    expect(await audit.store.list(customer, { prefix: "tile:0:", limit: 9 })).toHaveLength(2);
    // The tile above has the nodes that are known, though it is not whole: 2 of 32 bytes, in base64.
    const [above] = await audit.store.list(customer, { prefix: "tile:1:", limit: 9 });
    expect(above?.body).toEqual({ hashes: expect.stringMatching(/^.{88}$/) });
  });
});

test("an anchor that did not take the checkpoint of a chain at rest is asked again, and only that one", async () => {
  const asked = { prompt: 0, late: 0 };
  const anchor = (name: keyof typeof asked, takesFrom: number): Anchor => ({
    name,
    takes: (of) => of === customer,
    append: async () => {
      asked[name] += 1;
      return asked[name] < takesFrom ? { kind: "unreachable" } : { kind: "anchored" };
    },
  });
  const audit = await auditInProcess({ anchors: [anchor("prompt", 1), anchor("late", 3)] });
  await audit.tell(...story().all);
  await audit.tick();
  expect(asked).toEqual({ prompt: 1, late: 1 });
  for (let time = 0; time < 10; time += 1) {
    audit.clock.advance(2 * checkpointMs);
    await audit.tick();
  }
  expect(asked).toEqual({ prompt: 1, late: 3 });
  const size = (await readCheckpoint(audit.store, customer))?.size;
  expect(await readAnchors(audit.store, customer)).toMatchObject({ late: { size } });
});

describe("the file anchor", () => {
  const anchored = async (path = newFolder()) => {
    const audit = await auditInProcess({ anchors: [fileAnchor(path)] });
    await audit.tell(...story().all);
    await audit.tick();
    const name = `${checkpointsOf(audit)[0]?.chain}.jsonl`;
    return { audit, file: join(path, name), path };
  };
  const grow = async (audit: AuditInProcess) => {
    audit.clock.advance(checkpointMs);
    await audit.tell(...story(`grown ${audit.clock.now().toISOString()}`).all);
    await audit.tick();
  };

  test("has every checkpoint, a line each", async () => {
    const { audit, file } = await anchored();
    await grow(audit);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      checkpointsOf(audit).map(({ chain: _chain, ...kept }) => kept),
    );
    expect(await readAnchors(audit.store, customer)).toMatchObject({
      file: { outcome: "anchored" },
    });
  });

  test("F2: refuses to go on in a file that was cut, and the store says so", async () => {
    const { audit, file } = await anchored();
    const { size } = (await readAnchors(audit.store, customer))["file"] ?? { size: 0 };
    truncateSync(file, 0);
    await grow(audit);
    expect(readFileSync(file, "utf8")).toBe("");
    expect((await readAnchors(audit.store, customer))["file"]).toMatchObject({
      size,
      outcome: "anchor-shrank",
    });
  });

  test("F2: a store that is an older copy of itself is found out by the anchor", async () => {
    const { audit, path } = await anchored();
    await grow(audit);
    await grow(audit);
    const anchor = fileAnchor(path);
    const [older] = checkpointsOf(audit);
    if (older === undefined) throw new Error("there is a checkpoint");
    const again = { ...older, customer, tookBefore: 0 };
    const answer = await anchor.append(again, AbortSignal.timeout(1000));
    expect(answer).toEqual({ kind: "refused", code: "anchor-is-ahead" });
  });
});
