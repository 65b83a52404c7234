// Queues, forwarding, duplicates and quotas through the real client, on entities made while running.

import { delay, type ServiceBusClient } from "@azure/service-bus";
import { expect, test } from "vitest";
import {
  defaultRule,
  describeQueue,
  describeSubscription,
  describeTopic,
  type QueueDescription,
} from "../src/entities/descriptions.ts";
import { startServiceBus } from "../src/server.ts";
import { connect } from "./bus.ts";

const key = { name: "all", key: "local-test-key" };

async function start(queues: readonly (Partial<QueueDescription> & { name: string })[]) {
  const server = await startServiceBus({
    port: 0,
    topics: [],
    keys: [{ ...key, send: ["*"], listen: ["*"], manage: ["*"] }],
  });
  for (const queue of queues) await server.namespace.createQueue(describeQueue(queue));
  const clients: ServiceBusClient[] = [];
  return {
    ...server,
    client() {
      const client = connect(server.port, key);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await server.close();
    },
  };
}

/** The code with which the SDK gave up, after the tries that it makes by itself. */
async function refusalOf(sending: Promise<void>): Promise<unknown> {
  const error = await sending.then(
    () => undefined,
    (refused) => refused,
  );
  return (error?.errors?.at(-1) ?? error)?.code;
}

const bodies = (messages: readonly { body: unknown }[]) => messages.map(({ body }) => body);

test("a queue takes, gives, schedules and dead-letters messages", async () => {
  await using bus = await start([{ name: "folder/work" }]);
  const client = bus.client();
  const sender = client.createSender("folder/work");
  await sender.sendMessages([{ body: 1 }, { body: 2 }]);
  const receiver = client.createReceiver("folder/work");
  const [first, second] = await receiver.receiveMessages(2);
  await receiver.completeMessage(first!);
  await receiver.deadLetterMessage(second!, {
    deadLetterReason: "bad",
    deadLetterErrorDescription: "",
  });
  const dead = client.createReceiver("folder/work", { subQueueType: "deadLetter" });
  expect(await dead.peekMessages(5)).toMatchObject([{ body: 2, deadLetterReason: "bad" }]);
  const [number] = await sender.scheduleMessages({ body: 3 }, new Date(Date.now() + 60_000));
  expect(bus.namespace.queueRuntime("folder/work").counts).toMatchObject({
    active: 0,
    deadLettered: 1,
    scheduled: 1,
  });
  expect(await receiver.peekMessages(5)).toMatchObject([{ body: 3, state: "scheduled" }]);
  await sender.cancelScheduledMessages(number!);
  expect(await receiver.peekMessages(5)).toEqual([]);
});

test("a queue with sessions refuses a message without one", async () => {
  await using bus = await start([{ name: "work", requiresSession: true }]);
  const sender = bus.client().createSender("work");
  await expect(sender.sendMessages({ body: "" })).rejects.toThrow(/SessionId was not set/);
  await sender.sendMessages({ body: "", sessionId: "s" });
  expect(bus.namespace.queueRuntime("work").counts.active).toBe(1);
});

test("a second message with the same id inside the window is accepted and dropped", async () => {
  const duplicateDetectionHistoryTimeWindowMs = 400;
  await using bus = await start([
    { name: "once", requiresDuplicateDetection: true, duplicateDetectionHistoryTimeWindowMs },
  ]);
  const client = bus.client();
  const sender = client.createSender("once");
  await sender.sendMessages([
    { body: 1, messageId: "m" },
    { body: 2, messageId: "m" },
  ]);
  await sender.sendMessages({ body: 3, messageId: "m" });
  expect(bus.namespace.queueRuntime("once").counts.active).toBe(1);
  await delay(500);
  await sender.sendMessages({ body: 4, messageId: "m" });
  expect(bodies(await client.createReceiver("once").peekMessages(5))).toEqual([1, 4]);
});

test("messages and dead letters are forwarded, and what cannot be is kept with the reason", async () => {
  await using bus = await start([{ name: "target" }, { name: "graveyard" }]);
  const { namespace } = bus;
  await namespace.createTopic(describeTopic({ name: "events" }));
  await namespace.createSubscription(
    describeSubscription({ topicName: "events", name: "all", forwardTo: "target" }),
    [defaultRule],
  );
  await namespace.updateQueue(
    describeQueue({ name: "target", forwardDeadLetteredMessagesTo: "graveyard" }),
  );
  const client = bus.client();
  await client.createSender("events").sendMessages([{ body: "kept" }, { body: "bad" }]);
  const receiver = client.createReceiver("target");
  const [kept, bad] = await receiver.receiveMessages(2);
  expect(kept?.body).toBe("kept");
  await receiver.deadLetterMessage(bad!, {
    deadLetterReason: "rotten",
    deadLetterErrorDescription: "",
  });
  const graves = client.createReceiver("graveyard");
  const [grave] = await graves.receiveMessages(1, { maxWaitTimeInMs: 2_000 });
  expect(grave).toMatchObject({ body: "bad", deadLetterReason: "rotten" });
  expect(grave).toMatchObject({ deadLetterSource: "target" });
  await namespace.updateQueue(describeQueue({ name: "target", status: "disabled" }));
  await client.createSender("events").sendMessages({ body: "lost?" });
  const stuck = client.createReceiver("events", "all", { subQueueType: "transferDeadLetter" });
  expect(await stuck.peekMessages(5)).toMatchObject([
    { body: "lost?", deadLetterReason: "MessagingEntityDisabled" },
  ]);
});

test("forwarding that leads back, nowhere or out of a queue with sessions is refused", async () => {
  await using bus = await start([{ name: "a" }, { name: "b", forwardTo: "a" }]);
  const receiver = bus.client().createReceiver("b");
  await expect(receiver.receiveMessages(1)).rejects.toThrow(/it forwards to "a"/);
  const { namespace } = bus;
  const update = (given: Partial<QueueDescription>) =>
    namespace.updateQueue(describeQueue({ name: "a", ...given }));
  await expect(update({ forwardTo: "b" })).rejects.toMatchObject({ code: "invalid" });
  await expect(update({ forwardTo: "nowhere" })).rejects.toMatchObject({ code: "invalid" });
  const sessions = describeQueue({ name: "c", requiresSession: true, forwardTo: "a" });
  await expect(namespace.createQueue(sessions)).rejects.toMatchObject({ code: "invalid" });
});

test("what waited in a queue is forwarded when its owner says so; a fifth hop is not made", async () => {
  const names = ["h0", "h1", "h2", "h3", "h4", "h5"];
  await using bus = await start(names.map((name) => ({ name })));
  const client = bus.client();
  await client.createSender("h0").sendMessages([{ body: 1 }, { body: 2 }]);
  for (const at of [4, 3, 2, 1, 0]) {
    const forwardTo = names[at + 1];
    await bus.namespace.updateQueue(describeQueue({ name: names[at]!, forwardTo }));
  }
  const stuck = client.createReceiver("h4", { subQueueType: "transferDeadLetter" });
  const messages = await stuck.receiveMessages(2, { maxWaitTimeInMs: 2_000 });
  expect(messages.map(({ deadLetterReason }) => deadLetterReason)).toEqual([
    "MaxTransferHopCountExceeded",
    "MaxTransferHopCountExceeded",
  ]);
});

test("B1: deleting or disabling an entity ends its links, and a full one refuses more", async () => {
  await using bus = await start([{ name: "gone" }, { name: "small", maxSizeInMegabytes: 1 }]);
  const client = bus.client();
  const sender = client.createSender("gone");
  await sender.sendMessages({ body: 1 });
  await bus.namespace.deleteQueue("gone");
  expect(await refusalOf(sender.sendMessages({ body: 2 }))).toBe("MessagingEntityNotFound");
  const small = client.createSender("small");
  const fill = async () => {
    for (let each = 0; each < 12; each += 1) {
      await small.sendMessages({ body: Buffer.alloc(100_000) });
    }
  };
  await expect(fill()).rejects.toMatchObject({ code: "QuotaExceeded" });
  await bus.namespace.updateQueue(describeQueue({ name: "small", status: "sendDisabled" }));
  expect(await refusalOf(small.sendMessages({ body: 1 }))).toBe("MessagingEntityDisabled");
  expect(await client.createReceiver("small").receiveMessages(1)).toHaveLength(1);
});
