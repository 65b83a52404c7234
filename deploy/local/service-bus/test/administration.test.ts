// The administration API through Microsoft's unmodified client, over TLS on the one port.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusAdministrationClient } from "@azure/service-bus";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createAccess } from "../src/access.ts";
import { openFrontDoor } from "../src/front-door.ts";
import { createHttpServer } from "../src/http/http-server.ts";
import { createMetrics } from "../src/metrics.ts";
import type { Namespace } from "../src/namespace.ts";
import { ensureOwnCertificate } from "../src/own-certificate.ts";
import { mayWith } from "../src/rights.ts";
import { counts, createTestNamespace } from "./namespace.ts";

let certificate: { cert: string; key: string };
let folder: string;
let running: AsyncDisposable & { port: number };
let admin: ServiceBusAdministrationClient;

const everything = { send: ["*"], listen: ["*"], manage: ["*"] };
const keys = {
  root: everything,
  manager: { send: [], listen: [], manage: ["orders"] },
  worker: { send: ["*"], listen: ["*"], manage: [] },
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bus-admin-"));
  const { certFile, keyFile } = await ensureOwnCertificate(folder);
  certificate = { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  running = await start(createTestNamespace());
  admin = clientOf("root");
  return () => running[Symbol.asyncDispose]();
});

async function start(namespace: Namespace) {
  const access = createAccess({
    keys: new Map(
      Object.entries(keys).map(([name, rights]) => [
        name,
        { name, secret: () => `secret of ${name}`, may: mayWith(rights) },
      ]),
    ),
    entityKeys: (name) =>
      namespace.queue(name)?.authorizationRules ?? namespace.topic(name)?.authorizationRules ?? [],
    verifyJwt: undefined,
    isOpen: false,
  });
  const log = () => undefined;
  const http = createHttpServer({
    canWrite: async () => true,
    ...{ namespace, name: "local", access, log },
    clock: Date.now,
    metrics: createMetrics(),
    openMetrics: false,
  });
  const door = await openFrontDoor({
    ...{ host: "127.0.0.1", port: 0, tls: certificate, http, log },
    amqp: undefined,
  });
  return {
    port: door.port,
    async [Symbol.asyncDispose]() {
      const closed = door.close();
      door.cut();
      await closed;
    },
  };
}

function clientOf(name: string, secret = `secret of ${name}`): ServiceBusAdministrationClient {
  const endpoint = `Endpoint=sb://localhost:${running.port}`;
  return new ServiceBusAdministrationClient(
    `${endpoint};SharedAccessKeyName=${name};SharedAccessKey=${secret};UseDevelopmentEmulator=true;`,
    { tlsOptions: { ca: certificate.cert }, retryOptions: { maxRetries: 0 } },
  );
}

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

test("H1: without Manage nothing is read, created or deleted", async () => {
  await admin.createQueue("orders");
  const refused = { code: "UnauthorizedRequestError", statusCode: 401 };
  const strangers = [clientOf("worker"), clientOf("root", "guessed"), clientOf("nobody")];
  for (const stranger of strangers) {
    await expect(stranger.getQueue("orders")).rejects.toMatchObject(refused);
    await expect(stranger.createQueue("more")).rejects.toMatchObject(refused);
    await expect(stranger.deleteQueue("orders")).rejects.toMatchObject(refused);
    await expect(names(stranger.listQueues())).rejects.toMatchObject(refused);
    await expect(stranger.getNamespaceProperties()).rejects.toMatchObject(refused);
  }
  const manager = clientOf("manager");
  expect((await manager.getQueue("orders")).name).toBe("orders");
  await expect(manager.createQueue("others")).rejects.toMatchObject(refused);
  await expect(names(manager.listQueues())).rejects.toMatchObject(refused);
  expect(await names(admin.listQueues())).toEqual(["orders"]);
});

test("A2: a key of a queue manages that queue, with either secret, and nothing else", async () => {
  const rule = {
    claimType: "SharedAccessKey",
    accessRights: ["Manage", "Send", "Listen"] as ("Manage" | "Send" | "Listen")[],
    keyName: "owner",
    primaryKey: "the first secret",
    secondaryKey: "the second secret",
  };
  const queue = await admin.createQueue("orders", { authorizationRules: [rule] });
  expect(queue.authorizationRules).toEqual([rule]);
  await admin.createQueue("others");
  const refused = { code: "UnauthorizedRequestError" };
  for (const secret of [rule.primaryKey, rule.secondaryKey]) {
    const owner = clientOf("owner", secret);
    expect((await owner.getQueue("orders")).name).toBe("orders");
    await expect(owner.getQueue("others")).rejects.toMatchObject(refused);
    await expect(names(owner.listQueues())).rejects.toMatchObject(refused);
  }
  await expect(clientOf("owner", "no secret").getQueue("orders")).rejects.toMatchObject(refused);
});

test("H2: forwarding is answered as an address, and needs Manage on the destination", async () => {
  await admin.createQueue("all");
  await admin.createTopic("dead");
  const options = { forwardTo: "all", forwardDeadLetteredMessagesTo: "dead" };
  const queue = await admin.createQueue("orders", options);
  expect(queue.forwardTo).toBe(`sb://localhost:${running.port}/all`);
  expect(queue.forwardDeadLetteredMessagesTo).toBe(`sb://localhost:${running.port}/dead`);
  expect(await admin.updateQueue(queue)).toMatchObject({ forwardTo: queue.forwardTo });
  await expect(clientOf("manager").updateQueue(queue)).rejects.toMatchObject({
    code: "UnauthorizedRequestError",
  });
});

test("health is told to everyone, a body beyond the limit is not read", async () => {
  const ask = (path: string, body?: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const url = `https://localhost:${running.port}${path}`;
      const token = Buffer.from("root:secret of root").toString("base64");
      const request = https.request(
        url,
        {
          ca: certificate.cert,
          method: body === undefined ? "GET" : "PUT",
          headers: { authorization: `Basic ${token}` },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      request.on("error", reject);
      request.end(body);
    });
  expect(await ask("/healthz")).toBe(200);
  expect(await ask("/orders", "<entry/>")).toBe(400);
  expect(await ask("/orders", `<!DOCTYPE x><entry/>`)).toBe(400);
  expect(await ask("/orders", "x".repeat(300_000))).toBe(413);
  expect(await ask("/%E0%A4%A")).toBe(404);
});

test("a policy of the client's own makes it speak plain http, without any certificate", async () => {
  const connectionString =
    `Endpoint=sb://127.0.0.1:${running.port};SharedAccessKeyName=root;` +
    "SharedAccessKey=secret of root;UseDevelopmentEmulator=true;";
  const client = new ServiceBusAdministrationClient(connectionString);
  client.pipeline.addPolicy({
    name: "inTheOpen",
    sendRequest(request, next) {
      request.url = request.url.replace(/^https:/, "http:");
      request.allowInsecureConnection = true;
      return next(request);
    },
  });
  await client.createQueue("orders", { forwardDeadLetteredMessagesTo: "orders" });
  expect(await names(client.listQueues())).toEqual(["orders"]);
});

test("metrics tell what waits where, to those who may manage", async () => {
  await admin.createQueue("orders");
  await admin.createTopic("events");
  await admin.createSubscription("events", "audit");
  const read = (authorization: string) =>
    fetch(`http://127.0.0.1:${running.port}/metrics`, { headers: { authorization } });
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  const refused = ["", basic("root:guessed"), basic("worker:secret of worker"), "Bearer x.y.z"];
  for (const authorization of refused) expect((await read(authorization)).status).toBe(401);
  const answer = await read(basic("root:secret of root"));
  expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  expect(text).toContain('servicebus_messages{entity="orders",state="active"} 3\n');
  expect(text).toContain('servicebus_messages{entity="orders",state="dead_lettered"} 2\n');
  const entity = "events/Subscriptions/audit";
  expect(text).toContain(`servicebus_messages{entity="${entity}",state="scheduled"} 1\n`);
  expect(text).toContain(`servicebus_entity_bytes{entity="${entity}"} 4096\n`);
});

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of list) found.push(one);
  return found;
}

async function names(list: AsyncIterable<{ name: string }>): Promise<string[]> {
  return (await all(list)).map(({ name }) => name);
}
