// Locks: they end, they can be renewed, and a lock that is gone settles nothing. Each case has a
// queue of its own with a lock of five seconds, the shortest that Microsoft's emulator takes.

import { expect } from "vitest";
import { type Area, receiveOne, receiverOf } from "./case.ts";

const lost = { code: "MessageLockLost" };
const lockMs = 5_000;

export const lockExpiry: Area = {
  name: "locks that expire",
  cases: [
    {
      name: "a message whose lock expired is delivered again, and the old lock settles nothing",
      on: ["locks"],
      run: async ({ client }) => {
        await client.createSender("locks").sendMessages({ body: "slow", messageId: "slow" });
        const slow = receiverOf(client, "locks");
        const late = await receiveOne(slow);
        const receiver = receiverOf(client, "locks");
        const again = await receiveOne(receiver);
        expect(again).toMatchObject({ messageId: "slow", deliveryCount: 1 });
        await expect(slow.completeMessage(late)).rejects.toMatchObject(lost);
        await expect(slow.renewMessageLock(late)).rejects.toMatchObject(lost);
        await receiver.completeMessage(again);
      },
    },
  ],
};

export const lockRenewal: Area = {
  name: "locks that are renewed",
  cases: [
    {
      name: "a renewed lock holds longer than its duration",
      on: ["locks-renewed"],
      run: async ({ client }) => {
        await client.createSender("locks-renewed").sendMessages({ body: "long" });
        const receiver = receiverOf(client, "locks-renewed");
        const message = await receiveOne(receiver);
        const other = receiverOf(client, "locks-renewed");
        const stolen = other.receiveMessages(1, { maxWaitTimeInMs: lockMs + 2_000 });
        for (let renewed = 0; renewed < 2; renewed += 1) {
          await new Promise((resolve) => setTimeout(resolve, 3_000));
          const before = Date.now();
          const until = await receiver.renewMessageLock(message);
          expect(until.getTime()).toBeGreaterThan(before + lockMs - 2_000);
        }
        expect(await stolen).toEqual([]);
        await receiver.completeMessage(message);
      },
    },
  ],
};

export const lockAutoRenewal: Area = {
  name: "locks that the SDK renews",
  cases: [
    {
      name: "a handler that takes longer than the lock keeps its message",
      on: ["locks-auto"],
      run: async ({ client, contents }) => {
        await client.createSender("locks-auto").sendMessages({ body: "long" });
        const receiver = receiverOf(client, "locks-auto", {
          maxAutoLockRenewalDurationInMs: 60_000,
        });
        let deliveries = 0;
        const done = Promise.withResolvers<void>();
        const subscription = receiver.subscribe(
          {
            processMessage: async (message) => {
              deliveries += 1;
              await new Promise((resolve) => setTimeout(resolve, lockMs + 1_500));
              await receiver.completeMessage(message).then(done.resolve, done.reject);
            },
            processError: async ({ error }) => done.reject(error),
          },
          { autoCompleteMessages: false, maxConcurrentCalls: 2 },
        );
        await done.promise;
        await subscription.close();
        expect(deliveries).toBe(1);
        expect(await contents("locks-auto")).toEqual([]);
      },
    },
  ],
};
