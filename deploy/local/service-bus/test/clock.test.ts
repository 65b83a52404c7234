// The machine's clock is put forward (a laptop wakes) and back (it is corrected) under a running bus.

import type { ServiceBusReceiver } from "@azure/service-bus";
import { expect, test } from "vitest";
import { startServiceBus } from "../src/server.ts";
import { configOf, connect } from "./bus.ts";

const halfHourMs = 1_800_000;
const minuteMs = 60_000;
const noRenewal = { maxAutoLockRenewalDurationInMs: 0 };

async function startClocked() {
  let jumpMs = 0;
  const server = await startServiceBus(
    configOf([
      { name: "plain", deadLetterOnExpiration: true },
      { name: "work", requiresSession: true },
    ]),
    { clock: () => Date.now() + jumpMs },
  );
  const client = connect(server.port);
  return {
    client,
    jump: (ms: number) => {
      jumpMs += ms;
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

async function bodies(receiver: ServiceBusReceiver, count: number): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let look = 0; look < 10 && found.length < count; look += 1) {
    const some = await receiver.receiveMessages(count, { maxWaitTimeInMs: 2_000 });
    found.push(...some.map(({ body }) => body));
  }
  return found;
}

test("a clock put forward ends locks, lives and waits that ended meanwhile, soon and by itself", async () => {
  await using bus = await startClocked();
  const sender = bus.client.createSender("events");
  await sender.sendMessages([
    { body: "locked", sessionId: "s" },
    { body: "short", sessionId: "s", timeToLive: 10 * minuteMs },
  ]);
  const at = new Date(Date.now() + 20 * minuteMs);
  await sender.scheduleMessages({ body: "scheduled", sessionId: "s" }, at);
  const receiver = bus.client.createReceiver("events", "plain", noRenewal);
  const [held] = await receiver.receiveMessages(1);
  expect(held?.body).toBe("locked");
  const session = await bus.client.acceptSession("events", "work", "s", noRenewal);
  bus.jump(halfHourMs);
  await expect(receiver.completeMessage(held!)).rejects.toMatchObject({ code: "MessageLockLost" });
  const again = bus.client.createReceiver("events", "plain", noRenewal);
  // Locks and schedules are looked at independently: either may be first.
  expect((await bodies(again, 2)).sort()).toEqual(["locked", "scheduled"]);
  const letters = bus.client.createReceiver("events", "plain", { subQueueType: "deadLetter" });
  expect(await bodies(letters, 1)).toEqual(["short"]);
  await expect(session.setSessionState("late")).rejects.toMatchObject({ code: "SessionLockLost" });
  const next = await bus.client.acceptSession("events", "work", "s", noRenewal);
  await next.close();
});

test("a clock put back loses nothing, settles what was locked and keeps the order of numbers", async () => {
  await using bus = await startClocked();
  const sender = bus.client.createSender("events");
  await sender.sendMessages(["held", "given back"].map((body) => ({ body, timeToLive: minuteMs })));
  const receiver = bus.client.createReceiver("events", "plain", noRenewal);
  const [held, back] = await receiver.receiveMessages(2);
  bus.jump(-halfHourMs);
  await sender.sendMessages({ body: "after" });
  await receiver.completeMessage(held!);
  await receiver.abandonMessage(back!);
  const rest = await receiver.receiveMessages(2, { maxWaitTimeInMs: 2_000 });
  expect(rest.map(({ body }) => body)).toEqual(["given back", "after"]);
  expect(rest[1]?.sequenceNumber?.gt(rest[0]?.sequenceNumber ?? 0)).toBe(true);
  for (const message of rest) await receiver.completeMessage(message);
  const at = new Date(Date.now() - halfHourMs + 300);
  await sender.scheduleMessages({ body: "by the new clock" }, at);
  expect(await bodies(receiver, 1)).toEqual(["by the new clock"]);
});

test("C1: a clock put forward over the end of a token closes its links, soon and by itself", async () => {
  await using bus = await startClocked();
  const receiver = bus.client.createReceiver("events", "plain", noRenewal);
  const lost = new Promise((resolve) => {
    receiver.subscribe({
      processMessage: async () => undefined,
      processError: async ({ error }) => resolve(error),
    });
  });
  const sender = bus.client.createSender("events");
  await sender.sendMessages({ body: "before" });
  bus.jump(2 * 60 * minuteMs); // The SDK's tokens live for an hour.
  await expect(lost).resolves.toMatchObject({ code: "UnauthorizedAccess" });
});
