// The outcomes of a delivery: abandon, dead-letter, defer, and what each does to the message.

import { expect } from "vitest";
import { type Area, deadLettersOf, receive, receiveOne, receiverOf } from "./case.ts";

const on = ["settling"];
const missing = { code: "MessageNotFound" };

export const settling: Area = {
  name: "settling",
  cases: [
    {
      name: "an abandoned message comes back with its count raised and its properties changed",
      on,
      run: async ({ client }) => {
        const applicationProperties = { kept: "yes", tries: 0 };
        await client.createSender("settling").sendMessages({ body: 1, applicationProperties });
        const receiver = receiverOf(client, "settling");
        const first = await receiveOne(receiver);
        await receiver.abandonMessage(first, { tries: 1, why: "busy" });
        const second = await receiveOne(receiver);
        expect(second).toMatchObject({
          deliveryCount: 1,
          applicationProperties: { kept: "yes", tries: 1, why: "busy" },
        });
        expect(second.sequenceNumber).toEqual(first.sequenceNumber);
        expect(second.enqueuedTimeUtc).toEqual(first.enqueuedTimeUtc);
        await receiver.completeMessage(second);
      },
    },
    {
      name: "a message that fails MaxDeliveryCount times becomes a dead letter",
      on,
      run: async ({ client, contents }) => {
        await client.createSender("settling").sendMessages({ body: "poison" });
        const receiver = receiverOf(client, "settling");
        for (const deliveryCount of [0, 1, 2]) {
          const message = await receiveOne(receiver);
          expect(message.deliveryCount).toBe(deliveryCount);
          await receiver.abandonMessage(message);
        }
        const dead = deadLettersOf(client, "settling");
        const letter = await receiveOne(dead);
        expect(letter).toMatchObject({
          body: "poison",
          deadLetterReason: "MaxDeliveryCountExceeded",
        });
        await dead.completeMessage(letter);
        expect(await contents("settling")).toEqual([]);
      },
    },
    {
      name: "a dead-lettered message is in the dead-letter queue with its reason and properties",
      on,
      run: async ({ client, contents }) => {
        await client.createSender("settling").sendMessages({ body: "bad", subject: "s" });
        const receiver = receiverOf(client, "settling");
        await receiver.deadLetterMessage(await receiveOne(receiver), {
          deadLetterReason: "unreadable",
          deadLetterErrorDescription: "field x is missing",
          code: 7,
        });
        expect(await contents("settling")).toEqual([]);
        const dead = deadLettersOf(client, "settling");
        const letter = await receiveOne(dead);
        expect(letter).toMatchObject({
          body: "bad",
          subject: "s",
          deadLetterReason: "unreadable",
          deadLetterErrorDescription: "field x is missing",
          applicationProperties: { code: 7 },
        });
        await dead.completeMessage(letter);
        expect(await contents("settling", "deadLetter")).toEqual([]);
      },
    },
    {
      name: "a dead letter stays one, however often it is abandoned",
      on,
      run: async ({ client }) => {
        await client.createSender("settling").sendMessages({ body: "dead" });
        const receiver = receiverOf(client, "settling");
        await receiver.deadLetterMessage(await receiveOne(receiver));
        const dead = deadLettersOf(client, "settling");
        for (let round = 0; round < 5; round += 1) {
          await dead.abandonMessage(await receiveOne(dead));
        }
        await dead.completeMessage(await receiveOne(dead));
      },
    },
    {
      name: "a deferred message is received by its number only, and completed",
      on,
      run: async ({ client, contents }) => {
        await client.createSender("settling").sendMessages([{ body: "later" }, { body: "now" }]);
        const receiver = receiverOf(client, "settling");
        const [deferred, now] = await receive(receiver, 2);
        await receiver.deferMessage(deferred!, { note: "kept" });
        await receiver.completeMessage(now!);
        expect(await receiver.receiveMessages(1, { maxWaitTimeInMs: 300 })).toEqual([]);
        expect(await contents("settling")).toMatchObject([{ body: "later", state: "deferred" }]);
        const number = deferred!.sequenceNumber!;
        const [later] = await receiver.receiveDeferredMessages(number);
        expect(later).toMatchObject({ body: "later", applicationProperties: { note: "kept" } });
        await receiver.completeMessage(later!);
        await expect(receiver.receiveDeferredMessages(number)).rejects.toMatchObject(missing);
      },
    },
    {
      name: "a deferred message can be abandoned, staying deferred, and dead-lettered",
      on,
      run: async ({ client }) => {
        await client.createSender("settling").sendMessages({ body: "later" });
        const receiver = receiverOf(client, "settling");
        const deferred = await receiveOne(receiver);
        await receiver.deferMessage(deferred);
        const number = deferred.sequenceNumber!;
        const [first] = await receiver.receiveDeferredMessages(number);
        await receiver.abandonMessage(first!);
        const [again] = await receiver.receiveDeferredMessages(number);
        expect(again).toMatchObject({ state: "deferred" });
        await receiver.deadLetterMessage(again!, {
          deadLetterReason: "late",
          deadLetterErrorDescription: "too late",
        });
        const dead = deadLettersOf(client, "settling");
        const letter = await receiveOne(dead);
        expect(letter).toMatchObject({ body: "later", deadLetterReason: "late" });
        await dead.completeMessage(letter);
      },
    },
    {
      name: "a number that is not deferred is not found",
      on,
      run: async ({ client, contents }) => {
        await client.createSender("settling").sendMessages({ body: "not deferred" });
        const receiver = receiverOf(client, "settling");
        const [peeked] = await contents("settling");
        const asking = receiver.receiveDeferredMessages(peeked!.sequenceNumber!);
        await expect(asking).rejects.toMatchObject(missing);
        await receiver.completeMessage(await receiveOne(receiver));
      },
    },
  ],
};
