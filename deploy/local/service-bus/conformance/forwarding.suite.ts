// Auto-forwarding: of messages, of dead letters, from topics, and where it ends.

import { expect } from "vitest";
import { type Area, deadLettersOf, eventually, receiveOne, receiverOf, unique } from "./case.ts";

const hops = ["hop-1", "hop-2", "hop-3", "hop-4", "hop-5", "hop-6"];
const readOut = { receiveMode: "receiveAndDelete" } as const;

export const forwarding: Area = {
  name: "forwarding",
  cases: [
    {
      name: "a message sent to a queue that forwards arrives where it forwards to, unchanged",
      on: ["forwarded"],
      run: async ({ client }) => {
        const message = {
          body: { a: 1 },
          messageId: unique("id"),
          subject: "s",
          applicationProperties: { kept: true },
        };
        await client.createSender("forwarding").sendMessages(message);
        const received = await receiveOne(receiverOf(client, "forwarded", readOut));
        expect(received).toMatchObject({ ...message, deliveryCount: 0 });
      },
    },
    {
      name: "a subscription forwards what its topic gives it",
      on: ["forwarded"],
      run: async ({ client }) => {
        const messageId = unique("id");
        const message = { body: 1, messageId, sessionId: unique("session") };
        await client.createSender("events").sendMessages(message);
        const receiver = receiverOf(client, "forwarded", readOut);
        const received = await eventually(async () => {
          const one = await receiveOne(receiver);
          return one.messageId === messageId ? one : undefined;
        });
        expect(received).toMatchObject(message);
      },
    },
    {
      name: "a dead letter goes to the queue that takes dead letters, with its reason",
      on: ["dead-forwarded"],
      run: async ({ client, contents }) => {
        await client.createSender("dead-forwarding").sendMessages({ body: "bad" });
        const receiver = receiverOf(client, "dead-forwarding");
        await receiver.deadLetterMessage(await receiveOne(receiver), {
          deadLetterReason: "unreadable",
          deadLetterErrorDescription: "field x",
        });
        const letter = await receiveOne(receiverOf(client, "dead-forwarded", readOut));
        expect(letter).toMatchObject({
          body: "bad",
          deadLetterReason: "unreadable",
          deadLetterErrorDescription: "field x",
        });
        expect(await contents("dead-forwarding", "deadLetter")).toEqual([]);
      },
    },
    {
      name: "a message that would be forwarded more than four times becomes a dead letter",
      on: hops.slice(-1),
      run: async ({ client, contents }) => {
        const messageId = unique("id");
        await client.createSender("hop-1").sendMessages({ body: "far", messageId });
        // Documented for the transfer dead-letter queue; some targets have only the other one.
        const letter = await eventually(async () => {
          for (const hop of hops) {
            for (const subQueue of ["transferDeadLetter", "deadLetter"] as const) {
              const found = await contents(hop, subQueue);
              const own = found.find((one) => one.messageId === messageId);
              if (own !== undefined) return { hop, subQueue, own };
            }
          }
          return undefined;
        });
        expect(letter.own.deadLetterReason).toBe("MaxTransferHopCountExceeded");
        expect(await contents("hop-6")).toEqual([]);
        const dead = deadLettersOf(client, letter.hop, letter.subQueue);
        await dead.completeMessage(await receiveOne(dead));
      },
    },
  ],
};
