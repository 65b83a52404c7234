// Messages that live only so long, messages that come only later, and messages that come twice.

import { expect } from "vitest";
import {
  type Area,
  deadLettersOf,
  eventually,
  receive,
  receiveOne,
  receiverOf,
  unique,
} from "./case.ts";

export const expiring: Area = {
  name: "time to live",
  cases: [
    {
      name: "an expired message is dead-lettered where that is asked for",
      on: ["expiring-kept"],
      run: async ({ client }) => {
        const sender = client.createSender("expiring-kept");
        await sender.sendMessages([{ body: "short", timeToLive: 1_000 }, { body: "long" }]);
        const dead = deadLettersOf(client, "expiring-kept");
        const letter = await receiveOne(dead);
        expect(letter).toMatchObject({ body: "short", deadLetterReason: "TTLExpiredException" });
        await dead.completeMessage(letter);
        const receiver = receiverOf(client, "expiring-kept");
        const rest = await receiveOne(receiver);
        expect(rest.body).toBe("long");
        await receiver.completeMessage(rest);
      },
    },
    {
      name: "an expired message is dropped where no dead-lettering is asked for",
      on: ["expiring-dropped"],
      run: async ({ client, contents }) => {
        const sender = client.createSender("expiring-dropped");
        await sender.sendMessages({ body: "short", timeToLive: 1_000 });
        await new Promise((resolve) => setTimeout(resolve, 1_200));
        const receiver = receiverOf(client, "expiring-dropped");
        expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 500 })).toEqual([]);
        expect(await contents("expiring-dropped", "deadLetter")).toEqual([]);
      },
    },
  ],
};

export const scheduling: Area = {
  name: "scheduling",
  cases: [
    {
      name: "a scheduled message is seen as such, and comes at its time, not before",
      on: ["scheduling"],
      run: async ({ client, contents }) => {
        const at = new Date(Date.now() + 2_000);
        const sender = client.createSender("scheduling");
        const [number] = await sender.scheduleMessages({ body: "later" }, at);
        const receiver = receiverOf(client, "scheduling");
        const [waiting] = await contents("scheduling");
        expect(waiting).toMatchObject({ body: "later", state: "scheduled" });
        expect(waiting?.sequenceNumber).toEqual(number);
        const message = await receiveOne(receiver);
        expect(message.enqueuedTimeUtc?.getTime()).toBeGreaterThanOrEqual(at.getTime() - 50);
        expect(message).toMatchObject({ body: "later", state: "active" });
        await receiver.completeMessage(message);
      },
    },
    {
      name: "a message sent with a time to be enqueued at comes then",
      on: ["scheduling"],
      run: async ({ client }) => {
        const sender = client.createSender("scheduling");
        const scheduledEnqueueTimeUtc = new Date(Date.now() + 1_500);
        await sender.sendMessages([{ body: "later", scheduledEnqueueTimeUtc }, { body: "now" }]);
        const receiver = receiverOf(client, "scheduling");
        const [first, second] = await receive(receiver, 2);
        expect([first?.body, second?.body]).toEqual(["now", "later"]);
        await receiver.completeMessage(first!);
        await receiver.completeMessage(second!);
      },
    },
    {
      name: "a cancelled message never comes, the others do",
      on: ["scheduling"],
      run: async ({ client, contents }) => {
        const sender = client.createSender("scheduling");
        const at = new Date(Date.now() + 1_500);
        const bodies = ["cancelled", "kept", "cancelled"].map((body) => ({ body }));
        const [first, , third] = await sender.scheduleMessages(bodies, at);
        await sender.cancelScheduledMessages([first!, third!]);
        const receiver = receiverOf(client, "scheduling");
        const message = await receiveOne(receiver);
        expect(message.body).toBe("kept");
        await receiver.completeMessage(message);
        expect(await contents("scheduling")).toEqual([]);
      },
    },
    {
      name: "a message that is no longer scheduled cannot be cancelled",
      on: ["scheduling"],
      run: async ({ client }) => {
        const sender = client.createSender("scheduling");
        const [number] = await sender.scheduleMessages({ body: 1 }, new Date(Date.now() + 60_000));
        await sender.cancelScheduledMessages(number!);
        const again = sender.cancelScheduledMessages(number!);
        await expect(again).rejects.toMatchObject({ code: "MessageNotFound" });
      },
    },
  ],
};

export const duplicates: Area = {
  name: "duplicate detection",
  cases: [
    {
      name: "a message with an id already seen is accepted and dropped",
      on: ["deduplicated"],
      run: async ({ client, contents }) => {
        const sender = client.createSender("deduplicated");
        const [messageId, other] = [unique("same"), unique("other")];
        await sender.sendMessages({ body: 1, messageId });
        await sender.sendMessages({ body: 2, messageId });
        await sender.sendMessages([
          { body: 3, messageId },
          { body: 4, messageId: other },
        ]);
        const receiver = receiverOf(client, "deduplicated", { receiveMode: "receiveAndDelete" });
        expect((await receive(receiver, 2)).map(({ body }) => body)).toEqual([1, 4]);
        expect(await contents("deduplicated")).toEqual([]);
        await sender.sendMessages({ body: 5, messageId });
        expect(await contents("deduplicated")).toEqual([]);
      },
    },
  ],
};

export const duplicateWindow: Area = {
  name: "the duplicate window",
  cases: [
    {
      name: "an id may come again when its window has passed",
      on: ["deduplicated-shortly"],
      run: async ({ client, contents }) => {
        const sender = client.createSender("deduplicated-shortly");
        const messageId = unique("same");
        await sender.sendMessages({ body: "first", messageId });
        const receiver = receiverOf(client, "deduplicated-shortly", {
          receiveMode: "receiveAndDelete",
        });
        const first = (await receiveOne(receiver)).enqueuedTimeUtc ?? new Date(0);
        const [second] = await eventually(async () => {
          await sender.sendMessages({ body: "second", messageId });
          const there = await contents("deduplicated-shortly");
          return there.length === 0 ? undefined : there;
        });
        expect(second?.body).toBe("second");
        // Windows end late rather than early; five seconds are what the queue promises.
        const windowMs = (second?.enqueuedTimeUtc?.getTime() ?? 0) - first.getTime();
        expect(windowMs).toBeGreaterThanOrEqual(5_000);
        await receiveOne(receiver);
      },
    },
  ],
};
