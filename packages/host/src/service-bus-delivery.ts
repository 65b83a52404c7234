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
import { limited } from "./time-limit.ts";

/** One subscription, and what is done with its messages. */
export interface Reading {
  readonly client: ServiceBusClient;
  readonly subscription: Subscription;
  readonly handle: (delivery: Delivery) => Promise<Settlement>;
  readonly onFatal: (error: Error) => void;
  readonly onInterrupted: () => void;
  readonly log: Logger;
}

/**
 * The library waits a minute for the answer to a settlement that went down with its connection, six times over. What
 * is not answered by then comes again.
 */
const settleMs = 5000;

/**
 * A settlement that fails is no failure of the message: it comes again, and its id is known (H3).
 * @returns false when it failed, or is unknown.
 */
export async function settle(
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  settlement: Settlement,
  log: Logger,
): Promise<boolean> {
  try {
    await limited("a settlement", settleMs, () => settled(receiver, message, settlement));
    return true;
  } catch (error) {
    const { messageId } = message;
    if (isLockLost(error)) log.info({ messageId }, "the lock was lost before the settlement");
    else log.warn({ err: error, messageId }, "a settlement failed");
    return false;
  }
}

function settled(
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  settlement: Settlement,
): Promise<void> {
  switch (settlement.kind) {
    case "complete":
      return receiver.completeMessage(message);
    case "dead-letter":
      return receiver.deadLetterMessage(message, {
        deadLetterReason: settlement.code,
        deadLetterErrorDescription: settlement.detail,
      });
    case "release":
      return Promise.resolve();
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
