// Walks the topology: every event has a reader, every command is its sender's own, every filter can match,
// and one identity sends to each topic.

import { expect, test } from "vitest";
import { parkedMaxMs } from "../src/audit.ts";
import { inboxHorizonMs, type TopicContract, type TopicName } from "../src/envelope.ts";
import {
  identities,
  isErasures,
  lockMs,
  modeOf,
  pathOf,
  publishers,
  retentionDays,
  schemasOf,
  subscriptions,
  topics,
} from "../src/topology.ts";

const contracts: readonly TopicContract[] = Object.values(topics);

test("R1: every topic has one publisher, and no two topics share it", () => {
  expect(Object.keys(publishers)).toEqual(Object.keys(topics));
  expect(new Set(Object.values(publishers)).size).toBe(Object.keys(topics).length);
  expect(new Set(Object.values(publishers))).toEqual(new Set(identities));
});

test("every subscription reads types that its topic's publisher can send, and reads some", () => {
  for (const subscription of subscriptions) {
    expect(Object.keys(schemasOf(subscription)), pathOf(subscription)).toEqual(subscription.types);
    expect(subscription.types.length, pathOf(subscription)).toBeGreaterThan(0);
  }
});

test("no two subscriptions share a path", () => {
  expect(new Set(subscriptions.map(pathOf)).size).toBe(subscriptions.length);
});

// They follow from the chain: sealing them would call for the next, and an order to erase is in it already.
const notSealed: ReadonlySet<string> = new Set([
  "receipt.issued.v1",
  "checkpoint.signed.v1",
  "erasure.ordered.v1",
]);

test("every event is heard by audit, except the receipts, checkpoints and orders it gives", () => {
  for (const { topic, events } of contracts) {
    const audit = subscriptions.find((one) => one.topic === topic && one.name === "audit");
    const heard = audit?.types.filter((type) => type in events);
    expect(heard).toEqual(Object.keys(events).filter((type) => !notSealed.has(type)));
  }
});

test("every receipt and every checkpoint has a reader", () => {
  expect(readersOf("audit", "receipt.issued.v1")).toEqual(["broker"]);
  expect(readersOf("audit", "checkpoint.signed.v1")).toEqual(["audit"]);
});

test("every command is read by its own publisher, once, and by nobody else", () => {
  for (const { topic, commands } of contracts) {
    for (const type of Object.keys(commands)) {
      expect(readersOf(topic, type), `${topic} ${type}`).toEqual([publishers[topic]]);
    }
  }
});

test("sessions stand where people are heard or told something, and nowhere between machines", () => {
  const between = new Set(["agent", "policy", "broker"]);
  const told = subscriptions.filter(({ sessions }) => sessions);
  for (const one of subscriptions) {
    const isMachines = between.has(one.topic) && between.has(one.reader);
    if (isMachines || one.reader === "audit") expect(one.sessions, pathOf(one)).toBe(false);
  }
  expect(new Set(told.map(({ reader }) => reader))).toEqual(
    new Set(["intake", "agent", "policy", "approvals", "links"]),
  );
});

test("every store's retention is longer than any message can come, and audit's at least a year", () => {
  const horizonDays = inboxHorizonMs / (24 * 60 * 60 * 1000);
  expect(Object.keys(retentionDays).toSorted()).toEqual([...identities].toSorted());
  for (const [identity, days] of Object.entries(retentionDays))
    expect(days, identity).toBeGreaterThan(2 * horizonDays);
  expect(retentionDays.audit).toBeGreaterThanOrEqual(365);
});

test("every identity hears the orders to erase", () => {
  const hearing = subscriptions.filter(isErasures).map(({ reader }) => reader);
  expect(hearing.toSorted()).toEqual([...identities].toSorted());
});

test("a mode filter stands only on types that carry a mode", () => {
  for (const { mode, types } of subscriptions) {
    if (mode === undefined) continue;
    for (const type of types) expect(modeOf(type, { requestedBy: mode, mode })).toBe(mode);
  }
});

test("an event's envelope has a sequence and a command's has none", () => {
  const shapeOf = (schema: object) => Object.keys((schema as { shape: object }).shape);
  for (const { events, commands } of contracts) {
    for (const schema of Object.values(events)) expect(shapeOf(schema)).toContain("sequence");
    for (const schema of Object.values(commands)) expect(shapeOf(schema)).not.toContain("sequence");
  }
});

test("audit waits for a cause longer than the locks of a process that was killed", () => {
  expect(parkedMaxMs).toBeGreaterThan(2 * lockMs);
});

function readersOf(topic: TopicName, type: string): readonly string[] {
  return subscriptions
    .filter((one) => one.topic === topic && one.types.includes(type))
    .map(({ reader }) => reader);
}
