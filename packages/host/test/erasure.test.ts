// Erasure by an order: what a service has of a ticket is gone, it says so once, and nothing brings it back.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Sweep } from "../src/erasure.ts";
import { memoryBus } from "../src/memory-bus.ts";
import { memoryStore } from "../src/memory-store.ts";
import { sqliteStore } from "../src/sqlite-store.ts";
import { StoreError } from "../src/store.ts";
import { testClock } from "../src/testing/in-process.ts";
import { customer, poisonStep, raw, startsAt, stepDue, ticketOf } from "./counting.ts";
import { all, confirmations, erasureId, order, send, serving, start } from "./erasing.ts";

const keyDocument = async (service: ReturnType<typeof start>, key: string) =>
  (await service.store.read(customer, `key:${key}`))?.body;

test("F1: a service deletes the state of the ordered tickets, then confirms it with the count", async () => {
  const service = start();
  await send(service.bus, stepDue("a", 1), stepDue("a", 2), stepDue("b", 1));
  await service.bus.idle();
  await send(service.bus, order("e", [ticketOf("a"), ticketOf("never")]));
  await service.bus.idle();
  expect(confirmations(service.bus)).toMatchObject([
    {
      ...{ source: "agent", customer, subject: `erasure:${erasureId("e")}`, sequence: 1 },
      causationid: order("e", []).id,
      data: { erasure: erasureId("e"), part: 1, states: 1, deadLetters: 0 },
    },
  ]);
  expect(await keyDocument(service, ticketOf("a"))).toMatchObject({
    ...{ sequence: 2, state: null, erased: erasureId("e") }, // F4
  });
  expect(await keyDocument(service, ticketOf("b"))).toMatchObject({ state: { steps: [1] } });
  await service.drain();
});

test("F3: a message that comes later is refused, told of, and kept nowhere", async () => {
  const service = start();
  await send(service.bus, stepDue("a", 1), order("e", [ticketOf("a"), ticketOf("never")]));
  await service.bus.idle();
  const before = await keyDocument(service, ticketOf("a"));
  await send(service.bus, stepDue("a", 2), stepDue("never", 1));
  await service.bus.idle();
  expect(await keyDocument(service, ticketOf("a"))).toEqual(before);
  expect(service.bus.deadLetters("agent/agent")).toEqual([]);
  expect(service.bus.waiting("agent/agent")).toBe(0);
  const told = service.bus.stored("agent").filter(({ type }) => type.startsWith("message.dead"));
  expect(told).toMatchObject([{ data: { code: "erased" } }, { data: { code: "erased" } }]);
  await service.drain();
});

test("F3: every key of a ticket is found, and no new one comes up", async () => {
  const key = (step: number, ticket: string) => `${ticket}.${step}`;
  const service = start(serving(undefined, key));
  await send(service.bus, stepDue("a", 1), stepDue("a", 2), stepDue("b", 1));
  await service.bus.idle();
  await send(service.bus, order("e", [ticketOf("a")]));
  await service.bus.idle();
  expect(confirmations(service.bus)).toMatchObject([{ data: { states: 2 } }]);
  await send(service.bus, stepDue("a", 3));
  await service.bus.idle();
  expect(await keyDocument(service, `${ticketOf("a")}.3`)).toBeUndefined();
  expect(await keyDocument(service, `${ticketOf("b")}.1`)).toMatchObject({ state: { steps: [1] } });
  await service.drain();
});

test("a letter set aside that names the ticket is told of and deleted; another's stays", async () => {
  const service = start();
  await send(service.bus, stepDue("a", poisonStep), stepDue("b", poisonStep));
  service.bus.inject("agent/agent", raw({ ...stepDue("a", 2), extra: "planted" }, "m"));
  await service.bus.idle();
  expect(service.bus.deadLetters("agent/agent")).toHaveLength(3);
  await send(service.bus, order("e", [ticketOf("a")]));
  await service.bus.idle();
  expect(service.bus.deadLetters("agent/agent")).toMatchObject([
    { messageId: stepDue("b", poisonStep).id },
  ]);
  expect(confirmations(service.bus)).toMatchObject([{ data: { deadLetters: 2 } }]);
  await service.drain();
});

test("a redelivered order publishes the first confirmation again, with its counts", async () => {
  const clock = testClock(startsAt);
  let isLost = true;
  const bus = memoryBus({
    subscriptions: all,
    now: clock.now,
    // The first completion is lost: the bus delivers the order again.
    completeFault: ({ type }) => (type === "erasure.ordered.v1" && isLost ? "lost" : "none"),
  });
  const service = start({ bus, clock });
  await send(bus, stepDue("a", 1), order("e", [ticketOf("a")]));
  await bus.idle();
  isLost = false;
  bus.expireLocks();
  await bus.idle();
  expect(new Set(confirmations(bus).map(({ id }) => id)).size).toBe(1);
  expect(confirmations(bus)[0]).toMatchObject({ data: { states: 1 } });
  expect(bus.waiting("audit/agent-erasures")).toBe(0);
  await service.drain();
});

/** Dies at one commit, before or after it was applied; a second process takes over. */
async function killedAt(commit: number, fault: "lost" | "lost-but-applied") {
  const clock = testClock(startsAt);
  const bus = memoryBus({ subscriptions: all, now: clock.now });
  let commits = 0;
  let isErasing = false;
  const store = memoryStore({
    now: clock.now,
    fault: () => {
      if (!isErasing) return "none";
      commits += 1;
      if (commits !== commit) return commits > commit ? "lost" : "none";
      bus.crash();
      return fault;
    },
  });
  const sweep: Sweep = async (_, { forget }) => {
    await forget(["note:1", "note:2"]);
    return { documents: 0 };
  };
  await store.commit(customer, [
    { kind: "create", id: "note:1", body: {} },
    { kind: "create", id: "note:2", body: {} },
  ]);
  const first = start({ ...serving(sweep), bus, store, clock, holdMs: 1 });
  await send(bus, stepDue("a", 1), stepDue("b", poisonStep));
  await bus.idle();
  await first.host.store.read(customer, "note:1");
  isErasing = true;
  await send(bus, order("e", [ticketOf("a"), ticketOf("b")]));
  await bus.idle();
  const isOver = commits < commit;
  isErasing = false;
  await first.drain();
  const second = start({ ...serving(sweep), bus, store, clock });
  bus.expireLocks();
  await bus.idle();
  await second.drain();
  return { isOver, data: confirmations(bus).map(({ data }) => data), store };
}

test("F2: killed at any commit, the order is carried out and confirmed once, with the whole count", async () => {
  for (const fault of ["lost", "lost-but-applied"] as const) {
    for (let commit = 1; ; commit++) {
      const { isOver, data, store } = await killedAt(commit, fault);
      const counts = { states: 1, documents: 2, deadLetters: 1 };
      const expected = { erasure: erasureId("e"), part: 1, ...counts };
      for (const one of data) expect(one, `${fault} ${commit}`).toEqual(expected);
      expect(data.length, `${fault} ${commit}`).toBeGreaterThan(0);
      expect(await store.list(customer, { prefix: "note:", limit: 1 })).toEqual([]);
      if (isOver) break;
    }
  }
});

test("F1: nothing is confirmed while a service cannot delete what it has", async () => {
  let isAway = true;
  const sweep: Sweep = async () => {
    if (isAway) throw new StoreError("unavailable", "away");
    return { documents: 3 };
  };
  const service = start({ ...serving(sweep), holdMs: 1 });
  await send(service.bus, order("e", [ticketOf("a")]));
  await service.bus.idle();
  expect(confirmations(service.bus)).toEqual([]);
  expect(service.bus.deadLetters("audit/agent-erasures")).toEqual([]);
  isAway = false;
  service.bus.expireLocks();
  await service.bus.idle();
  expect(confirmations(service.bus)).toMatchObject([{ data: { documents: 3 } }]);
  await service.drain();
});

test("H1: what was decided and is not known to be published is published before it is forgotten", async () => {
  const clock = testClock(startsAt);
  let isAway = false;
  const bus = memoryBus({
    subscriptions: all,
    now: clock.now,
    publishFault: ([one]) =>
      isAway && one?.envelope.type === "ticket.waiting.v1" ? "lost" : "none",
  });
  const service = start({ bus, clock, holdMs: 1 });
  isAway = true;
  await send(bus, stepDue("a", 1));
  await bus.idle();
  const waiting = () => bus.stored("agent").filter(({ type }) => type === "ticket.waiting.v1");
  expect(waiting()).toEqual([]);
  isAway = false;
  await send(bus, order("e", [ticketOf("a")]));
  await bus.idle();
  expect(waiting()).toHaveLength(1);
  const inbox = await service.store.list(customer, { prefix: "inbox:agent:", limit: 10 });
  expect(inbox).toMatchObject([{ body: { published: true, outputs: [] } }]);
  bus.expireLocks();
  await bus.idle();
  expect(waiting()).toHaveLength(1);
  await service.drain();
});

test("F5: what was deleted stands in no file of the store", async () => {
  const folder = mkdtempSync(join(tmpdir(), "niivo-erasure-"));
  const store = sqliteStore(join(folder, "agent.sqlite"));
  const bytes = () => readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  const isThere = (text: string) => bytes().some((content) => content.includes(text));
  const planted = `pink-flamingo-${"x".repeat(3000)}`;
  const ids = Array.from({ length: 40 }, (_, index) => `note:${index}`);
  for (const id of ids) await store.commit(customer, [{ kind: "create", id, body: { planted } }]);
  await store.commit(customer, [{ kind: "upsert", id: "kept", body: "grey-goose" }]);
  const sweep: Sweep = async (_, { forget }) => {
    await forget(ids);
    return { documents: 0 };
  };
  const service = start({ ...serving(sweep), store });
  expect(isThere("pink-flamingo")).toBe(true);
  await send(service.bus, order("e", [ticketOf("a")]));
  await service.bus.idle();
  expect(confirmations(service.bus)).toMatchObject([{ data: { documents: ids.length } }]);
  expect(isThere("pink-flamingo")).toBe(false);
  expect(isThere("grey-goose")).toBe(true);
  await service.drain();
  rmSync(folder, { recursive: true });
});

test("a key of a ticket is forgotten when nothing came for its retention, and any other is kept", async () => {
  const clock = testClock(startsAt);
  const bus = memoryBus({ subscriptions: all, now: clock.now });
  const service = start({ bus, clock });
  await send(bus, stepDue("a", 1), stepDue("b", poisonStep));
  await bus.idle();
  const dayMs = 24 * 60 * 60 * 1000;
  clock.advance(89 * dayMs);
  expect(await keyDocument(service, ticketOf("a"))).toBeDefined();
  clock.advance(2 * dayMs);
  expect(await keyDocument(service, ticketOf("a"))).toBeUndefined();
  expect(await keyDocument(service, "dead-letters")).toBeDefined();
  await service.drain();
});
