// Publishing to one topic: what waits while a send is under way goes out together in the next, in the order
// in which it was given.

import type { ServiceBusClient, ServiceBusMessage, ServiceBusSender } from "@azure/service-bus";
import type { TopicName } from "@niivo/contracts/envelope";
import { modeOf } from "@niivo/contracts/topology";
import type { Outgoing, Publisher } from "./bus.ts";
import { busErrorOf } from "./service-bus-errors.ts";

/** A lost connection does not end a send under way; after this it counts as unknown and is repeated. */
const sendMs = 4000;
/** Small enough that one refused batch repeats little. */
const messagesPerSendMax = 100;

interface Waiting {
  readonly messages: readonly ServiceBusMessage[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export function createPublisher(client: ServiceBusClient, topic: TopicName): Publisher {
  const sender = client.createSender(topic);
  const waiting: Waiting[] = [];
  let isSending = false;

  const sendAll = async (): Promise<void> => {
    if (isSending) return;
    isSending = true;
    while (waiting.length > 0) {
      const group = takeGroup(waiting);
      try {
        await send(
          sender,
          group.flatMap(({ messages }) => messages),
        );
        for (const one of group) one.resolve();
      } catch (error) {
        const known = busErrorOf(error, topic);
        for (const one of group) one.reject(known);
      }
    }
    isSending = false;
  };

  return {
    topic,
    publish: (outgoing) =>
      new Promise((resolve, reject) => {
        waiting.push({ messages: outgoing.map(messageOf), resolve, reject });
        void sendAll();
      }),
    close: () => sender.close(),
  };
}

/** Whole publishes, at least one, together at most `messagesPerSendMax`. */
function takeGroup(waiting: Waiting[]): readonly Waiting[] {
  let count = 0;
  const over = waiting.findIndex(({ messages }, index) => {
    count += messages.length;
    return index > 0 && count > messagesPerSendMax;
  });
  return waiting.splice(0, over === -1 ? waiting.length : over);
}

/** In as few transfers as the link's message size allows. A throw may have stored some: ids make that harmless. */
async function send(
  sender: ServiceBusSender,
  messages: readonly ServiceBusMessage[],
): Promise<void> {
  const [first] = messages;
  if (first === undefined) return;
  // Not AbortSignal.timeout: its timer outlives the send and then makes an error that nobody sees.
  const overdue = new AbortController();
  const timer = setTimeout(() => overdue.abort(), sendMs);
  try {
    await sendWithin(sender, messages, first, overdue.signal);
  } finally {
    clearTimeout(timer);
  }
}

async function sendWithin(
  sender: ServiceBusSender,
  messages: readonly ServiceBusMessage[],
  first: ServiceBusMessage,
  abortSignal: AbortSignal,
): Promise<void> {
  if (messages.length === 1) return sender.sendMessages(first, { abortSignal });
  let batch = await sender.createMessageBatch({ abortSignal });
  for (const message of messages) {
    if (batch.tryAddMessage(message)) continue;
    if (batch.count > 0) await sender.sendMessages(batch, { abortSignal });
    batch = await sender.createMessageBatch({ abortSignal });
    if (batch.tryAddMessage(message)) continue;
    await sender.sendMessages(message, { abortSignal }); // Alone it may still fit: a batch has overhead.
  }
  if (batch.count > 0) await sender.sendMessages(batch, { abortSignal });
}

function messageOf({ envelope, notBefore }: Outgoing): ServiceBusMessage {
  const { id, type, customer, ticket = customer, correlationid } = envelope;
  const mode = modeOf(type, envelope.data);
  return {
    body: Buffer.from(JSON.stringify(envelope)),
    contentType: "application/cloudevents+json",
    messageId: id,
    sessionId: ticket,
    correlationId: correlationid,
    applicationProperties: mode === undefined ? { type } : { type, mode },
    ...(notBefore === undefined ? {} : { scheduledEnqueueTimeUtc: new Date(notBefore) }),
  };
}
