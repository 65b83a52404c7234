// Sending and receiving with @azure/service-bus as an application does it.

import { ServiceBusClient, type ServiceBusReceivedMessage } from "@azure/service-bus";
import { type Job, nowMs, type Prepared } from "./job.ts";

type JobOf<Kind extends Job["kind"]> = Extract<Job, { kind: Kind }>;

export const messageBytes = 1_024;
const concurrent = 100;
const perBatch = 100;
const fillsInFlight = 3;

export const body = (): Buffer => Buffer.alloc(messageBytes, "0123456789abcdef");

export async function prepareSdkSend(job: JobOf<"sdk-send">): Promise<Prepared> {
  const client = new ServiceBusClient(job.connectionString);
  const sender = client.createSender(job.queue);
  await sender.createMessageBatch(); // Opens the link.
  const message = { body: body() };
  const eachMs: number[] = [];
  const awaited = async () => {
    for (let sent = 0; sent < job.count; sent += 1) {
      const from = nowMs();
      await sender.sendMessages(message);
      eachMs.push(nowMs() - from);
    }
  };
  const inBatches = async () => {
    for (let sent = 0; sent < job.count; sent += perBatch) {
      const batch = await sender.createMessageBatch();
      for (let at = 0; at < Math.min(perBatch, job.count - sent); at += 1) {
        if (!batch.tryAddMessage(message)) throw new Error("the batch is full too early");
      }
      await sender.sendMessages(batch);
    }
  };
  const atOnce = () => times(concurrent, job.count, () => sender.sendMessages(message));
  const ways = { awaited, concurrent: atOnce, batch: inBatches };
  return {
    run: async () => {
      await ways[job.how]();
      return { eachMs };
    },
    close: () => client.close(),
  };
}

/** Completes `count` messages, each explicitly, as a handler does that does not trust the default. */
export async function prepareSdkReceive(job: JobOf<"sdk-receive">): Promise<Prepared> {
  const client = new ServiceBusClient(job.connectionString);
  const receiver = client.createReceiver(job.queue, { maxAutoLockRenewalDurationInMs: 0 });
  await receiver.peekMessages(1); // Connects. Nothing may be taken before the work begins.
  const all = Promise.withResolvers<void>();
  let [taken, completed] = [0, 0];
  const processMessage = async (message: ServiceBusReceivedMessage) => {
    if (taken === job.count) return receiver.abandonMessage(message);
    taken += 1;
    await receiver.completeMessage(message);
    completed += 1;
    if (completed === job.count) all.resolve();
  };
  return {
    run: async () => {
      const subscription = receiver.subscribe(
        { processMessage, processError: async ({ error }) => all.reject(error) },
        { autoCompleteMessages: false, maxConcurrentCalls: concurrent },
      );
      await all.promise;
      void subscription.close();
      return { eachMs: [] };
    },
    close: () => client.close(),
  };
}

export async function prepareSdkFill(job: JobOf<"sdk-fill">): Promise<Prepared> {
  const client = new ServiceBusClient(job.connectionString);
  const sender = client.createSender(job.queue);
  await sender.createMessageBatch();
  let sent = 0;
  const fill = async () => {
    while (sent < job.count) {
      const batch = await sender.createMessageBatch();
      for (let number = sent; number < job.count; number += 1) {
        const sessionId = `session-${number}`;
        const message = { body: body(), ...(job.withSessions ? { sessionId } : {}) };
        if (!batch.tryAddMessage(message)) break;
      }
      // Another lane may have taken the last messages while this one waited for its batch.
      if (batch.count === 0) return;
      sent += batch.count;
      await sender.sendMessages(batch);
    }
  };
  return {
    run: async () => {
      await Promise.all(Array.from({ length: job.withSessions ? 1 : fillsInFlight }, fill));
      return { eachMs: [] };
    },
    close: () => client.close(),
  };
}

/** `count` calls, at most `width` of them at a time. */
async function times(width: number, count: number, call: () => Promise<void>): Promise<void> {
  let left = count;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await call();
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}
