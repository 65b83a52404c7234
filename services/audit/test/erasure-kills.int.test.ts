// A process that dies at any step of an erasure: what it left never lacks a value without a reason, and its successor
// ends the work.

import { Entry } from "@niivo/contracts/evidence";
import { controlIn, controlTypes, Erasure, rangesIn } from "@niivo/contracts/evidence/control";
import { subscriptions } from "@niivo/contracts/topology";
import { memoryBus } from "@niivo/host/memory-bus";
import { memoryStore } from "@niivo/host/memory-store";
import type { Store } from "@niivo/host/store";
import { testClock } from "@niivo/host/testing/in-process";
import { expect, test } from "vitest";
import { planErasure, pseudonymOf } from "../src/erase-plan.ts";
import { personId } from "../src/rows.ts";
import { SealedEvent } from "../src/sealed-event.ts";
import { readEntries } from "../src/stored-chain.ts";
import { readValue } from "../src/stored-value.ts";
import { type AuditInProcess, auditInProcess } from "../src/testing/audit-in-process.ts";
import { testVaultKey } from "../src/testing/endorsed.ts";
import { mortalStore } from "../src/testing/mortal-store.ts";
import { customer, people, startsAt, story } from "../src/testing/story.ts";
import { wrappingKey } from "../src/testing/wrapping.ts";
import { valueKeys } from "../src/value-keys.ts";
import { verifyStored } from "../src/verify-stored.ts";

const own = subscriptions.filter(({ reader }) => reader === "audit");
const vaultKey = testVaultKey();
const { all, access, resolved } = story();
const told = [...all, SealedEvent.parse({ ...resolved, causationid: access.id })];
const erasure = "0b5a8f6e-2f43-4a52-9d3c-5a1f6e7d8c90";

/** The command that the door sends. */
async function order({ host, store }: Pick<AuditInProcess, "host" | "store">): Promise<void> {
  const pseudonym = (await pseudonymOf(store, customer, people.anna)) ?? "";
  const { size, tickets, entries } = await planErasure(store, customer, pseudonym);
  const part = { erasure, part: 1, parts: 1 };
  const asked = {
    person: people.anna,
    pseudonym,
    by: people.boss,
    ground: "request-of-the-person",
  };
  // Planned before the last entry but one, so that the turn has something to add.
  const planned = { size: size - 2, tickets, entries: [`${entries[0]}-${size - 3}`] };
  await host.send({
    id: erasure,
    type: "erasure.request.v1",
    data: { ...part, ...asked, ...planned },
    customer,
    subject: customer,
  });
}

/** Entries whose value is missing, and those that an entry says are erased. */
async function judged(store: Store, keyStore: Store) {
  const parts = { store, keys: valueKeys(keyStore, wrappingKey) };
  const found = await readEntries(store, customer, { from: 0, limit: 500 });
  const entries = found.map(({ bytes }) => Entry.parse(JSON.parse(bytes)));
  const missing: number[] = [];
  for (const entry of entries)
    if ((await readValue(parts, customer, entry))?.kind === "missing") missing.push(entry.seq);
  const erased = entries.flatMap((entry) => {
    const ranges = rangesIn(controlIn(entry, controlTypes.erasure, Erasure)?.entries ?? "");
    return ranges.flatMap(([from, to]) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index),
    );
  });
  const confirmed = entries.filter(({ type }) => type === "erasure.confirmed.v1");
  return { missing, erased, confirmed };
}

async function begun() {
  const clock = testClock(startsAt);
  const bus = memoryBus({ subscriptions: own, now: clock.now });
  const left = memoryStore({ now: clock.now });
  const keyStore = memoryStore();
  const shared = { bus, clock, vaultKey, keyStore };
  const before = await auditInProcess({ ...shared, store: left });
  await before.tell(...told);
  await order(before);
  bus.crash();
  return { bus, left, shared };
}

async function killedAt(step: number, isApplied: boolean): Promise<void> {
  const { bus, left, shared } = await begun();
  const mortal = mortalStore(left, step, isApplied);
  const first = await auditInProcess({ ...shared, store: mortal.store, isOpen: false });
  void first.bus.idle();
  await mortal.died;
  bus.crash();
  const { missing, erased } = await judged(left, shared.keyStore);
  expect(missing.filter((seq) => !erased.includes(seq))).toEqual([]); // L28
  const second = await auditInProcess({ ...shared, store: left, isOpen: false });
  await second.bus.idle();
  const after = await judged(left, shared.keyStore);
  expect(after.missing).toEqual(after.erased);
  expect(after.missing).toHaveLength(told.length);
  expect(after.confirmed).toHaveLength(1);
  expect(after.confirmed[0]?.detail).toMatchObject({ documents: told.length });
  expect(await left.read(customer, personId(people.anna))).toBeUndefined();
  expect(await verifyStored(left, customer)).toMatchObject({
    verdict: "OK",
    report: { verdicts: { privacy: "ERASED" } },
  });
  expect(second.fatal).toEqual([]);
}

test("L28: killed at any step of an erasure, no value is missing without an entry, and its successor ends it", async () => {
  const { left, shared } = await begun();
  const counted = mortalStore(left);
  const whole = await auditInProcess({ ...shared, store: counted.store, isOpen: false });
  await whole.bus.idle();
  expect((await judged(left, shared.keyStore)).missing).toHaveLength(told.length);
  const steps = counted.steps();
  expect(steps).toBeGreaterThan(30);
  for (let step = 1; step <= steps; step += 1)
    for (const isApplied of [false, true]) await killedAt(step, isApplied);
});
