// One connection string for both clients of the SDK, on the bus proper: what one creates, the other
// uses, and the counts of the one are the messages of the other.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusAdministrationClient, ServiceBusClient } from "@azure/service-bus";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ensureOwnCertificate } from "../src/own-certificate.ts";
import { type ServiceBus, startServiceBus } from "../src/server.ts";

let folder: string;
let tls: { certFile: string; keyFile: string };
let bus: ServiceBus;
let client: ServiceBusClient;
let admin: ServiceBusAdministrationClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bus-one-string-"));
  tls = await ensureOwnCertificate(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const connectionString = (name: string, key: string) =>
  `Endpoint=sb://localhost:${bus.port};SharedAccessKeyName=${name};SharedAccessKey=${key};` +
  "UseDevelopmentEmulator=true;";

const retryOptions = { maxRetries: 0, timeoutInMs: 5_000 };

beforeEach(async () => {
  const keys = [{ name: "root", key: "the root secret", manage: ["*"] }];
  bus = await startServiceBus({ port: 0, topics: [], keys, tls }, { log: () => undefined });
  client = new ServiceBusClient(connectionString("root", "the root secret"), { retryOptions });
  admin = new ServiceBusAdministrationClient(connectionString("root", "the root secret"), {
    tlsOptions: { ca: readFileSync(tls.certFile, "utf8") },
    retryOptions,
  });
  return async () => {
    await client.close();
    await bus.close();
  };
});

test("a queue is created, used, counted and deleted", async () => {
  await admin.createQueue("orders", { maxDeliveryCount: 1 });
  const sender = client.createSender("orders");
  await sender.sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
  await sender.scheduleMessages({ body: 4 }, new Date(Date.now() + 60_000));
  const receiver = client.createReceiver("orders");
  const [first] = await receiver.receiveMessages(1);
  await receiver.deadLetterMessage(first!);
  expect(await admin.getQueueRuntimeProperties("orders")).toMatchObject({
    activeMessageCount: 2,
    deadLetterMessageCount: 1,
    scheduledMessageCount: 1,
    totalMessageCount: 4,
  });
  await admin.deleteQueue("orders");
  const again = client.createSender("orders");
  await expect(again.sendMessages({ body: 5 })).rejects.toMatchObject({
    code: "MessagingEntityNotFound",
  });
});

test("senders at work when their queue is deleted hear that it is gone, not of a time-out", async () => {
  await admin.createQueue("orders");
  const sender = client.createSender("orders");
  await sender.sendMessages({ body: "first" });
  const untilRefused = async (): Promise<unknown> => {
    for (;;) {
      try {
        await sender.sendMessages({ body: "more" });
      } catch (error) {
        return error;
      }
    }
  };
  const all = Array.from({ length: 20 }, untilRefused);
  await admin.deleteQueue("orders");
  for (const error of await Promise.all(all)) {
    expect(error).toMatchObject({ code: "MessagingEntityNotFound" });
  }
});

test("a subscription's rules choose what it gets", async () => {
  await admin.createTopic("events");
  await admin.createSubscription("events", "big", {
    defaultRuleOptions: { name: "big", filter: { sqlExpression: "amount > 10" } },
  });
  const messages = [5, 50].map((amount) => ({ body: amount, applicationProperties: { amount } }));
  await client.createSender("events").sendMessages(messages);
  const runtime = await admin.getSubscriptionRuntimeProperties("events", "big");
  expect(runtime.activeMessageCount).toBe(1);
  const [received] = await client.createReceiver("events", "big").receiveMessages(1);
  expect(received?.body).toBe(50);
});

test("what breaks a rule of the service is refused, and nothing of it stays", async () => {
  await admin.createQueue("orders");
  const invalid = { code: "ServiceError", statusCode: 400 };
  const existing = await admin.getQueue("orders");
  await expect(admin.updateQueue({ ...existing, requiresSession: true })).rejects.toMatchObject(
    invalid,
  );
  await expect(admin.createQueue("slow", { lockDuration: "PT6M" })).rejects.toMatchObject(invalid);
  expect(await admin.queueExists("slow")).toBe(false);
  await admin.createTopic("events");
  await admin.createSubscription("events", "all");
  const wrong = { sqlExpression: "amount >>> 10" };
  await expect(admin.createRule("events", "all", "bad", wrong)).rejects.toMatchObject(invalid);
  expect(bus.namespace.rules("events", "all").map(({ name }) => name)).toEqual(["$Default"]);
});

test("A2: a key of a queue sends to that queue and to no other", async () => {
  const authorizationRules = [
    {
      claimType: "SharedAccessKey",
      accessRights: ["Send"] as "Send"[],
      keyName: "shop",
      primaryKey: "the shop's secret",
      secondaryKey: "its other secret",
    },
  ];
  await admin.createQueue("orders", { authorizationRules });
  await admin.createQueue("others");
  const shop = new ServiceBusClient(connectionString("shop", "its other secret"), { retryOptions });
  await shop.createSender("orders").sendMessages({ body: "an order" });
  const unauthorized = { code: "UnauthorizedAccess" };
  await expect(shop.createSender("others").sendMessages({ body: "" })).rejects.toMatchObject(
    unauthorized,
  );
  await expect(shop.createReceiver("orders").receiveMessages(1)).rejects.toMatchObject(
    unauthorized,
  );
  await shop.close();
});
