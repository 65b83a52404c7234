// Bytes past their retention: removed once that is sealed, with everything that still holds about the rest.

import { BundleManifest, PrunedLine } from "@niivo/contracts/evidence/bundle";
import { memoryStore } from "@niivo/host/memory-store";
import type { Store } from "@niivo/host/store";
import { testClock } from "@niivo/host/testing/in-process";
import { foundText } from "@niivo/verify/chain-judge";
import { givenCheckpoint } from "@niivo/verify/checkpoint-judge";
import { evidenceJudge } from "@niivo/verify/evidence-judge";
import { beforeAll, describe, expect, test } from "vitest";
import { bundleOf } from "../src/bundle.ts";
import { retentionClock } from "../src/retention.ts";
import { entryId, tileHashes, valueId } from "../src/rows.ts";
import { readEntries, readHead } from "../src/stored-chain.ts";
import { storedTree } from "../src/stored-tree.ts";
import { type AuditInProcess, auditInProcess } from "../src/testing/audit-in-process.ts";
import { filesIn } from "../src/testing/files-in.ts";
import { mortalStore } from "../src/testing/mortal-store.ts";
import { customer, startsAt, story, text } from "../src/testing/story.ts";
import { readTrail } from "../src/trail.ts";
import { verifyStored } from "../src/verify-stored.ts";

const days = 400;
const dayMs = 24 * 60 * 60 * 1000;

/** A chain of more than one tile, all of it `ageDays` old, and one story of today. */
async function aged(ageDays: number, store: Store = memoryStore()) {
  const clock = testClock(startsAt);
  const audit = await auditInProcess({ store, clock });
  for (let index = 0; index < 50; index += 1) await audit.tell(...story(`old ${index}`).all);
  await audit.tick();
  clock.advance(ageDays * dayMs);
  await audit.tick();
  const retention = retentionClock({
    host: audit.host,
    customers: [customer],
    isWriter: () => true,
    days,
  });
  const round = async () => {
    await retention.round();
    await audit.bus.idle();
  };
  return { audit, store, clock, round };
}

const verified = (store: Store, clock: AuditInProcess["clock"]) =>
  verifyStored(store, customer, { now: clock.now() });
const prunedIn = async (store: Store) =>
  (await readEntries(store, customer, { from: 0, limit: 1000 })).filter(({ isPruned }) => isPruned);

describe("a chain past its retention", () => {
  let chain: Awaited<ReturnType<typeof aged>>;
  beforeAll(async () => {
    chain = await aged(days + 1);
    await chain.round(); // Seals what may go,
    await chain.audit.tick();
    await chain.round(); // and removes it.
  });

  test("L31, L32: whole tiles are gone, audit's own entries are not, and it is in order", async () => {
    const pruned = await prunedIn(chain.store);
    expect(pruned.at(-1)?.place).toBe(tileHashes - 1);
    expect(pruned.length).toBeGreaterThan(tileHashes - 20);
    expect(pruned.map(({ place }) => place)).not.toContain(0);
    const answer = await verified(chain.store, chain.clock);
    expect(answer).toMatchObject({
      verdict: "OK",
      report: { verdicts: { privacy: "PRUNED", completeness: "OK", conduct: "OK" } },
    });
  });

  test("nothing that was said in it is left in the store", async () => {
    const { opened } = story("old 0");
    expect(await chain.store.read(customer, valueId(`${opened.id}:${opened.source}`))).toBe(
      undefined,
    );
    const kept = await readEntries(chain.store, customer, { from: 0, limit: 1000 });
    expect(JSON.stringify(kept)).not.toContain(text);
    expect(JSON.stringify(kept)).not.toContain(story("old 0").ticket);
  });

  test("proofs of other entries hold, and the trail of a removed ticket is not said to be complete", async () => {
    const size = (await readHead(chain.store, customer))?.size ?? 0;
    expect(await storedTree(chain.store, customer).inclusion(size - 1, size)).not.toEqual([]);
    const trail = await readTrail(chain.store, customer, story("old 0").ticket);
    expect(trail).toMatchObject({ complete: false, entries: [] });
  });

  test("the exported bundle says which bytes are gone, and is in order for a stranger", async () => {
    const head = await readHead(chain.store, customer);
    const { policy, report } = (await verified(chain.store, chain.clock)) ?? {};
    if (head === undefined || policy === undefined) throw new Error("there is no chain");
    const pieces: Uint8Array[] = [];
    for await (const piece of bundleOf(chain.store, customer, head, chain.clock.now()))
      pieces.push(piece);
    const files = filesIn(Buffer.concat(pieces));
    const manifest = BundleManifest.parse(JSON.parse(String(files.get("manifest.json"))));
    const linesOf = (path: string) => String(files.get(path)).trimEnd().split("\n");
    const kept = linesOf("entries.jsonl");
    const gone = linesOf("pruned.jsonl").map((line) => PrunedLine.parse(JSON.parse(line)));
    expect(manifest).toMatchObject({ size: head.size, entries: kept.length });
    expect(kept.length + gone.length).toBe(head.size);
    const judge = evidenceJudge({
      policy,
      given: (report?.checkpoints ?? []).flatMap((note) => givenCheckpoint(note, false) ?? []),
      hasValues: false,
      now: chain.clock.now(),
      staleAfterMs: dayMs,
    });
    const hashes = new Map(gone.map(({ seq, hash }) => [seq, hash]));
    for (let seq = 0, next = 0; seq < head.size; seq += 1) {
      const hash = hashes.get(seq);
      if (hash === undefined) judge.add(foundText(kept[next++] ?? ""));
      else judge.addPruned(Buffer.from(hash, "hex"));
    }
    expect(judge.end().verdicts).toMatchObject({ integrity: "OK", privacy: "PRUNED" });
  });

  test("it goes on growing, and stays in order", async () => {
    await chain.audit.tell(...story("of today").all);
    await chain.audit.tick();
    expect(await verified(chain.store, chain.clock)).toMatchObject({ verdict: "OK" });
  });
});

test("L32: nothing goes that is younger", async () => {
  const { store, round } = await aged(days - 1);
  await round();
  await round();
  expect(await prunedIn(store)).toEqual([]);
});

test("V18: bytes that are missing without a sealed reason are withheld", async () => {
  const { store, clock } = await aged(days + 1);
  const [, found] = await readEntries(store, customer, { from: 0, limit: 2 });
  await store.commit(customer, [
    { kind: "upsert", id: entryId(1), body: { pruned: true, hash: found?.hash ?? "" } },
  ]);
  expect(await verified(store, clock)).toMatchObject({
    verdict: "INCOMPLETE",
    report: { verdicts: { completeness: "WITHHELD" } },
  });
});

test("L33: an entry that was changed is evidence, and stays", async () => {
  const { audit, store, round } = await aged(days + 1);
  await round();
  const [, second] = await readEntries(store, customer, { from: 0, limit: 2 });
  const bytes = second?.bytes.replace("service:", "nobody:") ?? "";
  await store.commit(customer, [
    { kind: "upsert", id: entryId(1), body: { bytes, hash: second?.hash ?? "" } },
  ]);
  await audit.tick();
  await round();
  expect(await prunedIn(store)).toEqual([]);
});

test("L31: killed at any step of a removal, the next round goes on", async () => {
  const whole = await aged(days + 1);
  await whole.round();
  await whole.audit.tick();
  const counted = mortalStore(whole.store);
  const hostOf = (store: Store) => ({ ...whole.audit.host, store });
  const removal = (store: Store) =>
    retentionClock({ host: hostOf(store), customers: [customer], isWriter: () => true, days });
  for (let step = 1; step < 40; step += 3)
    for (const isApplied of [false, true]) {
      const mortal = mortalStore(whole.store, step, isApplied);
      void removal(mortal.store).round();
      await Promise.race([mortal.died, new Promise((resolve) => setImmediate(resolve))]);
      expect(await verified(whole.store, whole.clock)).toMatchObject({ verdict: "OK" });
    }
  await removal(counted.store).round();
  expect((await prunedIn(whole.store)).at(-1)?.place).toBe(tileHashes - 1);
});
