// The administration API through Microsoft's unmodified client, over TLS on the one port.

import type { ServiceBusAdministrationClient } from "@azure/service-bus";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type AdminServer,
  all,
  createCertificate,
  names,
  startAdminServer,
} from "./admin-server.ts";
import { counts } from "./namespace.ts";

let certificate: Awaited<ReturnType<typeof createCertificate>>;
let running: AdminServer;
let admin: ServiceBusAdministrationClient;

beforeAll(async () => {
  certificate = await createCertificate();
});
afterAll(() => certificate.remove());

beforeEach(async () => {
  running = await startAdminServer(certificate);
  admin = running.clientOf("root");
  return () => running[Symbol.asyncDispose]();
});

test("a queue is created with every property, read back, listed, updated and deleted", async () => {
  const asked = {
    lockDuration: "PT30S",
    maxSizeInMegabytes: 2048,
    requiresDuplicateDetection: true,
    requiresSession: true,
    defaultMessageTimeToLive: "P1DT2H3M4.5S",
    deadLetteringOnMessageExpiration: true,
    duplicateDetectionHistoryTimeWindow: "PT20M",
    maxDeliveryCount: 7,
    enableBatchedOperations: false,
    status: "SendDisabled" as const,
    userMetadata: 'for <people> & "machines"',
    autoDeleteOnIdle: "PT1H",
    enableExpress: false,
    enablePartitioning: false,
    maxMessageSizeInKilobytes: 512,
  };
  const { _response, ...created } = await admin.createQueue("Team/orders", asked);
  expect(_response.status).toBe(201);
  expect(created).toMatchObject({ name: "Team/orders", ...asked, availabilityStatus: "Available" });
  const { _response: readResponse, ...read } = await admin.getQueue("team/ORDERS");
  expect(readResponse.status).toBe(200);
  expect(read).toEqual(created);
  const updated = await admin.updateQueue({
    ...read,
    _response,
    maxDeliveryCount: 9,
    status: "Active",
  });
  expect(updated).toMatchObject({ ...asked, maxDeliveryCount: 9, status: "Active" });
  expect(await names(admin.listQueues())).toEqual(["Team/orders"]);
  expect(await admin.queueExists("team/orders")).toBe(true);
  await admin.deleteQueue("Team/orders");
  expect(await admin.queueExists("Team/orders")).toBe(false);
});

test("what is not given gets the service's defaults", async () => {
  const queue = await admin.createQueue("plain");
  expect(queue).toMatchObject({
    lockDuration: "PT1M",
    maxDeliveryCount: 10,
    defaultMessageTimeToLive: "P10675199DT2H48M5.4775807S",
    autoDeleteOnIdle: "P10675199DT2H48M5.4775807S",
    duplicateDetectionHistoryTimeWindow: "PT10M",
    requiresSession: false,
    status: "Active",
  });
  expect(queue.forwardTo).toBeUndefined();
  expect(queue.authorizationRules).toBeUndefined();
});

test("a topic, a subscription and its rules live the same life", async () => {
  await admin.createTopic("events", { supportOrdering: false, userMetadata: "all of it" });
  expect(await admin.getTopic("events")).toMatchObject({ name: "events", supportOrdering: false });
  const subscription = await admin.createSubscription("events", "audit", {
    lockDuration: "PT5S",
    maxDeliveryCount: 3,
    deadLetteringOnFilterEvaluationExceptions: false,
  });
  expect(subscription).toMatchObject({
    topicName: "events",
    subscriptionName: "audit",
    lockDuration: "PT5S",
    deadLetteringOnFilterEvaluationExceptions: false,
  });
  const [rule] = await all(admin.listRules("events", "audit"));
  expect(rule).toMatchObject({ name: "$Default", filter: { sqlExpression: "1=1" } });
  await admin.deleteRule("events", "audit", "$Default");
  expect(await all(admin.listRules("events", "audit"))).toEqual([]);
  await admin.updateSubscription({ ...subscription, maxDeliveryCount: 4 });
  expect((await admin.getSubscription("events", "audit")).maxDeliveryCount).toBe(4);
  expect((await admin.getTopicRuntimeProperties("events")).subscriptionCount).toBe(1);
  await admin.deleteSubscription("events", "audit");
  expect(await admin.subscriptionExists("events", "audit")).toBe(false);
  await admin.deleteTopic("events");
  expect(await admin.topicExists("events")).toBe(false);
});

test("rules keep the types of their values", async () => {
  await admin.createTopic("events");
  await admin.createSubscription("events", "audit", {
    defaultRuleOptions: { name: "first", filter: { subject: "only this" } },
  });
  const at = new Date("2026-03-04T05:06:07.000Z");
  const values = { text: " spaced ", number: 2.5, yes: true, at };
  const correlation = {
    correlationId: "c",
    subject: "s",
    to: "t",
    replyTo: "r",
    replyToSessionId: "rs",
    sessionId: "si",
    messageId: "m",
    contentType: "ct",
    applicationProperties: values,
  };
  await admin.createRule("events", "audit", "by properties", correlation);
  const sql = { sqlExpression: " amount > @least AND a <> 'x' ", sqlParameters: { "@least": 10 } };
  const action = { sqlExpression: "SET seen = TRUE" };
  await admin.createRule("events", "audit", "by sql", sql, action);
  const rules = await all(admin.listRules("events", "audit"));
  expect(rules.map(({ name }) => name)).toEqual(["by%20properties", "by%20sql", "first"]);
  expect((await admin.getRule("events", "audit", "by properties")).filter).toEqual(correlation);
  const read = await admin.getRule("events", "audit", "by sql");
  expect(read).toMatchObject({ filter: sql, action });
  const changed = { ...read, name: "by sql", filter: { sqlExpression: "1=0" } };
  expect(await admin.updateRule("events", "audit", changed)).toMatchObject({
    filter: { sqlExpression: "1=0" },
  });
});

test("counts, size and times are the namespace's own", async () => {
  await admin.createQueue("orders");
  expect(await admin.getQueueRuntimeProperties("orders")).toMatchObject({
    name: "orders",
    activeMessageCount: counts.active,
    deadLetterMessageCount: counts.deadLettered,
    scheduledMessageCount: counts.scheduled,
    totalMessageCount: 6,
    sizeInBytes: 4096,
    createdAt: new Date("2026-01-01"),
    modifiedAt: new Date("2026-01-02"),
    accessedAt: new Date("2026-01-03"),
  });
  await admin.createTopic("events");
  await admin.createSubscription("events", "audit");
  const runtime = await admin.getSubscriptionRuntimeProperties("events", "audit");
  expect(runtime).toMatchObject({ activeMessageCount: 3, totalMessageCount: 6 });
  expect(await admin.getNamespaceProperties()).toMatchObject({
    name: "local",
    messagingSku: "Premium",
    messagingUnits: 1,
  });
});

test("lists come in pages of at most a hundred, and as small as asked", async () => {
  const wanted = Array.from({ length: 103 }, (_, index) => `q${String(index).padStart(3, "0")}`);
  await Promise.all(wanted.map((name) => admin.createQueue(name)));
  expect(await names(admin.listQueues())).toEqual(wanted);
  const sizes: number[] = [];
  for await (const page of admin.listQueues().byPage({ maxPageSize: 40 })) sizes.push(page.length);
  expect(sizes).toEqual([40, 40, 23]);
  expect(await names(admin.listTopics())).toEqual([]);
});

test("refusals are the errors that the client knows", async () => {
  await admin.createQueue("orders");
  const conflict = { code: "MessageEntityAlreadyExistsError", statusCode: 409 };
  await expect(admin.createQueue("ORDERS")).rejects.toMatchObject(conflict);
  await expect(
    admin.createTopic("gone").then(() => admin.createQueue("gone")),
  ).rejects.toMatchObject(conflict);
  const missing = { code: "MessageEntityNotFoundError", statusCode: 404 };
  await expect(admin.getQueue("nothing")).rejects.toMatchObject(missing);
  await expect(admin.deleteQueue("nothing")).rejects.toMatchObject(missing);
  await expect(admin.createSubscription("nothing", "s")).rejects.toMatchObject(missing);
  await expect(all(admin.listRules("nothing", "s"))).rejects.toMatchObject(missing);
  const orders = await admin.getQueue("orders");
  await expect(admin.updateQueue({ ...orders, name: "nothing" })).rejects.toMatchObject(missing);
  const invalid = { code: "ServiceError", statusCode: 400 };
  await expect(admin.updateQueue({ ...orders, requiresSession: true })).rejects.toMatchObject(
    invalid,
  );
  await expect(admin.createQueue("odd", { lockDuration: "a minute" })).rejects.toMatchObject({
    ...invalid,
    message: expect.stringContaining("LockDuration"),
  });
  const tooMany = admin.listQueues().byPage({ maxPageSize: 101 });
  await expect(all(tooMany)).rejects.toMatchObject(invalid);
});
