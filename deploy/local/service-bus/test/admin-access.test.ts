// Who may use the administration API, health and metrics, and by which transport.

import https from "node:https";
import { ServiceBusAdministrationClient } from "@azure/service-bus";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type AdminServer, createCertificate, names, startAdminServer } from "./admin-server.ts";

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

test("H1: without Manage nothing is read, created or deleted", async () => {
  await admin.createQueue("orders");
  const refused = { code: "UnauthorizedRequestError", statusCode: 401 };
  const strangers = [
    running.clientOf("worker"),
    running.clientOf("root", "guessed"),
    running.clientOf("nobody"),
  ];
  for (const stranger of strangers) {
    await expect(stranger.getQueue("orders")).rejects.toMatchObject(refused);
    await expect(stranger.createQueue("more")).rejects.toMatchObject(refused);
    await expect(stranger.deleteQueue("orders")).rejects.toMatchObject(refused);
    await expect(names(stranger.listQueues())).rejects.toMatchObject(refused);
    await expect(stranger.getNamespaceProperties()).rejects.toMatchObject(refused);
  }
  const manager = running.clientOf("manager");
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
    const owner = running.clientOf("owner", secret);
    expect((await owner.getQueue("orders")).name).toBe("orders");
    await expect(owner.getQueue("others")).rejects.toMatchObject(refused);
    await expect(names(owner.listQueues())).rejects.toMatchObject(refused);
  }
  await expect(running.clientOf("owner", "no secret").getQueue("orders")).rejects.toMatchObject(
    refused,
  );
});

test("H2: forwarding is answered as an address, and needs Manage on the destination", async () => {
  await admin.createQueue("all");
  await admin.createTopic("dead");
  const options = { forwardTo: "all", forwardDeadLetteredMessagesTo: "dead" };
  const queue = await admin.createQueue("orders", options);
  expect(queue.forwardTo).toBe(`sb://localhost:${running.port}/all`);
  expect(queue.forwardDeadLetteredMessagesTo).toBe(`sb://localhost:${running.port}/dead`);
  expect(await admin.updateQueue(queue)).toMatchObject({ forwardTo: queue.forwardTo });
  await expect(running.clientOf("manager").updateQueue(queue)).rejects.toMatchObject({
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
          ca: running.ca,
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
