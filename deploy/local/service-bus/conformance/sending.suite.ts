// What is sent arrives, as it was sent, with what the broker adds; what cannot be taken is refused.

import { expect } from "vitest";
import { type Area, receive, receiveOne, receiverOf, unique } from "./case.ts";

const on = ["messages"];
const wholeMinuteMs = 60_000;

export const sending: Area = {
  name: "sending",
  cases: [
    {
      name: "every field of a message arrives as it was sent",
      on,
      run: async ({ client }) => {
        const sent = {
          body: { nested: { list: [1, "two", null, true] } },
          messageId: unique("id"),
          subject: "subject",
          contentType: "application/json",
          correlationId: "correlation",
          to: "to",
          replyTo: "reply",
          replyToSessionId: "reply-session",
          timeToLive: 10 * wholeMinuteMs,
          applicationProperties: {
            text: "grüezi 😀",
            whole: 7,
            negative: -7,
            large: 2 ** 40,
            real: 1.5,
            yes: true,
            no: false,
          },
        };
        await client.createSender("messages").sendMessages(sent);
        const receiver = receiverOf(client, "messages");
        const message = await receiveOne(receiver);
        expect(message).toMatchObject(sent);
        await receiver.completeMessage(message);
      },
    },
    {
      name: "the broker adds number, times, lock and count to a message",
      on,
      run: async ({ client }) => {
        const sender = client.createSender("messages");
        const before = Date.now();
        await sender.sendMessages([{ body: 1, timeToLive: 10 * wholeMinuteMs }, { body: 2 }]);
        const receiver = receiverOf(client, "messages");
        const [first, second] = await receive(receiver, 2);
        expect(first).toMatchObject({ state: "active", deliveryCount: 0 });
        expect(first?.lockToken).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
        expect(first?.lockToken).not.toBe(second?.lockToken);
        expect(second?.sequenceNumber?.gt(first?.sequenceNumber ?? 0)).toBe(true);
        const enqueuedAt = first?.enqueuedTimeUtc?.getTime() ?? 0;
        // The clocks of a remote target and of this machine may differ by some seconds.
        expect(Math.abs(enqueuedAt - before)).toBeLessThan(wholeMinuteMs);
        expect(first?.expiresAtUtc?.getTime()).toBe(enqueuedAt + 10 * wholeMinuteMs);
        const lockedMs = (first?.lockedUntilUtc?.getTime() ?? 0) - enqueuedAt;
        expect(lockedMs).toBeGreaterThan(wholeMinuteMs / 2);
        await receiver.completeMessage(first!);
        await receiver.completeMessage(second!);
      },
    },
    {
      name: "bytes, text and numbers stay what they were",
      on,
      run: async ({ client }) => {
        const bodies = [Buffer.from([0, 255, 10, 13]), "text", 42, 1.25, true, null, [], {}];
        await client.createSender("messages").sendMessages(bodies.map((body) => ({ body })));
        const receiver = receiverOf(client, "messages", { receiveMode: "receiveAndDelete" });
        const received = await receive(receiver, bodies.length);
        expect(received.map(({ body }) => body)).toEqual(bodies);
      },
    },
    {
      name: "an AMQP value and an AMQP sequence keep their section",
      on,
      run: async ({ client }) => {
        const sender = client.createSender("messages");
        const value = { text: "t", list: [1, 2], bytes: Buffer.from("b") };
        await sender.sendMessages({ bodyType: "value", body: value });
        await sender.sendMessages({
          bodyType: "sequence",
          body: [
            ["a", 1],
            ["b", 2],
          ],
        });
        const receiver = receiverOf(client, "messages", { receiveMode: "receiveAndDelete" });
        const [asValue, asSequence] = await receive(receiver, 2);
        expect(asValue?._rawAmqpMessage).toMatchObject({ bodyType: "value", body: value });
        expect(asSequence?._rawAmqpMessage.bodyType).toBe("sequence");
        expect(asSequence?.body).toEqual([
          ["a", 1],
          ["b", 2],
        ]);
      },
    },
    {
      name: "annotations and AMQP properties that only AMQP knows pass through",
      on,
      run: async ({ client }) => {
        await client.createSender("messages").sendMessages({
          bodyType: "value",
          body: "annotated",
          messageAnnotations: { "x-opt-mine": "kept" },
          properties: { groupSequence: 7, contentEncoding: "identity" },
        });
        const receiver = receiverOf(client, "messages", { receiveMode: "receiveAndDelete" });
        const raw = (await receiveOne(receiver))._rawAmqpMessage;
        expect(raw.messageAnnotations).toMatchObject({ "x-opt-mine": "kept" });
        expect(raw.properties).toMatchObject({ groupSequence: 7, contentEncoding: "identity" });
      },
    },
    {
      name: "messages arrive in the order in which they were sent, singly and in a batch",
      on,
      run: async ({ client }) => {
        const sender = client.createSender("messages");
        for (const body of [0, 1, 2]) await sender.sendMessages({ body });
        await sender.sendMessages([3, 4, 5].map((body) => ({ body })));
        const receiver = receiverOf(client, "messages", { receiveMode: "receiveAndDelete" });
        const bodies = (await receive(receiver, 6)).map(({ body }) => body);
        expect(bodies).toEqual([0, 1, 2, 3, 4, 5]);
      },
    },
    {
      name: "a batch takes what fits, refuses the next, and arrives whole",
      on,
      run: async ({ client }) => {
        const sender = client.createSender("messages");
        const batch = await sender.createMessageBatch();
        const body = Buffer.alloc(20_000, "x");
        let count = 0;
        while (batch.tryAddMessage({ body, subject: String(count) })) count += 1;
        expect(count).toBe(batch.count);
        expect(batch.sizeInBytes).toBeGreaterThan(batch.maxSizeInBytes - 2 * body.length);
        await sender.sendMessages(batch);
        const receiver = receiverOf(client, "messages", { receiveMode: "receiveAndDelete" });
        const received = await receive(receiver, count);
        expect(received.map(({ subject }) => subject)).toEqual(
          Array.from({ length: count }, (_, at) => String(at)),
        );
      },
    },
    {
      name: "a message of nearly the largest size arrives whole over several frames",
      on,
      run: async ({ client }) => {
        const sender = client.createSender("messages");
        const { maxSizeInBytes } = await sender.createMessageBatch();
        const body = Buffer.alloc(maxSizeInBytes - 4_096, "0123456789abcdef");
        await sender.sendMessages({ body });
        const receiver = receiverOf(client, "messages", { receiveMode: "receiveAndDelete" });
        expect(body.equals((await receiveOne(receiver)).body)).toBe(true);
      },
    },
    {
      name: "a message of 900 KB arrives whole",
      on,
      needs: "more than 256 KB",
      run: async ({ client }) => {
        const body = Buffer.alloc(900_000, "0123456789abcdef");
        await client.createSender("messages").sendMessages({ body });
        const receiver = receiverOf(client, "messages", { receiveMode: "receiveAndDelete" });
        expect(body.equals((await receiveOne(receiver)).body)).toBe(true);
      },
    },
    {
      name: "a message above the largest size is refused, and the next one is taken",
      on,
      run: async ({ client }) => {
        const sender = client.createSender("messages");
        const { maxSizeInBytes } = await sender.createMessageBatch();
        const tooLarge = { body: Buffer.alloc(maxSizeInBytes + 1_024) };
        await expect(sender.sendMessages(tooLarge)).rejects.toMatchObject({
          code: "MessageSizeExceeded",
        });
        await sender.sendMessages({ body: "small" });
        const receiver = receiverOf(client, "messages", { receiveMode: "receiveAndDelete" });
        expect((await receiveOne(receiver)).body).toBe("small");
      },
    },
  ],
};
