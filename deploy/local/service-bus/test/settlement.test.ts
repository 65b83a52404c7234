// Settlement through the real client: each outcome, and what happens when a lock is lost.

import type { ServiceBusReceivedMessage, ServiceBusReceiver } from "@azure/service-bus";
import { expect, test } from "vitest";
import { startBus } from "./bus.ts";

async function receiveOne(receiver: ServiceBusReceiver): Promise<ServiceBusReceivedMessage> {
  const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 3_000 });
  if (message === undefined) throw new Error("nothing was received");
  return message;
}

test("an abandoned message comes back with its count raised and its properties changed", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client();
  const applicationProperties = { type: "t", tries: 0 };
  await client.createSender("events").sendMessages({ body: "again", applicationProperties });
  const receiver = client.createReceiver("events", "plain");
  const first = await receiveOne(receiver);
  expect(first.deliveryCount).toBe(0);
  await receiver.abandonMessage(first, { tries: 1, why: "busy" });
  const second = await receiveOne(receiver);
  expect(second).toMatchObject({
    body: "again",
    deliveryCount: 1,
    applicationProperties: { type: "t", tries: 1, why: "busy" },
  });
  expect(second.sequenceNumber).toEqual(first.sequenceNumber);
});

test("a dead-lettered message is found in the dead-letter queue with its reason", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client();
  await client.createSender("events").sendMessages({ body: "bad", subject: "s" });
  const receiver = client.createReceiver("events", "plain");
  await receiver.deadLetterMessage(await receiveOne(receiver), {
    deadLetterReason: "unreadable",
    deadLetterErrorDescription: "field x is missing",
    code: 7,
  });
  expect(await receiver.peekMessages(1)).toEqual([]);
  const dead = client.createReceiver("events", "plain", { subQueueType: "deadLetter" });
  const letter = await receiveOne(dead);
  expect(letter).toMatchObject({
    body: "bad",
    subject: "s",
    deadLetterReason: "unreadable",
    deadLetterErrorDescription: "field x is missing",
    deadLetterSource: "events/Subscriptions/plain",
    applicationProperties: { code: 7 },
  });
  await dead.completeMessage(letter);
  expect(await dead.peekMessages(1)).toEqual([]);
});

test("Q4: a message that fails maxDeliveryCount times becomes a dead letter", async () => {
  await using bus = await startBus([{ name: "plain", maxDeliveryCount: 3 }]);
  const client = bus.client();
  await client.createSender("events").sendMessages({ body: "poison" });
  const receiver = client.createReceiver("events", "plain");
  for (const deliveryCount of [0, 1, 2]) {
    const message = await receiveOne(receiver);
    expect(message.deliveryCount).toBe(deliveryCount);
    await receiver.abandonMessage(message);
  }
  const dead = client.createReceiver("events", "plain", { subQueueType: "deadLetter" });
  expect(await receiveOne(dead)).toMatchObject({
    body: "poison",
    deliveryCount: 3,
    deadLetterReason: "MaxDeliveryCountExceeded",
  });
  expect(await receiver.peekMessages(1)).toEqual([]);
});

test("Q2: a message whose lock expired is delivered again, and the old lock settles nothing", async () => {
  await using bus = await startBus([{ name: "plain", lockDurationMs: 300 }]);
  const client = bus.client();
  await client.createSender("events").sendMessages({ body: "slow", messageId: "m" });
  const options = { maxAutoLockRenewalDurationInMs: 0 };
  const slow = client.createReceiver("events", "plain", options);
  const late = await receiveOne(slow);
  const again = await receiveOne(client.createReceiver("events", "plain", options));
  expect(again).toMatchObject({ messageId: "m", deliveryCount: 1 });
  await expect(slow.completeMessage(late)).rejects.toMatchObject({ code: "MessageLockLost" });
  await expect(slow.renewMessageLock(late)).rejects.toMatchObject({ code: "MessageLockLost" });
});

test("a renewed lock holds longer than its duration", async () => {
  await using bus = await startBus([{ name: "plain", lockDurationMs: 800 }]);
  const client = bus.client();
  await client.createSender("events").sendMessages({ body: "long" });
  const options = { maxAutoLockRenewalDurationInMs: 0 };
  const receiver = client.createReceiver("events", "plain", options);
  const message = await receiveOne(receiver);
  const other = client.createReceiver("events", "plain", options);
  const waiting = other.receiveMessages(1, { maxWaitTimeInMs: 1_300 });
  for (let renewed = 0; renewed < 4; renewed += 1) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    const until = await receiver.renewMessageLock(message);
    expect(until.getTime()).toBeGreaterThan(Date.now() + 500);
  }
  await receiver.completeMessage(message);
  expect(await waiting).toEqual([]);
});

test("a deferred message is received by its number only, and can be completed", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client();
  await client.createSender("events").sendMessages([{ body: "later" }, { body: "now" }]);
  const receiver = client.createReceiver("events", "plain");
  const deferred = await receiveOne(receiver);
  await receiver.deferMessage(deferred, { note: "kept" });
  expect((await receiveOne(receiver)).body).toBe("now");
  const number = deferred.sequenceNumber!;
  const [later] = await receiver.receiveDeferredMessages(number);
  expect(later).toMatchObject({ body: "later", state: "deferred" });
  expect(later?.applicationProperties).toEqual({ note: "kept" });
  await receiver.completeMessage(later!);
  await expect(receiver.receiveDeferredMessages(number)).rejects.toMatchObject({
    code: "MessageNotFound",
  });
});

test("receiveAndDelete takes messages out of the queue at once", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client();
  await client.createSender("events").sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
  const receiver = client.createReceiver("events", "plain", { receiveMode: "receiveAndDelete" });
  const messages = await receiver.receiveMessages(2);
  expect(messages.map(({ body }) => body)).toEqual([1, 2]);
  expect((await receiver.peekMessages(5)).map(({ body }) => body)).toEqual([3]);
});

test("an expired message is dead-lettered where that is asked for, and dropped elsewhere", async () => {
  await using bus = await startBus([
    { name: "kept", deadLetterOnExpiration: true, timeToLiveMs: 150 },
    { name: "dropped" },
  ]);
  const client = bus.client();
  await client.createSender("events").sendMessages({ body: "short", timeToLive: 100 });
  const dead = client.createReceiver("events", "kept", { subQueueType: "deadLetter" });
  expect((await receiveOne(dead)).deadLetterReason).toBe("TTLExpiredException");
  for (const name of ["kept", "dropped"]) {
    expect(await client.createReceiver("events", name).peekMessages(1)).toEqual([]);
  }
});

test("more messages than a client may leave unsettled can be received and completed", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client();
  const sender = client.createSender("events");
  const total = 9_000; // Above the 8192 delivery slots of an AMQP session.
  for (let sent = 0; sent < total; sent += 500) {
    await sender.sendMessages(Array.from({ length: 500 }, (_, at) => ({ body: sent + at })));
  }
  const all = Promise.withResolvers<void>();
  let completed = 0;
  const receiver = client.createReceiver("events", "plain");
  receiver.subscribe(
    {
      processMessage: async (message) => {
        await receiver.completeMessage(message);
        completed += 1;
        if (completed === total) all.resolve();
      },
      processError: async ({ error }) => all.reject(error),
    },
    { maxConcurrentCalls: 100, autoCompleteMessages: false },
  );
  await all.promise;
  expect(await receiver.peekMessages(1)).toEqual([]);
});
