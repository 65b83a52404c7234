// The end of retention on a store's file, by processes that are killed (SIGKILL) between and within their commits.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Entry } from "@niivo/contracts/evidence";
import { isIncluded } from "@niivo/contracts/evidence/proof";
import { sqliteStore } from "@niivo/host/sqlite-store";
import type { Store } from "@niivo/host/store";
import { testClock } from "@niivo/host/testing/in-process";
import { afterAll, expect, test } from "vitest";
import { retentionClock } from "../src/retention.ts";
import { PrunedToRow, prunedDoneId, prunedId, tileHashes } from "../src/rows.ts";
import { readEntries } from "../src/stored-chain.ts";
import { readCheckpoint } from "../src/stored-checkpoints.ts";
import { storedTree } from "../src/stored-tree.ts";
import { auditInProcess } from "../src/testing/audit-in-process.ts";
import { customer, startsAt, story } from "../src/testing/story.ts";
import { verifyStored } from "../src/verify-stored.ts";

const days = 400;
const dayMs = 24 * 60 * 60 * 1000;
const stories = 100;
const entriesMax = 2000;

const folder = mkdtempSync(join(tmpdir(), "niivo-retention-"));
const file = join(folder, "audit.sqlite");
const clock = testClock(startsAt);
const script = fileURLToPath(new URL("../src/testing/prune-process.ts", import.meta.url));
const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** A chain of two tiles that may go, and that says so already. */
async function sealedAsPruned(): Promise<void> {
  const store = sqliteStore(file);
  const audit = await auditInProcess({ store, clock });
  for (let index = 0; index < stories; index += 1) await audit.tell(...story(`old ${index}`).all);
  await audit.tick();
  clock.advance((days + 1) * dayMs);
  await audit.tick();
  const host = audit.host;
  await retentionClock({ host, customers: [customer], isWriter: () => true, days }).round();
  await audit.bus.idle();
  await audit.tick();
  await audit.drain();
  await store.close();
}

/** What a process said until its end. @param killed after how many commits were begun, and how much later; never, if absent. */
async function pruning(killed?: { readonly commits: number; readonly afterMs: number }) {
  const child = spawn(
    process.execPath,
    [script, file, customer, clock.now().toISOString(), String(days)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  running.add(child);
  const exit = once(child, "exit");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (killed === undefined || lines.length !== killed.commits) continue;
    if (killed.afterMs > 0) await delay(killed.afterMs);
    child.kill("SIGKILL");
  }
  const [, signal] = await exit;
  running.delete(child);
  return { lines, signal };
}

async function looked<Answer>(look: (store: Store) => Promise<Answer>): Promise<Answer> {
  const store = sqliteStore(file);
  try {
    return await look(store);
  } finally {
    await store.close();
  }
}

/** The chain is in order, and each of its entries is proved, removed or not. @returns how far it got. */
const proved = () =>
  looked(async (store) => {
    const found = await verifyStored(store, customer, { now: clock.now() });
    expect(found?.report.findings.filter(({ code }) => code !== "PRUNED")).toEqual([]);
    expect(found?.verdict).toBe("OK");
    const { size, root } = (await readCheckpoint(store, customer)) ?? { size: 0, root: "" };
    const tree = storedTree(store, customer);
    const entries = await readEntries(store, customer, { from: 0, limit: entriesMax });
    for (const { place, hash } of entries.slice(0, size)) {
      const hashes = await tree.inclusion(place, size);
      const of = { size, root: Buffer.from(root, "hex") };
      expect(isIncluded(of, place, Buffer.from(hash ?? "", "hex"), hashes), `${place}`).toBe(true);
    }
    const reach = async (id: string) =>
      PrunedToRow.safeParse((await store.read(customer, id))?.body).data?.to ?? 0;
    const said = entries
      .filter(({ isPruned }) => !isPruned)
      .map(({ bytes }) => Entry.parse(JSON.parse(bytes)))
      .filter(({ type }) => type === "retention.pruned");
    return {
      said: said.length,
      pruned: entries.filter(({ isPruned }) => isPruned).length,
      values: (await store.list(customer, { prefix: "value:", limit: entriesMax })).length,
      sealed: await reach(prunedId),
      done: await reach(prunedDoneId),
    };
  });

test("L31: killed at any commit of a removal, proofs hold and the next process goes on, until it is done once", async () => {
  await sealedAsPruned();
  const before = await proved();
  expect(before).toMatchObject({ said: 1, pruned: 0, done: 0, sealed: 2 * tileHashes - 1 });
  let last = before;
  // Each process is killed at a later place: as its commit begins, and some moments into it.
  for (const killed of [
    { commits: 1, afterMs: 0 },
    { commits: 2, afterMs: 0 },
    { commits: 2, afterMs: 1 },
    { commits: 1, afterMs: 2 },
    { commits: 3, afterMs: 0 },
  ]) {
    const { lines, signal } = await pruning(killed);
    expect(signal).toBe("SIGKILL");
    expect(lines).not.toContain("done");
    const now = await proved();
    expect(now.done).toBeGreaterThanOrEqual(last.done);
    expect(now.pruned).toBeGreaterThanOrEqual(last.pruned);
    // A removed entry and its value go in one commit.
    expect(before.values - now.values).toBe(now.pruned);
    last = now;
  }
  expect(last.done).toBeLessThan(last.sealed);
  expect((await pruning()).lines.at(-1)).toBe("done");
  const after = await proved();
  expect(after).toMatchObject({ said: 1, done: before.sealed, sealed: before.sealed });
  expect(after.pruned).toBeGreaterThan(2 * tileHashes - 20);
  expect((await pruning()).lines).toEqual(["done"]); // Nothing is left to do, and nothing is done again.
  expect(await proved()).toEqual(after);
}, 60_000);
