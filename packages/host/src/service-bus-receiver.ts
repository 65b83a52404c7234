// Receiving from subscriptions: without sessions through one link with many messages in work, with sessions
// (see `service-bus-sessions.ts`) one message after the other in each of many sessions.

import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from "@azure/service-bus";
import { pathOf } from "@niivo/contracts/topology";
import type { DeadLetter, Receiver, Receiving } from "./bus.ts";
import type { Logger } from "./logger.ts";
import { deliveryOf, type Reading, settle } from "./service-bus-delivery.ts";
import { fatalOf } from "./service-bus-errors.ts";
import { removeDeadLetters } from "./service-bus-removal.ts";
import { receiveSessions } from "./service-bus-sessions.ts";

/** Messages in work at once, per subscription without sessions. */
const concurrencyMax = 64;
/** Longer than the host holds a message (`holdMs` in `service.ts`). */
const lockRenewalMs = 5 * 60 * 1000;
const peekMax = 50;

export function createReceiver(client: ServiceBusClient, log: Logger): Receiver {
  const peek = deadLetterPeeker(client);
  return {
    receive: (subscription, handle, onFatal, onInterrupted = () => {}) => {
      const reading = { client, subscription, handle, onFatal, onInterrupted, log };
      return subscription.sessions ? receiveSessions(reading) : receivePlain(reading);
    },
    peekDeadLetters: peek,
    removeDeadLetters: (subscription, sequenceNumbers) =>
      removeDeadLetters(client, subscription, sequenceNumbers),
  };
}

function receivePlain(reading: Reading): Receiving {
  const { client, subscription, handle, onFatal, onInterrupted, log } = reading;
  const path = pathOf(subscription);
  const receiver = client.createReceiver(subscription.topic, subscription.name, {
    maxAutoLockRenewalDurationInMs: lockRenewalMs,
    skipParsingBodyAsJson: true,
  });
  const working = new Set<Promise<unknown>>();
  const work = async (message: ServiceBusReceivedMessage) =>
    settle(receiver, message, await handle(deliveryOf(message)), log);
  const subscribed = receiver.subscribe(
    {
      processMessage: async (message) => {
        const one = work(message);
        working.add(one);
        await one.finally(() => working.delete(one));
      },
      processError: async ({ error, errorSource }) => {
        onInterrupted();
        const fatal = fatalOf(error, path);
        if (fatal !== undefined) onFatal(fatal);
        else log.warn({ err: error, errorSource, path }, "receiving goes on by itself");
      },
    },
    { autoCompleteMessages: false, maxConcurrentCalls: concurrencyMax },
  );
  return {
    close: async () => {
      await subscribed.close();
      await Promise.allSettled(working);
      await receiver.close();
    },
  };
}

type SequenceNumber = NonNullable<ServiceBusReceivedMessage["sequenceNumber"]>;

function deadLetterPeeker(client: ServiceBusClient): Receiver["peekDeadLetters"] {
  const receivers = new Map<string, ServiceBusReceiver>();
  // The library wants its own 64-bit type and does not export it: any number seen makes every other.
  let seen: SequenceNumber | undefined;
  return async (subscription, fromSequenceNumber) => {
    const path = pathOf(subscription);
    const receiver =
      receivers.get(path) ??
      client.createReceiver(subscription.topic, subscription.name, {
        subQueueType: "deadLetter",
        skipParsingBodyAsJson: true,
      });
    receivers.set(path, receiver);
    const from = seen?.sub(seen).add(fromSequenceNumber.toString());
    const messages = await receiver.peekMessages(
      peekMax,
      from === undefined ? {} : { fromSequenceNumber: from },
    );
    return messages.map((message): DeadLetter => {
      const { sequenceNumber } = message;
      seen ??= sequenceNumber;
      return {
        ...deliveryOf(message),
        sequenceNumber: BigInt(sequenceNumber?.toString() ?? "0"),
        reason: message.deadLetterReason,
      };
    });
  };
}
