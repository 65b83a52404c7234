// What is not there, not allowed or not possible is refused with the code that the SDK documents.

import { expect } from "vitest";
import { type Area, receiverOf, unique } from "./case.ts";

const once = { maxRetries: 0, timeoutInMs: 8_000 };
const notFound = { code: "MessagingEntityNotFound" };
const unauthorized = { code: "UnauthorizedAccess" };

export const refusals: Area = {
  name: "refusals",
  cases: [
    {
      name: "a queue, topic or subscription that does not exist is not found",
      run: async ({ connect }) => {
        const client = connect(undefined, once);
        const missing = unique("missing");
        const send = client.createSender(missing).sendMessages({ body: 1 });
        await expect(send).rejects.toMatchObject(notFound);
        for (const entity of [missing, `${missing}/all`, `events/${missing}`]) {
          const receiving = receiverOf(client, entity).receiveMessages(1);
          await expect(receiving).rejects.toMatchObject(notFound);
        }
      },
    },
    {
      name: "peeking into and scheduling for what does not exist is not found",
      run: async ({ connect }) => {
        const client = connect(undefined, once);
        const missing = unique("missing");
        const peeking = receiverOf(client, missing).peekMessages(1);
        await expect(peeking).rejects.toMatchObject(notFound);
        const later = new Date(Date.now() + 60_000);
        const scheduling = client.createSender(missing).scheduleMessages({ body: 1 }, later);
        await expect(scheduling).rejects.toMatchObject(notFound);
      },
    },
    {
      name: "a key with the right to send may send, and neither receive nor peek",
      needs: "rights",
      on: ["messages"],
      run: async ({ target, connect }) => {
        const client = connect(target.limited?.("send"), once);
        await client.createSender("messages").sendMessages({ body: "allowed" });
        const receiver = receiverOf(client, "messages");
        await expect(receiver.receiveMessages(1)).rejects.toMatchObject(unauthorized);
        await expect(receiver.peekMessages(1)).rejects.toMatchObject(unauthorized);
      },
    },
    {
      name: "a key with the right to listen may receive, and neither send nor schedule",
      needs: "rights",
      on: ["messages"],
      run: async ({ target, connect }) => {
        const client = connect(target.limited?.("listen"), once);
        expect(await receiverOf(client, "messages").peekMessages(1)).toEqual([]);
        const sender = client.createSender("messages");
        await expect(sender.sendMessages({ body: 1 })).rejects.toMatchObject(unauthorized);
        const later = new Date(Date.now() + 60_000);
        const scheduling = sender.scheduleMessages({ body: 1 }, later);
        await expect(scheduling).rejects.toMatchObject(unauthorized);
      },
    },
    {
      name: "a key of one queue opens no other entity",
      needs: "rights",
      run: async ({ target, connect }) => {
        const client = connect(target.limited?.("send"), once);
        const sending = client.createSender("settling").sendMessages({ body: 1 });
        await expect(sending).rejects.toMatchObject(unauthorized);
      },
    },
    {
      name: "a wrong key is refused",
      needs: "rights",
      run: async ({ target, connect }) => {
        const wrong = target.connectionString.replace(
          /SharedAccessKey=[^;]*/,
          "SharedAccessKey=wrong",
        );
        const client = connect(wrong, once);
        const sending = client.createSender("messages").sendMessages({ body: 1 });
        await expect(sending).rejects.toMatchObject(unauthorized);
      },
    },
    {
      name: "an entity without sessions has no sessions to accept",
      run: async ({ connect }) => {
        const client = connect(undefined, once);
        await expect(client.acceptSession("messages", "s")).rejects.toThrow(/session/i);
      },
    },
    {
      name: "an entity with sessions has no receiver without one",
      run: async ({ connect }) => {
        const client = connect(undefined, once);
        const receiving = receiverOf(client, "sessions").receiveMessages(1, {
          maxWaitTimeInMs: 2_000,
        });
        await expect(receiving).rejects.toThrow(/session/i);
      },
    },
    {
      name: "an entity that forwards is not received from",
      run: async ({ connect }) => {
        const client = connect(undefined, once);
        const receiving = receiverOf(client, "forwarding").receiveMessages(1, {
          maxWaitTimeInMs: 2_000,
        });
        await expect(receiving).rejects.toThrow(/forward/i);
      },
    },
  ],
};
