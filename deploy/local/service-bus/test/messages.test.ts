// Plain messages through the real client: what goes in comes out, and settlement does what it says.

import { expect, test } from "vitest";
import { startBus } from "./bus.ts";

const byType = (type: string, mode?: string) => ({
  name: `only-${type}`,
  correlationFilter: { properties: mode === undefined ? { type } : { type, mode } },
});

test("a message arrives with all its fields and is gone once completed", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client();
  const sent = {
    body: { greeting: "hello", numbers: [1, 2.5] },
    messageId: "m-1",
    subject: "greeting",
    correlationId: "c-1",
    contentType: "application/json",
    to: "someone",
    replyTo: "me",
    partitionKey: "p-1",
    timeToLive: 60_000,
    applicationProperties: {
      type: "greeting.sent.v1",
      count: 3,
      ratio: 0.5,
      isReal: true,
      big: 2 ** 40,
    },
  };
  await client.createSender("events").sendMessages(sent);
  const receiver = client.createReceiver("events", "plain");
  const [message] = await receiver.receiveMessages(1);
  const { timeToLive: _, ...fields } = sent;
  expect(message).toMatchObject({ ...fields, deliveryCount: 0 });
  expect(message?.sequenceNumber?.toNumber()).toBeGreaterThan(0);
  expect(message?.expiresAtUtc?.getTime()).toBe(
    (message?.enqueuedTimeUtc?.getTime() ?? 0) + 60_000,
  );
  expect(message?.lockedUntilUtc?.getTime()).toBeGreaterThan(Date.now());
  await receiver.completeMessage(message!);
  expect(await receiver.peekMessages(1)).toEqual([]);
});

test("a subscription gets only what one of its rules matches", async () => {
  await using bus = await startBus([
    { name: "either", rules: [byType("a"), byType("b", "live")] },
    { name: "neither", rules: [byType("c")] },
    { name: "everything" },
  ]);
  const client = bus.client();
  const messages = [
    { type: "a", mode: "test" },
    { type: "b", mode: "test" },
    { type: "b", mode: "live" },
    { type: "B", mode: "live" },
    { mode: "live" },
  ].map((applicationProperties, index) => ({
    messageId: `m-${index}`,
    body: "",
    applicationProperties,
  }));
  await client.createSender("events").sendMessages(messages);
  const idsIn = async (name: string) =>
    (await client.createReceiver("events", name).peekMessages(10)).map(
      ({ messageId }) => messageId,
    );
  expect(await idsIn("either")).toEqual(["m-0", "m-2"]);
  expect(await idsIn("neither")).toEqual([]);
  expect(await idsIn("everything")).toEqual(["m-0", "m-1", "m-2", "m-3", "m-4"]);
});

test("subscribe never runs more handlers at a time than asked", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client();
  const bodies = Array.from({ length: 40 }, (_, index) => index);
  await client.createSender("events").sendMessages(bodies.map((body) => ({ body })));
  let running = 0;
  let most = 0;
  const seen: unknown[] = [];
  const all = Promise.withResolvers<void>();
  const receiver = client.createReceiver("events", "plain");
  const processMessage = async ({ body }: { body: unknown }) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    seen.push(body);
    if (seen.length === bodies.length) all.resolve();
  };
  const processError = async ({ error }: { error: Error }) => all.reject(error);
  receiver.subscribe({ processMessage, processError }, { maxConcurrentCalls: 5 });
  await all.promise;
  expect(most).toBe(5);
  expect(new Set(seen)).toEqual(new Set(bodies));
  await receiver.close();
});
