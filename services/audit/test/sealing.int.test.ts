// The audit service whole, in this process: what it seals, answers and survives.

import { setTimeout } from "node:timers/promises";
import { parkedMaxMs, receiptMs } from "@niivo/contracts/audit";
import { Entry } from "@niivo/contracts/evidence";
import { judgeReceipt } from "@niivo/contracts/receipt";
import { subscriptions } from "@niivo/contracts/topology";
import { memoryBus } from "@niivo/host/memory-bus";
import { memoryStore } from "@niivo/host/memory-store";
import { testClock } from "@niivo/host/testing/in-process";
import { describe, expect, test } from "vitest";
import { readEntries } from "../src/stored-chain.ts";
import { approvedStory } from "../src/testing/approved-story.ts";
import { type AuditInProcess, auditInProcess } from "../src/testing/audit-in-process.ts";
import { testVaultKey } from "../src/testing/endorsed.ts";
import { customer, people, permutations, startsAt, story } from "../src/testing/story.ts";
import { verifyStored } from "../src/verify-stored.ts";

const own = subscriptions.filter(({ reader }) => reader === "audit");

const entriesOf = async ({ store }: Pick<AuditInProcess, "store">, of = customer) =>
  (await readEntries(store, of, { from: 0, limit: 500 })).map(({ bytes }) =>
    Entry.parse(JSON.parse(bytes)),
  );
const typesOf = async (audit: Pick<AuditInProcess, "store">, of = customer) =>
  (await entriesOf(audit, of)).map(({ type }) => type);

/** Whether this is not over after a moment that is long for what could be done at once. */
const stillWaiting = (one: Promise<void>): Promise<boolean> =>
  Promise.race([one.then(() => false), setTimeout(100, true)]);

/** Tells a story to its end, as the broker would: with the receipt as the cause of the start. */
async function tellAll(audit: AuditInProcess, one = story()): Promise<void> {
  await audit.tell(...one.all);
  const found = audit.receipts().find(({ receipt }) => receipt.allowId === one.allowed.id);
  if (found === undefined) throw new Error("no receipt came");
  const started = one.started(found.id, found.receipt);
  await audit.tell(started, one.completed, one.resolved);
}

test("a story becomes one chain that is in order, with causes first", async () => {
  const audit = await auditInProcess();
  await tellAll(audit);
  expect(await typesOf(audit)).toEqual([
    "chain.genesis",
    "sealing-key.announced",
    "ticket.opened.v1",
    "action.requested.v1",
    "facts.requested.v1",
    "facts.attested.v1",
    "action.allowed.v1",
    "credential.access.v1",
    "action.started.v1",
    "action.completed.v1",
    "ticket.resolved.v1",
  ]);
  expect(await verifyStored(audit.store, customer)).toMatchObject({ verdict: "OK" });
  expect(audit.fatal).toEqual([]);
});

test("L6: in whatever order the topics deliver it, it is the same chain", async () => {
  const { all } = story();
  const inOrder = all.map(({ id }) => id);
  const orders = permutations(all).filter((_, index) => index % 29 === 0);
  for (const order of orders) {
    const audit = await auditInProcess();
    for (const event of order) await audit.tell(event);
    const sealed = (await entriesOf(audit)).flatMap(({ event }) => event?.id ?? []);
    expect(sealed).toEqual(inOrder);
    expect(audit.receipts()).toHaveLength(1);
    expect((await verifyStored(audit.store, customer))?.verdict).toBe("OK");
  }
});

test("every cut of the same chain in the store is found", async () => {
  const audit = await auditInProcess();
  await tellAll(audit);
  const rows = await audit.store.list(customer, { prefix: "entry:", limit: 100 });
  const newest = rows.at(-1)?.id ?? "";
  await audit.store.commit(customer, [{ kind: "delete", id: newest }]);
  expect(await verifyStored(audit.store, customer)).toMatchObject({
    verdict: "INCOMPLETE",
    report: {
      findings: expect.arrayContaining([
        expect.objectContaining({ code: "TRUNCATED", from: rows.length - 1 }),
      ]),
    },
  });
  for (const { id } of rows) await audit.store.commit(customer, [{ kind: "delete", id }]);
  expect(await verifyStored(audit.store, customer)).toMatchObject({
    verdict: "BROKEN",
    report: { entries: 0, exitCode: 50, verdicts: { integrity: "NOT_JUDGED" } },
  });
});

describe("receipts", () => {
  test("L12: an allow is answered by a receipt that the vault key vouches for", async () => {
    const audit = await auditInProcess();
    const { all, allowed, ticket } = story();
    await audit.tell(...all);
    const [{ receipt } = { receipt: undefined }] = audit.receipts();
    const entry = (await entriesOf(audit)).find(({ event }) => event?.id === allowed.id);
    expect(receipt).toMatchObject({ audience: "broker", allowId: allowed.id, seq: entry?.seq });
    expect(receipt && judgeReceipt(receipt, [audit.vaultKey], startsAt)).toBe("valid");
    const late = new Date(startsAt.getTime() + receiptMs);
    expect(receipt && judgeReceipt(receipt, [audit.vaultKey], late)).toBe("expired");
    expect(
      audit.bus.stored("audit").find(({ type }) => type === "receipt.issued.v1"),
    ).toMatchObject({ ticket, customer });
  });

  test("each receipt has random bits of its own, which no other has and no message knew", async () => {
    const audit = await auditInProcess();
    const [one, two] = [story("one"), story("two")];
    await audit.tell(...one.all, ...two.all);
    const nonces = audit.receipts().map(({ receipt }) => receipt.nonce);
    expect(nonces).toHaveLength(2);
    expect(new Set(nonces).size).toBe(2);
    for (const nonce of nonces)
      expect(JSON.stringify([...one.all, ...two.all])).not.toContain(nonce);
  });

  test("a redelivered allow is answered by the same receipt", async () => {
    const audit = await auditInProcess();
    const { all, allowed } = story();
    await audit.tell(...all);
    await audit.tell(allowed);
    const ids = new Set(audit.receipts().map(({ id }) => id));
    expect(ids.size).toBe(1);
    expect(await typesOf(audit)).toHaveLength(8);
  });

  test("an allow that waited is answered when it is sealed, under its own ticket", async () => {
    const audit = await auditInProcess();
    const { opened, requested, allowed, ticket } = story();
    await audit.tell(opened, requested, allowed);
    expect(audit.receipts()).toEqual([]);
    audit.clock.advance(parkedMaxMs);
    await audit.bus.idle();
    expect((await entriesOf(audit)).at(-1)).toMatchObject({ gap: { cause: true, missing: 1 } });
    const [found] = audit.receipts();
    expect(found && judgeReceipt(found.receipt, [audit.vaultKey], audit.clock.now())).toBe("valid");
    expect(audit.bus.stored("audit").at(-1)).toMatchObject({ ticket });
  });

  test("a denied action is sealed and has no receipt", async () => {
    const audit = await auditInProcess();
    const { opened, requested } = story();
    await audit.tell(opened, requested);
    expect(audit.receipts()).toEqual([]);
  });

  test.each([
    ["", [people.boss]],
    ["who is written in capitals ", [people.boss.toUpperCase()]],
  ])("L16: what a person %sgranted is answered by a receipt", async (_, grantedBy) => {
    const audit = await auditInProcess();
    const { all, allowed } = approvedStory("approved", customer, grantedBy);
    for (const event of all) await audit.tell(event);
    expect(audit.receipts()).toMatchObject([{ receipt: { allowId: allowed.id } }]);
  });

  test.each([
    ["that nobody requested", story().allowed, [story().opened]],
    ["that nobody granted", approvedStory("one").allowed, [story().opened, story().requested]],
  ])("L16: an allow %s is sealed and has no receipt", async (_, allow, before) => {
    const audit = await auditInProcess();
    const forged = { ...allow, causationid: story().opened.id, subject: "forged", sequence: 1 };
    await audit.tell(...before);
    await audit.tell(forged);
    expect((await entriesOf(audit)).at(-1)).toMatchObject({
      type: "action.allowed.v1",
      outcome: "receipt-withheld",
    });
    expect(audit.receipts()).toEqual([]);
    await audit.tell(forged);
    expect(audit.receipts()).toEqual([]);
  });

  test("L16: a grant on policy's topic never enters a chain, and is told", async () => {
    const audit = await auditInProcess();
    const { opened, requested, granted, allowed } = approvedStory();
    await audit.tell(opened, requested);
    const forged = { ...granted, source: "policy", causationid: opened.id };
    audit.bus.inject("policy/audit", { body: Buffer.from(JSON.stringify(forged)) });
    await audit.tell({ ...allowed, causationid: opened.id, subject: "forged", sequence: 1 });
    expect(audit.receipts()).toEqual([]);
    expect(audit.bus.deadLetters("policy/audit")).toMatchObject([{ reason: "unknown-type" }]);
  });
});

describe("other processes and interrupted ones", () => {
  test("L4: a successor goes on where the first one ended, and says so", async () => {
    const shared = { bus: memoryBus({ subscriptions: own }), store: memoryStore() };
    const vaultKey = testVaultKey();
    const { opened, requested } = story();
    const first = await auditInProcess({ ...shared, vaultKey });
    await first.tell(opened);
    first.bus.crash();
    const writer = { term: 2, instance: "two" };
    const second = await auditInProcess({ ...shared, vaultKey, writer });
    await second.tell(requested);
    expect((await typesOf(second)).slice(3)).toEqual([
      "writer.takeover",
      "sealing-key.announced",
      "action.requested.v1",
    ]);
    expect((await verifyStored(second.store, customer))?.verdict).toBe("OK");
  });

  test("L38: killed again and again while a cause is on its way, it seals no gap", async () => {
    const clock = testClock(startsAt);
    const shared = { bus: memoryBus({ subscriptions: own, now: clock.now }), store: memoryStore() };
    const common = { ...shared, clock, vaultKey: testVaultKey() };
    const { opened, requested } = story();
    const first = await auditInProcess(common);
    await first.tell(requested);
    let last = first;
    for (let term = 2; term <= 5; term += 1) {
      last.bus.crash();
      clock.advance(parkedMaxMs - 10_000);
      last = await auditInProcess({ ...common, writer: { term, instance: `writer ${term}` } });
      clock.advance(9_000);
      await last.bus.idle();
    }
    await last.tell(opened);
    const entries = await entriesOf(last);
    expect(entries.filter(({ gap }) => gap !== undefined)).toEqual([]);
    expect(entries.flatMap(({ event }) => event?.id ?? [])).toEqual([opened.id, requested.id]);
    expect((await verifyStored(last.store, customer))?.verdict).toBe("OK");
  });

  test.each(["lost", "lost-but-applied"] as const)(
    "L5: commits whose answers are %s seal everything once, with one receipt",
    async (fault) => {
      let commits = 0;
      const clock = testClock(startsAt);
      const store = memoryStore({
        now: clock.now,
        fault: () => {
          commits += 1;
          return commits % 2 === 0 ? fault : "none";
        },
      });
      const audit = await auditInProcess({ store, clock, holdMs: 60_000 });
      await tellAll(audit);
      expect(await typesOf(audit)).toHaveLength(11);
      expect(new Set(audit.receipts().map(({ id }) => id)).size).toBe(1);
      expect((await verifyStored(store, customer))?.verdict).toBe("OK");
    },
  );

  test("two processes that seal at once make one chain", async () => {
    const shared = { store: memoryStore(), vaultKey: testVaultKey() };
    const one = await auditInProcess({ ...shared });
    const two = await auditInProcess({ ...shared, writer: { term: 1, instance: "two" } });
    await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        (index % 2 === 0 ? one : two).tell(...story(`parallel ${index}`).all),
      ),
    );
    const sealed = (await entriesOf(one)).filter(({ event }) => event !== undefined);
    expect(sealed).toHaveLength(36);
    expect((await verifyStored(shared.store, customer))?.verdict).toBe("OK");
  });
});

test("a burst of a hundred messages is sealed in batches that every store takes", async () => {
  const audit = await auditInProcess();
  const stories = Array.from({ length: 17 }, (_, index) => story(`burst ${index}`));
  await audit.tell(...stories.flatMap(({ all }) => all));
  expect(audit.receipts()).toHaveLength(17);
  expect(audit.bus.deadLetters("policy/audit")).toEqual([]);
  expect((await verifyStored(audit.store, customer))?.verdict).toBe("OK");
});

test("L13: a customer that nobody configured gets no chain; its message is set aside, and told", async () => {
  const audit = await auditInProcess();
  const opened = audit.bus.stored("audit").length;
  await audit.tell(story("stray", "northwind").opened);
  expect(await audit.store.list("northwind", { prefix: "", limit: 10 })).toEqual([]);
  expect(audit.bus.deadLetters("tickets/audit")).toHaveLength(1);
  expect(audit.bus.stored("audit").slice(opened)).toMatchObject([
    { type: "message.dead-lettered.v1", customer: "platform" },
  ]);
  expect((await entriesOf(audit, "platform")).at(-1)).toMatchObject({
    event: { source: "audit", key: "dead-letters", sequence: 1 },
    type: "message.dead-lettered.v1",
    actor: "service:audit",
    detail: { topic: "tickets", subscription: "audit", messageType: "ticket.opened.v1" },
    outcome: "decide-threw",
  });
});

test("R10: what audit set aside of a customer's is an entry of that customer's chain", async () => {
  const audit = await auditInProcess();
  const letters = ["one", "two"].map((note) => ({ ...story().opened, note }));
  for (const letter of letters)
    audit.bus.inject("tickets/audit", { body: Buffer.from(JSON.stringify(letter)) });
  await audit.bus.idle();
  const told = (await entriesOf(audit)).filter(({ type }) => type === "message.dead-lettered.v1");
  expect(told).toMatchObject([
    { event: { source: "audit", sequence: 1 }, outcome: "invalid-schema" },
    { event: { source: "audit", sequence: 2 }, outcome: "invalid-schema" },
  ]);
  expect(await verifyStored(audit.store, customer)).toMatchObject({ verdict: "OK" });
});

describe("L17: a chain begins with chain.open alone", () => {
  const beginning = ["chain.genesis", "sealing-key.announced"];

  test("every configured customer and the platform have one from the start", async () => {
    const audit = await auditInProcess();
    for (const of of [customer, "fabrikam", "platform"])
      expect(await typesOf(audit, of)).toEqual(beginning);
  });

  test("another start seals nothing, not even that another process is there", async () => {
    const shared = { store: memoryStore(), vaultKey: testVaultKey() };
    await auditInProcess(shared);
    const clock = testClock(new Date(startsAt.getTime() + 1000));
    const second = await auditInProcess({
      ...shared,
      clock,
      writer: { term: 1, instance: "two" },
    });
    expect(await typesOf(second)).toEqual(beginning);
    expect((await verifyStored(second.store, customer))?.verdict).toBe("OK");
  });

  test("a message that comes before it waits, and is sealed after it", async () => {
    const audit = await auditInProcess({ isOpen: false, holdMs: 60_000 });
    const { opened, requested } = story();
    const early = audit.tell(opened, requested);
    expect(await stillWaiting(early)).toBe(true);
    expect(await audit.store.list(customer, { prefix: "", limit: 10 })).toEqual([]);
    await Promise.all([early, audit.open()]);
    expect(await typesOf(audit)).toEqual([...beginning, "ticket.opened.v1", "action.requested.v1"]);
    expect(audit.bus.deadLetters("tickets/audit")).toEqual([]);
  });

  test("it does not stand behind the many messages that wait for it", async () => {
    const audit = await auditInProcess({ isOpen: false, holdMs: 60_000 });
    const many = Array.from({ length: 100 }, (_, index) => story(`early ${index}`).opened);
    const early = audit.tell(...many);
    expect(await stillWaiting(early)).toBe(true);
    await Promise.all([early, audit.open()]);
    expect(await typesOf(audit)).toHaveLength(102);
  });

  test("a message whose chain is never opened is kept by the bus, and makes none", async () => {
    const audit = await auditInProcess({ isOpen: false, holdMs: 50 });
    await audit.tell(story().opened);
    expect(await audit.store.list(customer, { prefix: "", limit: 10 })).toEqual([]);
    expect(audit.bus.waiting("tickets/audit")).toBe(1);
    expect(audit.bus.deadLetters("tickets/audit")).toEqual([]);
  });
});

test("R12: each customer has a chain of its own", async () => {
  const audit = await auditInProcess();
  await audit.tell(story().opened, story("one", "fabrikam").opened);
  const [ours] = await entriesOf(audit);
  const [theirs] = await entriesOf(audit, "fabrikam");
  expect(ours?.chain).not.toBe(theirs?.chain);
});
