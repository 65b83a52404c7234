// Sessions through the real client: order, exclusiveness, waiting for a session, state.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { connect, startBus } from "./bus.ts";

test("Q3: a session gives its messages in order, and only its own", async () => {
  await using bus = await startBus([{ name: "work", requiresSession: true }]);
  const client = bus.client();
  await client.createSender("events").sendMessages([
    { body: 1, sessionId: "a" },
    { body: "x", sessionId: "b" },
    { body: 2, sessionId: "a" },
    { body: 3, sessionId: "a" },
  ]);
  const session = await client.acceptSession("events", "work", "a");
  const seen: unknown[] = [];
  const all = Promise.withResolvers<void>();
  session.subscribe({
    processMessage: async ({ body }) => {
      seen.push(body);
      if (seen.length === 3) all.resolve();
    },
    processError: async ({ error }) => all.reject(error),
  });
  await all.promise;
  expect(seen).toEqual([1, 2, 3]);
  await session.close();
  const next = await client.acceptNextSession("events", "work");
  expect(next.sessionId).toBe("b");
  await next.close();
});

test("Q3: a held session is refused to others until it is closed", async () => {
  await using bus = await startBus([{ name: "work", requiresSession: true }]);
  const client = bus.client();
  await client.createSender("events").sendMessages({ body: "", sessionId: "a" });
  const first = await client.acceptSession("events", "work", "a");
  await expect(bus.client().acceptSession("events", "work", "a")).rejects.toMatchObject({
    code: "SessionCannotBeLocked",
  });
  await first.close();
  const second = await bus.client().acceptSession("events", "work", "a");
  expect(await second.receiveMessages(1)).toHaveLength(1);
  await second.close();
});

test("a receiver of any session waits for one and then gets it", async () => {
  await using bus = await startBus([{ name: "work", requiresSession: true }]);
  const waiting = bus.client().acceptNextSession("events", "work");
  const isWaiting = setTimeout(200, "waiting");
  expect(await Promise.race([waiting, isWaiting])).toBe("waiting");
  await bus.client().createSender("events").sendMessages({ body: "go", sessionId: "late" });
  const session = await waiting;
  expect(session.sessionId).toBe("late");
  const [message] = await session.receiveMessages(1);
  expect(message?.body).toBe("go");
  await session.completeMessage(message!);
  await session.close();
});

test("a receiver of any session gets a timeout when none becomes free", async () => {
  await using bus = await startBus([{ name: "work", requiresSession: true }]);
  const client = connect(bus.server.port, undefined, { timeoutInMs: 600, maxRetries: 0 });
  try {
    await expect(client.acceptNextSession("events", "work")).rejects.toMatchObject({
      code: "ServiceTimeout",
    });
  } finally {
    await client.close();
  }
});

test("session state is kept for the session's holder, and null clears it", async () => {
  await using bus = await startBus([{ name: "work", requiresSession: true }]);
  const client = bus.client();
  const session = await client.acceptSession("events", "work", "a");
  expect(await session.getSessionState()).toBeNull();
  await session.setSessionState({ step: 2 });
  expect(await session.getSessionState()).toEqual({ step: 2 });
  await session.setSessionState(Buffer.from([1, 2, 3]));
  await session.close();
  const again = await client.acceptSession("events", "work", "a");
  expect(await again.getSessionState()).toEqual(Buffer.from([1, 2, 3]));
  await again.setSessionState(null);
  expect(await again.getSessionState()).toBeNull();
  await again.close();
});

test("a session closed with messages in hand gives them back without counting a failure", async () => {
  await using bus = await startBus([{ name: "work", requiresSession: true }]);
  const client = bus.client();
  await client.createSender("events").sendMessages([
    { body: 1, sessionId: "a" },
    { body: 2, sessionId: "a" },
  ]);
  const first = await client.acceptSession("events", "work", "a");
  expect(await first.receiveMessages(2)).toHaveLength(2);
  await first.close();
  const second = await client.acceptNextSession("events", "work");
  const again = await second.receiveMessages(2);
  expect(again.map(({ body, deliveryCount }) => [body, deliveryCount])).toEqual([
    [1, 0],
    [2, 0],
  ]);
  await second.close();
});

test("a session lock that expires is lost, and its messages count as failed", async () => {
  await using bus = await startBus([{ name: "work", requiresSession: true, lockDurationMs: 800 }]);
  const client = bus.client();
  await client.createSender("events").sendMessages({ body: "slow", sessionId: "a" });
  const options = { maxAutoLockRenewalDurationInMs: 0 };
  const slow = await client.acceptSession("events", "work", "a", options);
  const until = await slow.renewSessionLock();
  expect(until.getTime()).toBeGreaterThan(Date.now() + 400);
  const [message] = await slow.receiveMessages(1);
  const next = await bus.client().acceptNextSession("events", "work", options);
  expect(next.sessionId).toBe("a");
  const [again] = await next.receiveMessages(1);
  expect(again).toMatchObject({ body: "slow", deliveryCount: 1 });
  await expect(slow.completeMessage(message!)).rejects.toMatchObject({ code: "SessionLockLost" });
  await expect(slow.setSessionState("mine")).rejects.toMatchObject({ code: "SessionLockLost" });
  await next.completeMessage(again!);
  await next.close();
});

test("a killed receiver frees its session at once, and its messages count as failed", async () => {
  await using bus = await startBus([{ name: "work", requiresSession: true }]);
  const client = bus.client();
  await client.createSender("events").sendMessages({ body: "", sessionId: "a" });
  const script = fileURLToPath(new URL("dying-receiver.ts", import.meta.url));
  const child = spawn(process.execPath, [script, String(bus.server.port)]);
  try {
    await once(child.stdout, "data"); // It holds the session and the message.
    const waiting = client.acceptNextSession("events", "work");
    child.kill("SIGKILL");
    const session = await waiting;
    const [message] = await session.receiveMessages(1);
    expect(message?.deliveryCount).toBe(1);
    await session.close();
  } finally {
    child.kill("SIGKILL");
  }
});

test("a message without a session id is dead-lettered where sessions are required", async () => {
  await using bus = await startBus([{ name: "work", requiresSession: true }, { name: "plain" }]);
  const client = bus.client();
  await client.createSender("events").sendMessages({ body: "lost" });
  const dead = client.createReceiver("events", "work", { subQueueType: "deadLetter" });
  const [letter] = await dead.receiveMessages(1);
  expect(letter).toMatchObject({ body: "lost", deadLetterReason: "Session ID is null" });
  const [copy] = await client.createReceiver("events", "plain").peekMessages(1);
  expect(copy?.deadLetterReason).toBeUndefined();
});

test("a receiver without a session is refused where sessions are required", async () => {
  await using bus = await startBus([{ name: "work", requiresSession: true }]);
  const receiver = bus.client().createReceiver("events", "work");
  await expect(receiver.receiveMessages(1)).rejects.toThrow(/sessions/);
});
