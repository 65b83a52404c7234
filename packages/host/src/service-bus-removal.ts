// Takes chosen dead letters out of their queue. Service Bus deletes nothing by number: they are received like any
// other messages, and what was not meant is given back.
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-dead-letter-queues

import type { ServiceBusClient, ServiceBusReceivedMessage } from "@azure/service-bus";
import type { Subscription } from "@niivo/contracts/topology";

const batchMax = 100;
/** Where messages lie they come at once; an empty answer after this time means that no more can be had. */
const waitMs = 2000;
/** So many that were not meant can be held within a lock. With more in front a person has to clear the queue first. */
const heldMax = 10_000;

/** @returns how many it took. @throws what the library throws; what it took until then is gone. */
export async function removeDeadLetters(
  client: ServiceBusClient,
  { topic, name }: Subscription,
  sequenceNumbers: ReadonlySet<bigint>,
): Promise<number> {
  const receiver = client.createReceiver(topic, name, {
    subQueueType: "deadLetter",
    skipParsingBodyAsJson: true,
  });
  const held: ServiceBusReceivedMessage[] = [];
  let taken = 0;
  try {
    while (taken < sequenceNumbers.size && held.length < heldMax) {
      const batch = await receiver.receiveMessages(batchMax, { maxWaitTimeInMs: waitMs });
      if (batch.length === 0) break;
      for (const message of batch) {
        if (!sequenceNumbers.has(BigInt(message.sequenceNumber?.toString() ?? "-1"))) {
          held.push(message); // Given back at the end: at once, it would only come again.
          continue;
        }
        await receiver.completeMessage(message);
        taken += 1;
      }
    }
    return taken;
  } finally {
    await Promise.allSettled(held.map((message) => receiver.abandonMessage(message)));
    await receiver.close();
  }
}
