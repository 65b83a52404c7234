// What an owner changes at run time, through the administration client, and what senders and receivers
// then hear.

import type { ServiceBusAdministrationClient } from "@azure/service-bus";
import { expect } from "vitest";
import {
  type Area,
  type Bench,
  eventually,
  noRenewal,
  receive,
  receiveOne,
  unique,
} from "./case.ts";

const once = { maxRetries: 0, timeoutInMs: 8_000 };
const disabled = { code: "MessagingEntityDisabled" };

/** The administration client of the target, and a queue that is removed after the case. */
async function withQueue(
  { target }: Bench,
  options: Parameters<ServiceBusAdministrationClient["createQueue"]>[1],
  run: (admin: ServiceBusAdministrationClient, name: string) => Promise<void>,
): Promise<void> {
  if (target.administer === undefined) throw new Error("the target has no administration API");
  const admin = target.administer();
  const name = unique("made");
  await admin.createQueue(name, options);
  try {
    await run(admin, name);
  } finally {
    await admin.deleteQueue(name);
  }
}

export const administration: Area = {
  name: "administration",
  cases: [
    {
      name: "a disabled queue takes and gives nothing, and keeps what it has until it is active again",
      needs: "administration",
      run: (bench) =>
        withQueue(bench, {}, async (admin, name) => {
          const client = bench.connect(undefined, once);
          await client.createSender(name).sendMessages({ body: "before" });
          const queue = await admin.getQueue(name);
          await admin.updateQueue({ ...queue, status: "Disabled" });
          const late = bench.connect(undefined, once);
          const sending = late.createSender(name).sendMessages({ body: "meanwhile" });
          await expect(sending).rejects.toMatchObject(disabled);
          const receiving = late.createReceiver(name).receiveMessages(1);
          await expect(receiving).rejects.toMatchObject(disabled);
          await admin.updateQueue({ ...queue, status: "Active" });
          const receiver = bench.connect().createReceiver(name, noRenewal);
          expect((await receiveOne(receiver)).body).toBe("before");
        }),
    },
    {
      name: "a queue disabled for sending still gives, one disabled for receiving still takes",
      needs: "administration",
      run: (bench) =>
        withQueue(bench, {}, async (admin, name) => {
          const queue = await admin.getQueue(name);
          await admin.updateQueue({ ...queue, status: "ReceiveDisabled" });
          const client = bench.connect(undefined, once);
          await client.createSender(name).sendMessages({ body: "taken" });
          const receiving = client.createReceiver(name).receiveMessages(1);
          await expect(receiving).rejects.toMatchObject(disabled);
          await admin.updateQueue({ ...queue, status: "SendDisabled" });
          const other = bench.connect(undefined, once);
          const sending = other.createSender(name).sendMessages({ body: "refused" });
          await expect(sending).rejects.toMatchObject(disabled);
          const [message] = await receive(other.createReceiver(name, noRenewal), 1);
          expect(message?.body).toBe("taken");
        }),
    },
    {
      name: "a receiver that waits hears that its queue was deleted",
      needs: "administration",
      run: async (bench) => {
        const heard = Promise.withResolvers<unknown>();
        await withQueue(bench, {}, async (_admin, name) => {
          const receiver = bench.connect(undefined, once).createReceiver(name);
          receiver.subscribe({
            processMessage: async () => undefined,
            processError: async ({ error }) => heard.resolve(error),
          });
          const sender = bench.connect().createSender(name);
          await sender.sendMessages({ body: "to see that it receives" });
          await eventually(async () => {
            const left = await bench.contents(name);
            return left.length === 0 ? true : undefined;
          });
        });
        await expect(heard.promise).resolves.toMatchObject({ code: "MessagingEntityNotFound" });
      },
    },
    {
      name: "a full queue refuses more, and takes again when there is room",
      needs: "small queues",
      run: (bench) =>
        withQueue(bench, { maxSizeInMegabytes: 1 }, async (_admin, name) => {
          const client = bench.connect(undefined, once);
          const sender = client.createSender(name);
          const send = () => sender.sendMessages({ body: Buffer.alloc(200_000) });
          const fill = async () => {
            for (let sent = 0; sent < 6; sent += 1) await send();
          };
          await expect(fill()).rejects.toMatchObject({ code: "QuotaExceeded" });
          const receiver = client.createReceiver(name, { receiveMode: "receiveAndDelete" });
          await receive(receiver, 2);
          await send();
        }),
    },
    {
      name: "the counts of a queue are those of its messages",
      needs: "administration",
      run: (bench) =>
        withQueue(bench, {}, async (admin, name) => {
          const sender = bench.client.createSender(name);
          await sender.sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
          await sender.scheduleMessages({ body: 4 }, new Date(Date.now() + 600_000));
          const receiver = bench.client.createReceiver(name, noRenewal);
          await receiver.deadLetterMessage(await receiveOne(receiver));
          const wanted = { active: 2, dead: 1, scheduled: 1 };
          const last = await eventually(async () => {
            const counts = await admin.getQueueRuntimeProperties(name);
            const { activeMessageCount: active, deadLetterMessageCount: dead } = counts;
            const found = { active, dead, scheduled: counts.scheduledMessageCount };
            return JSON.stringify(found) === JSON.stringify(wanted) ? found : undefined;
          });
          expect(last).toEqual(wanted);
        }),
    },
  ],
};
