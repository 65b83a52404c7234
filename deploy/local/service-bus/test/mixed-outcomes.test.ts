// Answers of different kinds to neighbouring deliveries: each must reach its own. rhea 3.0.5 sends the
// first one's answer to both when they are written in one turn (write_dispositions in lib/session.js).

import { expect, test } from "vitest";
import { startBus } from "./bus.ts";

test("D1: a refused message beside an accepted one is refused, in either order", async () => {
  await using bus = await startBus([{ name: "plain" }]);
  const client = bus.client(undefined, { maxRetries: 0 });
  const sender = client.createSender("events");
  await sender.sendMessages({ body: "first" });
  const small = { body: "small" };
  const tooLarge = { body: Buffer.alloc(2_000_000) };
  for (const messages of [
    [small, tooLarge],
    [tooLarge, small],
    [small, tooLarge, small, tooLarge, small],
  ]) {
    const answers = await Promise.allSettled(messages.map((one) => sender.sendMessages(one)));
    expect(answers.map(({ status }) => status)).toEqual(
      messages.map((one) => (one === small ? "fulfilled" : "rejected")),
    );
  }
});

test("Q2: a lost lock beside a held one is told as lost, in either order", async () => {
  await using bus = await startBus([{ name: "plain", lockDurationMs: 1_000 }]);
  const client = bus.client(undefined, { maxRetries: 0 });
  await client.createSender("events").sendMessages([1, 2, 3, 4].map((body) => ({ body })));
  const receiver = client.createReceiver("events", "plain", { maxAutoLockRenewalDurationInMs: 0 });
  const messages = await receiver.receiveMessages(4);
  await new Promise((resolve) => setTimeout(resolve, 600));
  const isKept = (at: number) => at === 1 || at === 2;
  for (const [at, message] of messages.entries()) {
    if (isKept(at)) await receiver.renewMessageLock(message);
  }
  await new Promise((resolve) => setTimeout(resolve, 600));
  const answers = await Promise.allSettled(messages.map((one) => receiver.completeMessage(one)));
  expect(answers.map(({ status }) => status)).toEqual(
    messages.map((_, at) => (isKept(at) ? "fulfilled" : "rejected")),
  );
});
