// Sessions: order and exclusiveness, waiting for one, their locks and their state.

import { randomUUID } from "node:crypto";
import type { ServiceBusClient } from "@azure/service-bus";
import { expect } from "vitest";
import {
  type Area,
  deadLettersOf,
  eventually,
  noRenewal,
  receive,
  receiveOne,
  receiverOf,
} from "./case.ts";

const accept = (client: ServiceBusClient, session: string, queue = "sessions") =>
  client.acceptSession(queue, session, noRenewal);

export const sessions: Area = {
  name: "sessions",
  cases: [
    {
      name: "a session gives its own messages in order, and no others",
      run: async ({ client }) => {
        const [mine, other] = [randomUUID(), randomUUID()];
        const bodies = [1, 2, 3, 4, 5, 6];
        await client
          .createSender("sessions")
          .sendMessages(bodies.map((body) => ({ body, sessionId: body % 2 ? mine : other })));
        for (const [session, expected] of [
          [mine, [1, 3, 5]],
          [other, [2, 4, 6]],
        ] as const) {
          const receiver = await accept(client, session);
          expect(receiver.sessionId).toBe(session);
          const received = await receive(receiver, 3);
          expect(received.map(({ body }) => body)).toEqual(expected);
          expect(received.every(({ sessionId }) => sessionId === session)).toBe(true);
          for (const message of received) await receiver.completeMessage(message);
          await receiver.close();
        }
      },
    },
    {
      name: "a session that somebody holds is refused to others, and free once it is closed",
      run: async ({ client, connect }) => {
        const session = randomUUID();
        const holder = await accept(client, session);
        const other = connect(undefined, { maxRetries: 0 });
        await expect(accept(other, session)).rejects.toMatchObject({
          code: "SessionCannotBeLocked",
        });
        await holder.close();
        await (await accept(other, session)).close();
      },
    },
    {
      name: "closing a session gives its messages back without counting a failed delivery",
      run: async ({ client }) => {
        const sessionId = randomUUID();
        await client.createSender("sessions").sendMessages({ body: 1, sessionId });
        const first = await accept(client, sessionId);
        expect((await receiveOne(first)).deliveryCount).toBe(0);
        await first.close();
        const second = await accept(client, sessionId);
        const again = await receiveOne(second);
        expect(again.deliveryCount).toBe(0);
        await second.completeMessage(again);
        await second.close();
      },
    },
    {
      name: "a session's state is kept without messages, across receivers, until it is cleared",
      run: async ({ client }) => {
        const session = randomUUID();
        const first = await accept(client, session);
        expect(await first.getSessionState()).toBeNull();
        await first.setSessionState({ step: 2, of: ["a", "b"] });
        await first.close();
        const second = await accept(client, session);
        expect(await second.getSessionState()).toEqual({ step: 2, of: ["a", "b"] });
        await second.setSessionState("text");
        expect(await second.getSessionState()).toBe("text");
        await second.setSessionState(null);
        await second.close();
        const third = await accept(client, session);
        expect(await third.getSessionState()).toBeNull();
        await third.close();
      },
    },
    {
      name: "peeking in a session sees that session only",
      run: async ({ client, connect }) => {
        const [mine, other] = [randomUUID(), randomUUID()];
        await client.createSender("sessions").sendMessages([
          { body: "theirs", sessionId: other },
          { body: "mine", sessionId: mine },
        ]);
        for (const [session, body] of [
          [mine, "mine"],
          [other, "theirs"],
        ] as const) {
          // A peek goes on where the last one of the same client stopped.
          const receiver = await accept(connect(), session);
          expect(await receiver.peekMessages(10)).toMatchObject([{ body, sessionId: session }]);
          await receiver.completeMessage(await receiveOne(receiver));
          await receiver.close();
        }
      },
    },
    {
      name: "a message of a session can be deferred, abandoned, dead-lettered and scheduled",
      on: ["sessions-next"],
      run: async ({ client }) => {
        const sessionId = randomUUID();
        const sender = client.createSender("sessions-next");
        await sender.sendMessages(["defer", "abandon"].map((body) => ({ body, sessionId })));
        const at = new Date(Date.now() + 500);
        await sender.scheduleMessages({ body: "scheduled", sessionId }, at);
        const receiver = await accept(client, sessionId, "sessions-next");
        const first = await receiveOne(receiver);
        await receiver.deferMessage(first);
        await receiver.abandonMessage(await receiveOne(receiver));
        const again = await receiveOne(receiver);
        expect(again).toMatchObject({ body: "abandon", deliveryCount: 1 });
        await receiver.deadLetterMessage(again, {
          deadLetterReason: "enough",
          deadLetterErrorDescription: "",
        });
        const [deferred] = await receiver.receiveDeferredMessages(first.sequenceNumber!);
        expect(deferred).toMatchObject({ body: "defer", sessionId });
        await receiver.completeMessage(deferred!);
        const scheduled = await receiveOne(receiver);
        expect(scheduled.body).toBe("scheduled");
        await receiver.completeMessage(scheduled);
        await receiver.close();
        const dead = deadLettersOf(client, "sessions-next");
        const letter = await receiveOne(dead);
        expect(letter).toMatchObject({ body: "abandon", sessionId, deadLetterReason: "enough" });
        await dead.completeMessage(letter);
      },
    },
    {
      name: "a queue with sessions refuses a message without one",
      run: async ({ client }) => {
        const sending = client.createSender("sessions").sendMessages({ body: "no session" });
        await expect(sending).rejects.toThrow(/session/i);
      },
    },
    {
      name: "a subscription with sessions dead-letters a message without one",
      on: ["events/all"],
      run: async ({ client }) => {
        const messageId = randomUUID();
        await client.createSender("events").sendMessages({ body: "no session", messageId });
        const dead = deadLettersOf(client, "events/work");
        const letter = await eventually(async () => {
          const letters = await dead.receiveMessages(10, { maxWaitTimeInMs: 1_000 });
          await Promise.all(letters.map((one) => dead.completeMessage(one)));
          return letters.find((one) => one.messageId === messageId);
        });
        expect(letter.deadLetterReason).toMatch(/session/i);
        await receiveOne(receiverOf(client, "events/all", { receiveMode: "receiveAndDelete" }));
      },
    },
    {
      name: "the sessions that have messages or a state are listed, page by page",
      run: async ({ client }) => {
        const own = [randomUUID(), randomUUID()];
        const sender = client.createSender("sessions");
        await sender.sendMessages(own.map((sessionId) => ({ body: 1, sessionId })));
        const listed = await sessionsOf(client, "sessions");
        expect(listed).toEqual(expect.arrayContaining(own));
        expect(new Set(listed).size).toBe(listed.length);
        for (const session of own) {
          const receiver = await accept(client, session);
          await receiver.completeMessage(await receiveOne(receiver));
          await receiver.close();
        }
      },
    },
  ],
};

// The SDK has this operation, but on an object that it does not show.
async function sessionsOf(client: ServiceBusClient, queue: string): Promise<string[]> {
  const context = Reflect.get(client, "_connectionContext");
  const ids: string[] = [];
  for (;;) {
    // Messages count from the beginning of time, states since they were set.
    const since = new Date(0);
    const page = await context.getManagementClient(queue).listMessageSessions(ids.length, 2, since);
    ids.push(...page);
    if (page.length < 2) return ids;
  }
}

export const nextSession: Area = {
  name: "the next free session",
  cases: [
    {
      name: "two receivers that take the next session get two different ones",
      on: ["sessions-next"],
      run: async ({ client }) => {
        const ids = [randomUUID(), randomUUID()];
        const sender = client.createSender("sessions-next");
        await sender.sendMessages(ids.map((sessionId) => ({ body: sessionId, sessionId })));
        const first = await client.acceptNextSession("sessions-next", noRenewal);
        const second = await client.acceptNextSession("sessions-next", noRenewal);
        expect([first.sessionId, second.sessionId].sort()).toEqual(ids.sort());
        for (const receiver of [first, second]) {
          const message = await receiveOne(receiver);
          expect(message.body).toBe(receiver.sessionId);
          await receiver.completeMessage(message);
          await receiver.close();
        }
      },
    },
    {
      name: "taking the next session waits until there is one",
      on: ["sessions-next"],
      run: async ({ client }) => {
        const sessionId = randomUUID();
        const waiting = client.acceptNextSession("sessions-next", noRenewal);
        await new Promise((resolve) => setTimeout(resolve, 500));
        await client.createSender("sessions-next").sendMessages({ body: 1, sessionId });
        const receiver = await waiting;
        expect(receiver.sessionId).toBe(sessionId);
        await receiver.completeMessage(await receiveOne(receiver));
        await receiver.close();
      },
    },
    {
      name: "taking the next session where there is none ends with a timeout",
      on: ["sessions-next"],
      run: async ({ connect }) => {
        const client = connect(undefined, { maxRetries: 0, timeoutInMs: 3_000 });
        const waiting = client.acceptNextSession("sessions-next", noRenewal);
        await expect(waiting).rejects.toMatchObject({ code: "ServiceTimeout" });
      },
    },
  ],
};

export const sessionLocks: Area = {
  name: "session locks",
  cases: [
    {
      name: "a renewed session lock holds, an expired one is lost and the session free for others",
      on: ["sessions-locked"],
      run: async ({ client, connect }) => {
        const sessionId = randomUUID();
        await client.createSender("sessions-locked").sendMessages({ body: 1, sessionId });
        const receiver = await accept(client, sessionId, "sessions-locked");
        const message = await receiveOne(receiver);
        await new Promise((resolve) => setTimeout(resolve, 3_000));
        const before = Date.now();
        const until = await receiver.renewSessionLock();
        expect(until.getTime()).toBeGreaterThan(before + 3_000);
        const other = connect();
        const next = await eventually(() =>
          accept(other, sessionId, "sessions-locked").catch(() => undefined),
        );
        expect(Date.now()).toBeGreaterThan(until.getTime() - 1_000);
        await expect(receiver.completeMessage(message)).rejects.toMatchObject({
          code: "SessionLockLost",
        });
        const again = await receiveOne(next);
        expect(again).toMatchObject({ body: 1, deliveryCount: 1 });
        await next.completeMessage(again);
        await next.close();
      },
    },
  ],
};
