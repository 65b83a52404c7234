// Many writers on one chain, and writers that die at every step of the append path: one chain comes of it, with
// everything that was acknowledged and without a false alarm.

import { checkpointMs } from "@niivo/contracts/audit";
import { Entry } from "@niivo/contracts/evidence";
import { subscriptions } from "@niivo/contracts/topology";
import { memoryBus } from "@niivo/host/memory-bus";
import { memoryStore } from "@niivo/host/memory-store";
import type { Store } from "@niivo/host/store";
import { testClock } from "@niivo/host/testing/in-process";
import { expect, test } from "vitest";
import { readEntries } from "../src/stored-chain.ts";
import { readCheckpoint } from "../src/stored-checkpoints.ts";
import { auditInProcess } from "../src/testing/audit-in-process.ts";
import { testVaultKey } from "../src/testing/endorsed.ts";
import { mortalStore } from "../src/testing/mortal-store.ts";
import { customer, startsAt, story } from "../src/testing/story.ts";
import { verifyStored } from "../src/verify-stored.ts";
import { Fenced } from "../src/writer.ts";

const own = subscriptions.filter(({ reader }) => reader === "audit");
const vaultKey = testVaultKey();

const entriesOf = async (store: Store) =>
  (await readEntries(store, customer, { from: 0, limit: 1000 })).map(({ bytes }) =>
    Entry.parse(JSON.parse(bytes)),
  );
const eventsIn = (entries: readonly Entry[]) =>
  entries.flatMap(({ event }) => event?.id ?? []).sort();

test("sixteen writers whose lease failed them make one chain, and lose nothing they acknowledged", async () => {
  const store = memoryStore();
  const writers = await Promise.all(
    Array.from({ length: 16 }, (_, index) =>
      auditInProcess({
        store,
        vaultKey,
        writer: { term: 1, instance: `writer ${index}` },
        holdMs: 60_000,
      }),
    ),
  );
  const stories = Array.from({ length: 32 }, (_, index) => story(`of sixteen ${index}`));
  await Promise.all(stories.map(({ all }, index) => writers[index % 16]?.tell(...all)));
  const entries = await entriesOf(store);
  expect(eventsIn(entries)).toEqual(stories.flatMap(({ all }) => all.map(({ id }) => id)).sort());
  expect(entries.filter(({ gap }) => gap !== undefined)).toEqual([]);
  expect(entries.filter(({ type }) => type === "writer.takeover")).toEqual([]);
  expect(writers.flatMap((writer) => writer.receipts())).toHaveLength(32);
  expect(await verifyStored(store, customer)).toMatchObject({ verdict: "OK" });
});

test("L19: of sixteen terms the last one writes; every other is fenced, and what it was told is kept", async () => {
  const store = memoryStore();
  const shared = { store, vaultKey, holdMs: 60_000 };
  const first = await auditInProcess({ ...shared, writer: { term: 1, instance: "writer 1" } });
  const others = await Promise.all(
    Array.from({ length: 15 }, (_, index) =>
      auditInProcess({ ...shared, writer: { term: index + 2, instance: `writer ${index + 2}` } }),
    ),
  );
  const writers = [first, ...others];
  const stories = writers.map((_, index) => story(`of sixteen terms ${index}`));
  await Promise.all(writers.map((writer, index) => writer.tell(...(stories[index]?.all ?? []))));
  const entries = await entriesOf(store);
  const terms = entries.map(({ writer }) => writer);
  expect(terms).toEqual([...terms].sort((one, other) => one - other));
  expect(terms.at(-1)).toBe(16);
  for (const [index, { fatal, bus }] of writers.entries()) {
    const sealed = new Set(eventsIn(entries));
    const missing = (stories[index]?.all ?? []).filter(({ id }) => !sealed.has(id));
    if (missing.length > 0) expect(fatal).toContainEqual(expect.any(Fenced));
    const paths = own.map(({ topic, name }) => `${topic}/${name}`);
    const kept = paths.reduce((sum, path) => sum + bus.waiting(path), 0);
    expect(kept).toBeGreaterThanOrEqual(missing.length);
    expect(paths.flatMap((path) => bus.deadLetters(path))).toEqual([]);
  }
  expect(await verifyStored(store, customer)).toMatchObject({ verdict: "OK" });
});

/** Runs a story with a process that dies at one step, and lets its successor finish. */
async function killedAt(step: number, isApplied: boolean): Promise<void> {
  const clock = testClock(startsAt);
  const bus = memoryBus({ subscriptions: own, now: clock.now });
  const left = memoryStore({ now: clock.now });
  const shared = { bus, clock, vaultKey };
  const opener = await auditInProcess({ ...shared, store: left });
  bus.crash();
  const mortal = mortalStore(left, step, isApplied);
  const writer = { term: 2, instance: "mortal" };
  const first = await auditInProcess({ ...shared, store: mortal.store, writer, isOpen: false });
  const { all, allowed } = story();
  void first.tell(...all);
  await mortal.died;
  bus.crash();
  const second = await auditInProcess({
    ...shared,
    store: left,
    writer: { term: 3, instance: "successor" },
    isOpen: false,
  });
  // Whatever the first one had not published yet is published by the test as the publishers' outbox would.
  await second.tell(...all);
  const entries = await entriesOf(left);
  expect(eventsIn(entries)).toEqual(all.map(({ id }) => id).sort());
  const receipts = second.receipts().filter(({ receipt }) => receipt.allowId === allowed.id);
  expect(new Set(receipts.map(({ id }) => id)).size).toBe(1);
  expect(await verifyStored(left, customer)).toMatchObject({ verdict: "OK" });
  expect([...opener.fatal, ...second.fatal]).toEqual([]);
}

test("H7: killed at any step of the append path, its successor makes the same chain whole", async () => {
  const bus = memoryBus({ subscriptions: own, now: () => startsAt });
  const left = memoryStore({ now: () => startsAt });
  const counted = mortalStore(left);
  const whole = await auditInProcess({ bus, store: counted.store, vaultKey });
  const before = counted.steps();
  await whole.tell(...story().all);
  const steps = counted.steps() - before;
  expect(steps).toBeGreaterThan(50);
  for (let step = 1; step <= steps; step += 1)
    for (const isApplied of [false, true]) await killedAt(step, isApplied);
});

/** Lets a process die at one step of a checkpoint, and its successor sign the next. */
async function killedWhileSigning(step: number, isApplied: boolean): Promise<void> {
  const clock = testClock(startsAt);
  const bus = memoryBus({ subscriptions: own, now: clock.now });
  const left = memoryStore({ now: clock.now });
  const shared = { bus, clock, vaultKey };
  const before = await auditInProcess({ ...shared, store: left });
  await before.tell(...story().all);
  bus.crash();
  const mortal = mortalStore(left, step, isApplied);
  const first = await auditInProcess({ ...shared, store: mortal.store, isOpen: false });
  void first.tick();
  await mortal.died;
  bus.crash();
  clock.advance(checkpointMs);
  const writer = { term: 2, instance: "successor" };
  const second = await auditInProcess({ ...shared, store: left, writer, isOpen: false });
  await second.bus.idle();
  clock.advance(checkpointMs);
  await second.tick();
  const { length } = await entriesOf(left);
  expect(await readCheckpoint(left, customer), `step ${step}`).toMatchObject({ size: length });
  expect(await verifyStored(left, customer, { now: clock.now() })).toMatchObject({
    verdict: "OK",
    report: { signedSize: length, unattested: 0 },
  });
  expect(second.fatal).toEqual([]);
}

test("L22: killed at any step of a checkpoint, its successor signs one that continues what was signed", async () => {
  const counted = mortalStore(memoryStore({ now: () => startsAt }));
  const clock = testClock(startsAt);
  const whole = await auditInProcess({ store: counted.store, clock, vaultKey });
  await whole.tell(...story().all);
  const before = counted.steps();
  await whole.tick();
  const steps = counted.steps() - before;
  expect(steps).toBeGreaterThan(20);
  for (let step = 1; step <= steps; step += 1)
    for (const isApplied of [false, true]) await killedWhileSigning(step, isApplied);
});
