// Clients that send and settle as fast as they can until the bus is gone, and write down what it promised.

import type {
  ServiceBusClient,
  ServiceBusReceivedMessage,
  ServiceBusReceiver,
} from "@azure/service-bus";
import type { Fate, Ledger } from "./ledger.ts";
import type { Random } from "./random.ts";

const senders = 8;
const handlers = 20;
const batchMax = 10;

export interface Load {
  /** Stops asking; what is on its way keeps no answer. */
  readonly stop: () => void;
  /** The first promise that was seen broken while it ran. */
  readonly failure: () => Error | undefined;
}

/** @param round makes ids that no other round uses. */
export function startLoad(
  client: ServiceBusClient,
  ledger: Ledger,
  random: Random,
  round: number,
): Load {
  let isStopped = false;
  let failure: Error | undefined;
  let next = 0;
  const sender = client.createSender("events");
  const sendOn = async () => {
    while (!isStopped) {
      const ids = Array.from({ length: 1 + random.below(batchMax) }, () => `${round}-${next++}`);
      for (const id of ids) ledger.sending(id);
      await sender.sendMessages(ids.map((messageId) => ({ body: messageId, messageId })));
      for (const id of ids) ledger.sent(id);
    }
  };
  for (let lane = 0; lane < senders; lane += 1) void sendOn().catch(() => undefined);
  const seen = (message: ServiceBusReceivedMessage) => {
    try {
      ledger.received(String(message.body));
    } catch (error) {
      failure ??= error instanceof Error ? error : new Error(String(error));
    }
  };
  // A receiver settles in one way only: rhea, in the client, sends two different outcomes of
  // neighbouring deliveries as the first of them (lib/session.js, write_dispositions).
  for (const [settle, share] of ways) {
    const receiver = client.createReceiver("events", "plain", {
      maxAutoLockRenewalDurationInMs: 0,
    });
    receiver.subscribe(
      {
        processMessage: async (message) => {
          if (isStopped) return;
          seen(message);
          // Slows the rarer outcomes down to their share.
          if (share > 1) await new Promise((resolve) => setTimeout(resolve, random.below(share)));
          await settle(receiver, message, ledger).catch(() => undefined);
        },
        processError: async () => undefined,
      },
      { autoCompleteMessages: false, maxConcurrentCalls: share > 1 ? 2 : handlers },
    );
  }
  return {
    stop: () => {
      isStopped = true;
    },
    failure: () => failure,
  };
}

type Settle = (
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  ledger: Ledger,
) => Promise<void>;

const complete: Settle = (receiver, message, ledger) =>
  noted(message, ledger, "completed", () => receiver.completeMessage(message));

const deadLetter: Settle = (receiver, message, ledger) =>
  noted(message, ledger, "dead", () =>
    receiver.deadLetterMessage(message, {
      deadLetterReason: "round",
      deadLetterErrorDescription: String(message.body),
    }),
  );

const defer: Settle = (receiver, message, ledger) =>
  noted(message, ledger, "deferred", () => receiver.deferMessage(message));

const abandon: Settle = (receiver, message) =>
  receiver.abandonMessage(message, { abandoned: true });

async function noted(
  message: ServiceBusReceivedMessage,
  ledger: Ledger,
  fate: Fate,
  settle: () => Promise<void>,
): Promise<void> {
  const id = String(message.body);
  ledger.settling(id, fate);
  await settle();
  ledger.settled(id, fate);
}

/** With the longest time, in ms, that a handler waits before it settles so. */
const ways: readonly (readonly [Settle, number])[] = [
  [complete, 1],
  [complete, 1],
  [deadLetter, 20],
  [defer, 20],
  [abandon, 20],
];
