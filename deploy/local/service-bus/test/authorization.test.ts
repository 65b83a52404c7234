// Rights through the real client: every key may do what the configuration gives it, and no more.

import { createHmac } from "node:crypto";
import { ServiceBusClient } from "@azure/service-bus";
import { expect, test } from "vitest";
import { configOf, startBus } from "./bus.ts";

const sender = { name: "sender", key: "key-of-the-sender" };
const listener = { name: "listener", key: "key-of-the-listener" };
const stranger = { name: "stranger", key: "key-of-the-stranger" };

const start = () =>
  startBus([{ name: "mine" }, { name: "other" }], {
    topics: [
      ...configOf([{ name: "mine" }, { name: "other" }]).topics,
      { name: "elsewhere", subscriptions: [] },
    ],
    keys: [
      { ...sender, send: ["events"], listen: [] },
      { ...listener, send: [], listen: ["events/mine"] },
      { ...stranger, send: [], listen: [] },
    ],
  });
// The SDK tries again after a refusal; once is enough here.
const once = { maxRetries: 0 };
const unauthorized = { code: "UnauthorizedAccess" };

test("C2: the Send right is for sending and scheduling on its topic", async () => {
  await using bus = await start();
  const client = bus.client(sender, once);
  await client.createSender("events").sendMessages({ body: "" });
  const at = new Date(Date.now() + 60_000);
  await client.createSender("events").scheduleMessages({ body: "" }, at);
});

test("C2: the Listen right is for receiving and managing its subscription", async () => {
  await using bus = await start();
  await bus.client(sender, once).createSender("events").sendMessages({ body: "for me" });
  const receiver = bus.client(listener, once).createReceiver("events", "mine");
  expect(await receiver.peekMessages(1)).toHaveLength(1);
  const [message] = await receiver.receiveMessages(1);
  await receiver.deadLetterMessage(message!);
  const dead = bus
    .client(listener)
    .createReceiver("events", "mine", { subQueueType: "deadLetter" });
  expect(await dead.receiveMessages(1)).toHaveLength(1);
});

test("C2: the Send right does not receive, peek, or send to another topic", async () => {
  await using bus = await start();
  const client = bus.client(sender, once);
  const receiver = client.createReceiver("events", "mine");
  await expect(receiver.receiveMessages(1)).rejects.toMatchObject(unauthorized);
  await expect(receiver.peekMessages(1)).rejects.toMatchObject(unauthorized);
  const elsewhere = client.createSender("elsewhere");
  await expect(elsewhere.sendMessages({ body: "" })).rejects.toMatchObject(unauthorized);
});

test("C2: the Listen right does not send, schedule, or read another subscription", async () => {
  await using bus = await start();
  const client = bus.client(listener, once);
  const topic = client.createSender("events");
  await expect(topic.sendMessages({ body: "" })).rejects.toMatchObject(unauthorized);
  const at = new Date(Date.now() + 60_000);
  await expect(topic.scheduleMessages({ body: "" }, at)).rejects.toMatchObject(unauthorized);
  const other = client.createReceiver("events", "other");
  await expect(other.receiveMessages(1)).rejects.toMatchObject(unauthorized);
  const dead = client.createReceiver("events", "other", { subQueueType: "deadLetter" });
  await expect(dead.receiveMessages(1)).rejects.toMatchObject(unauthorized);
});

test("S1: a wrong key, an unknown name and a key without rights are refused", async () => {
  await using bus = await start();
  for (const key of [{ ...sender, key: "guessed" }, { ...sender, name: "nobody" }, stranger]) {
    const sending = bus.client(key, once).createSender("events").sendMessages({ body: "" });
    await expect(sending).rejects.toMatchObject(unauthorized);
  }
});

test("S2, S3: a token is refused when it has expired or is for another resource", async () => {
  await using bus = await start();
  const soon = Math.floor(Date.now() / 1000) + 60;
  const send = async (path: string, expiry: number, key = sender) => {
    await using client = withToken(bus.server.port, path, expiry, key);
    await client.sender.sendMessages({ body: "" });
  };
  await send("events", soon);
  await send("", soon); // The whole namespace includes the topic.
  await expect(send("events", soon - 120)).rejects.toMatchObject(unauthorized);
  await expect(send("elsewhere", soon)).rejects.toMatchObject(unauthorized);
  await expect(send("event", soon)).rejects.toMatchObject(unauthorized);
  await expect(send("events/Subscriptions/mine", soon)).rejects.toMatchObject(unauthorized);
});

test("C1: a link is closed when its token expires", async () => {
  await using bus = await start();
  const expiry = Math.ceil(Date.now() / 1000) + 1;
  await using client = withToken(bus.server.port, "events", expiry, sender);
  await client.sender.sendMessages({ body: "" });
  await expect
    .poll(() => client.sender.sendMessages({ body: "" }).catch(({ code }) => code), {
      timeout: 4_000,
    })
    .toBe("UnauthorizedAccess");
});

test("an entity that does not exist is reported as such", async () => {
  await using bus = await start();
  const client = bus.client(sender, once);
  const missing = { code: "MessagingEntityNotFound" };
  await expect(client.createSender("nothing").sendMessages({ body: "" })).rejects.toMatchObject(
    missing,
  );
  const receiver = client.createReceiver("events", "nobody");
  await expect(receiver.receiveMessages(1)).rejects.toMatchObject(missing);
});

// A client that presents one ready-made token, made here from its documented form.
function withToken(port: number, path: string, expiry: number, key: { name: string; key: string }) {
  const resource = encodeURIComponent(`sb://127.0.0.1:${port}/${path}`);
  const signature = createHmac("sha256", key.key).update(`${resource}\n${expiry}`).digest("base64");
  const token = `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=${key.name}`;
  const client = new ServiceBusClient(
    `Endpoint=sb://127.0.0.1:${port};SharedAccessSignature=${token};UseDevelopmentEmulator=true;`,
    { retryOptions: { ...once, timeoutInMs: 5_000 } },
  );
  return {
    sender: client.createSender("events"),
    [Symbol.asyncDispose]: () => client.close(),
  };
}
