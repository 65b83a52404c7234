// The ways to receive: by call, by handler, with and without locks, and looking without taking.

import { expect } from "vitest";
import { type Area, noRenewal, receive, receiveOne, receiverOf } from "./case.ts";

const on = ["receiving"];
const numbers = (count: number) => Array.from({ length: count }, (_, body) => ({ body }));

export const receiving: Area = {
  name: "receiving",
  cases: [
    {
      name: "a completed message is gone",
      on,
      run: async ({ client, contents }) => {
        await client.createSender("receiving").sendMessages({ body: 1 });
        const receiver = receiverOf(client, "receiving");
        await receiver.completeMessage(await receiveOne(receiver));
        expect(await contents("receiving")).toEqual([]);
      },
    },
    {
      name: "a message that is received and deleted is gone at once",
      on,
      run: async ({ client, contents }) => {
        await client.createSender("receiving").sendMessages(numbers(3));
        const receiver = receiverOf(client, "receiving", { receiveMode: "receiveAndDelete" });
        const taken = await receive(receiver, 2);
        expect(taken.map(({ body }) => body)).toEqual([0, 1]);
        expect((await contents("receiving")).map(({ body }) => body)).toEqual([2]);
      },
    },
    {
      name: "receiving more than there is gives what there is",
      on,
      run: async ({ client }) => {
        await client.createSender("receiving").sendMessages(numbers(3));
        const receiver = receiverOf(client, "receiving");
        const received = await receiver.receiveMessages(10, { maxWaitTimeInMs: 3_000 });
        expect(received.map(({ body }) => body)).toEqual([0, 1, 2]);
        await Promise.all(received.map((message) => receiver.completeMessage(message)));
      },
    },
    {
      name: "receiving from an empty queue gives nothing after the given time",
      on,
      run: async ({ client }) => {
        const receiver = receiverOf(client, "receiving");
        const from = Date.now();
        expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 500 })).toEqual([]);
        expect(Date.now() - from).toBeGreaterThanOrEqual(480);
      },
    },
    {
      name: "one receiver can be asked again and again, and two never get the same message",
      on,
      run: async ({ client }) => {
        await client.createSender("receiving").sendMessages(numbers(40));
        const receivers = [receiverOf(client, "receiving"), receiverOf(client, "receiving")];
        const shares = await Promise.all(
          receivers.map(async (receiver) => {
            const share: unknown[] = [];
            for (let round = 0; round < 4; round += 1) {
              for (const message of await receive(receiver, 5)) {
                share.push(message.body);
                await receiver.completeMessage(message);
              }
            }
            return share;
          }),
        );
        const bodies = shares.flat().sort((a, b) => Number(a) - Number(b));
        expect(bodies).toEqual(numbers(40).map(({ body }) => body));
      },
    },
    {
      name: "a handler gets every message once, never more at a time than it allows",
      on,
      run: async ({ client }) => {
        await client.createSender("receiving").sendMessages(numbers(60));
        const receiver = receiverOf(client, "receiving", {});
        const seen: unknown[] = [];
        let [active, most] = [0, 0];
        const all = Promise.withResolvers<void>();
        const subscription = receiver.subscribe(
          {
            processMessage: async ({ body }) => {
              active += 1;
              most = Math.max(most, active);
              await new Promise((resolve) => setTimeout(resolve, 5));
              active -= 1;
              seen.push(body);
              if (seen.length === 60) all.resolve();
            },
            processError: async ({ error }) => all.reject(error),
          },
          { maxConcurrentCalls: 5 },
        );
        await all.promise;
        await subscription.close();
        expect(new Set(seen).size).toBe(60);
        expect(most).toBe(5);
      },
    },
    {
      name: "a handler that throws abandons its message, and gets it again",
      on,
      run: async ({ client }) => {
        await client.createSender("receiving").sendMessages({ body: "twice" });
        const receiver = receiverOf(client, "receiving", {});
        const counts: unknown[] = [];
        const done = Promise.withResolvers<void>();
        const subscription = receiver.subscribe({
          processMessage: async ({ deliveryCount }) => {
            counts.push(deliveryCount);
            if (counts.length === 1) throw new Error("the handler's first try fails");
            done.resolve();
          },
          processError: async () => undefined,
        });
        await done.promise;
        await subscription.close();
        expect(counts).toEqual([0, 1]);
      },
    },
    {
      name: "an iterator gives messages as they come",
      on,
      run: async ({ client }) => {
        const sender = client.createSender("receiving");
        await sender.sendMessages({ body: 0 });
        const receiver = receiverOf(client, "receiving");
        const bodies: unknown[] = [];
        for await (const message of receiver.getMessageIterator()) {
          bodies.push(message.body);
          await receiver.completeMessage(message);
          if (bodies.length === 3) break;
          await sender.sendMessages({ body: bodies.length });
        }
        expect(bodies).toEqual([0, 1, 2]);
      },
    },
    {
      name: "what a client leaves unsettled does not keep another from the rest",
      on,
      run: async ({ client, connect }) => {
        await client.createSender("receiving").sendMessages(numbers(4));
        const idle = connect();
        const held = await receive(receiverOf(idle, "receiving", noRenewal), 2);
        const receiver = receiverOf(client, "receiving");
        const rest = await receive(receiver, 2);
        expect(rest.map(({ body }) => body)).toEqual([2, 3]);
        await Promise.all(rest.map((message) => receiver.completeMessage(message)));
        expect(held.map(({ body }) => body)).toEqual([0, 1]);
        const holder = receiverOf(idle, "receiving");
        await Promise.all(held.map((message) => holder.completeMessage(message)));
      },
    },
  ],
};

export const peeking: Area = {
  name: "peeking",
  cases: [
    {
      name: "peeking takes nothing, goes on where it stopped, and sees what is locked",
      on: ["peeking"],
      run: async ({ connect }) => {
        const client = connect();
        await client.createSender("peeking").sendMessages(numbers(5));
        const receiver = receiverOf(client, "peeking");
        const locked = await receiveOne(receiver);
        const bodies = async (count: number) =>
          (await receiver.peekMessages(count)).map(({ body }) => body);
        expect(await bodies(2)).toEqual([0, 1]);
        expect(await bodies(10)).toEqual([2, 3, 4]);
        expect(await bodies(10)).toEqual([]);
        await receiver.completeMessage(locked);
      },
    },
    {
      name: "peeking can begin at a sequence number",
      on: ["peeking"],
      run: async ({ connect }) => {
        const client = connect();
        await client.createSender("peeking").sendMessages(numbers(4));
        const receiver = receiverOf(client, "peeking");
        const [, , third] = await receiver.peekMessages(4);
        const fromSequenceNumber = third?.sequenceNumber;
        expect(fromSequenceNumber).toBeDefined();
        const later = await receiver.peekMessages(4, { fromSequenceNumber: fromSequenceNumber! });
        expect(later.map(({ body }) => body)).toEqual([2, 3]);
        expect(later[0]).toMatchObject({ state: "active", deliveryCount: 0 });
        expect(later[0]?.lockToken).toBeUndefined();
      },
    },
  ],
};
