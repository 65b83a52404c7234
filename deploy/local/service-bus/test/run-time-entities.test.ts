// Entities made at run time: what of them a restart keeps, when an idle one goes, and the operations
// on their messages that the SDK has inside and does not show.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceBusClient } from "@azure/service-bus";
import rhea from "rhea";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createBroker } from "../src/broker.ts";
import { describeQueue } from "../src/entities/descriptions.ts";
import { limits } from "../src/limits.ts";
import { startServiceBus } from "../src/server.ts";
import { openStore } from "../src/store/store.ts";
import { connect } from "./bus.ts";

const key = { name: "root", key: "local-test-key" };
const minutes = 60_000;
let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "bus-run-time-"));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(dataDir, { recursive: true });
});

async function start() {
  const server = await startServiceBus(
    { port: 0, dataDir, topics: [], keys: [{ ...key, manage: ["*"] }] },
    { log: () => undefined },
  );
  const client = connect(server.port, key);
  return {
    ...server,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

// The SDK has requests of this kind, but on an object that it does not show.
async function managementOf(client: ServiceBusClient, queue: string) {
  const management = Reflect.get(client, "_connectionContext").getManagementClient(queue);
  await management.initWithUniqueReplyTo();
  return management;
}

test("a restart keeps an entity made at run time, its messages and its duplicate window", async () => {
  {
    await using bus = await start();
    const described = { name: "orders", requiresDuplicateDetection: true, maxDeliveryCount: 7 };
    await bus.namespace.createQueue(describeQueue(described));
    await bus.client.createSender("orders").sendMessages({ body: "first", messageId: "1" });
  }
  await using bus = await start();
  expect(bus.namespace.queue("orders")).toMatchObject({ maxDeliveryCount: 7 });
  const sender = bus.client.createSender("orders");
  await sender.sendMessages({ body: "the first again", messageId: "1" });
  await sender.sendMessages({ body: "second", messageId: "2" });
  const receiver = bus.client.createReceiver("orders", { receiveMode: "receiveAndDelete" });
  const received = [
    ...(await receiver.receiveMessages(1)),
    ...(await receiver.receiveMessages(2, { maxWaitTimeInMs: 1_000 })),
  ];
  expect(received.map(({ body }) => body)).toEqual(["first", "second"]);
});

test("get-message-sessions lists the sessions that have messages, in pages", async () => {
  await using bus = await start();
  await bus.namespace.createQueue(describeQueue({ name: "orders", requiresSession: true }));
  const messages = ["a", "b", "c"].map((sessionId) => ({ body: "", sessionId }));
  await bus.client.createSender("orders").sendMessages(messages);
  const management = await managementOf(bus.client, "orders");
  expect(await management.listMessageSessions(0, 2, new Date(0))).toEqual(["a", "b"]);
  expect(await management.listMessageSessions(2, 2, new Date(0))).toEqual(["c"]);
  expect(await management.listMessageSessions(3, 2, new Date(0))).toEqual([]);
});

test("batch-delete-messages deletes the oldest, no more than asked and none that is locked", async () => {
  await using bus = await start();
  await bus.namespace.createQueue(describeQueue({ name: "orders" }));
  const sender = bus.client.createSender("orders");
  await sender.sendMessages([1, 2, 3, 4].map((body) => ({ body })));
  const receiver = bus.client.createReceiver("orders");
  const [locked] = await receiver.receiveMessages(1);
  expect(locked?.body).toBe(1);
  const management = await managementOf(bus.client, "orders");
  const { body } = await management.link.sendRequest({
    body: { "message-count": rhea.types.wrap_int(2), "enqueued-time-utc": new Date() },
    reply_to: management.replyTo,
    application_properties: { operation: "com.microsoft:batch-delete-messages" },
  });
  expect(body["message-count"]).toBe(2);
  const left = await receiver.peekMessages(5);
  expect(left.map((message) => message.body)).toEqual([1, 4]);
});

test("an entity that nobody uses goes when its time is over, and not before", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  let now = Date.now();
  const store = openStore({ dataDir, journalFile: undefined, onFailure: () => undefined });
  const broker = createBroker({ queues: [], topics: [] }, store, () => now);
  const idle = { name: "idle", autoDeleteOnIdleMs: 5 * minutes };
  await broker.namespace.createQueue(describeQueue(idle));
  await broker.namespace.createQueue(describeQueue({ name: "lasting" }));
  const swept = () => {
    vi.advanceTimersByTime(limits.sweepMs);
    return new Promise<void>((resolve) => store.afterCommit(resolve));
  };
  now += 4 * minutes;
  await swept();
  expect(broker.namespace.queue("idle")).toBeDefined();
  now += 2 * minutes;
  await swept();
  expect(broker.namespace.queues().map(({ name }) => name)).toEqual(["lasting"]);
  broker.stop();
  store.close();
});
