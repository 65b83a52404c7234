// One message of Azure Service Bus as a delivery, and its settlement.

import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from "@azure/service-bus";
import type { Subscription } from "@niivo/contracts/topology";
import type { Delivery, Settlement } from "./bus.ts";
import type { Logger } from "./logger.ts";
import { isLockLost } from "./service-bus-errors.ts";

/** One subscription, and what is done with its messages. */
export interface Reading {
  readonly client: ServiceBusClient;
  readonly subscription: Subscription;
  readonly handle: (delivery: Delivery) => Promise<Settlement>;
  readonly onFatal: (error: Error) => void;
  readonly log: Logger;
}

/** A settlement that fails is no failure of the message: it comes again, and its id is known (H3). */
export async function settle(
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  settlement: Settlement,
  log: Logger,
): Promise<void> {
  try {
    switch (settlement.kind) {
      case "complete":
        return await receiver.completeMessage(message);
      case "dead-letter":
        return await receiver.deadLetterMessage(message, {
          deadLetterReason: settlement.code,
          deadLetterErrorDescription: settlement.detail,
        });
      case "release":
        return;
    }
  } catch (error) {
    const { messageId } = message;
    if (isLockLost(error)) log.info({ messageId }, "the lock was lost before the settlement");
    else log.warn({ err: error, messageId }, "a settlement failed");
  }
}

export function deliveryOf(message: ServiceBusReceivedMessage): Delivery {
  const { messageId, applicationProperties, deliveryCount = 0 } = message;
  const type = applicationProperties?.["type"];
  const body: unknown = message.body;
  return {
    messageId: messageId === undefined ? undefined : String(messageId),
    type: typeof type === "string" ? type : undefined,
    // Only an AMQP value or sequence is not bytes already; no publisher of ours sends one.
    body: body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body ?? null)),
    deliveryCount,
  };
}
