// What a conformance case is, and the little that all of them need: one client for each area of
// cases, fresh clients where a case closes or starves its own, and entities that are empty.

import { randomUUID } from "node:crypto";
import {
  type RetryOptions,
  type ServiceBusAdministrationClient,
  ServiceBusClient,
  type ServiceBusReceivedMessage,
  type ServiceBusReceiver,
  type ServiceBusReceiverOptions,
} from "@azure/service-bus";

/** What not every target offers. A case that needs what is missing is skipped with that reason. */
type Need = "rights" | "more than 256 KB" | "administration" | "small queues";

interface Case {
  /** A sentence: what holds. */
  readonly name: string;
  /** The queues (or `topic/subscription`) that must be empty at its beginning. */
  readonly on?: readonly string[];
  readonly needs?: Need;
  readonly run: (bus: Bench) => Promise<void>;
}

/** Cases that share entities and so run one after the other; areas run at the same time. */
export interface Area {
  readonly name: string;
  readonly cases: readonly Case[];
}

/** A bus under test. */
export interface Target {
  /** A connection string with every right. */
  readonly connectionString: string;
  /** A connection string of a key with only this right on the queue `messages`. */
  readonly limited?: (right: "send" | "listen") => string;
  /** A client for its entities. */
  readonly administer?: () => ServiceBusAdministrationClient;
  readonly offers: ReadonlySet<Need>;
  readonly stop: () => Promise<void>;
}

export interface Bench {
  readonly target: Target;
  readonly client: ServiceBusClient;
  /** A client of its own, closed with the area. */
  readonly connect: (connectionString?: string, retry?: RetryOptions) => ServiceBusClient;
  /** All that is there, whatever its state, up to 100 messages; nothing is taken. */
  readonly contents: (entity: string, subQueue?: SubQueue) => Promise<ServiceBusReceivedMessage[]>;
}

type SubQueue = "deadLetter" | "transferDeadLetter" | undefined;

/** How long a case waits for what must come. */
const patienceMs = 15_000;

export const noRenewal: ServiceBusReceiverOptions = { maxAutoLockRenewalDurationInMs: 0 };

/** Clients for one area of cases. */
export function createBench(target: Target): Bench & { readonly close: () => Promise<void> } {
  const clients: ServiceBusClient[] = [];
  const connect = (connectionString = target.connectionString, retry: RetryOptions = {}) => {
    const retryOptions = { maxRetries: 1, retryDelayInMs: 200, timeoutInMs: patienceMs, ...retry };
    const client = new ServiceBusClient(connectionString, { retryOptions });
    clients.push(client);
    return client;
  };
  const contents: Bench["contents"] = async (entity, subQueue) => {
    // The SDK's peek goes on where the last one of the same client stopped, so each look needs one.
    const client = new ServiceBusClient(target.connectionString);
    try {
      return await receiverOf(client, entity, subQueueOf(subQueue)).peekMessages(100);
    } finally {
      await client.close();
    }
  };
  return {
    target,
    client: connect(),
    connect,
    contents,
    close: async () => {
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

/** A name that no other run used. */
export const unique = (what: string): string => `${what}-${randomUUID()}`;

/** A receiver of a queue, or of a subscription written `topic/subscription`. */
export function receiverOf(
  client: ServiceBusClient,
  entity: string,
  options: ServiceBusReceiverOptions = noRenewal,
): ServiceBusReceiver {
  const [name = "", subscription] = entity.split("/");
  // The SDK deletes `receiveMode` from the object it is given: a shared one would be used up.
  const own = { ...options };
  return subscription === undefined
    ? client.createReceiver(name, own)
    : client.createReceiver(name, subscription, own);
}

export const deadLettersOf = (
  client: ServiceBusClient,
  entity: string,
  subQueueType: "deadLetter" | "transferDeadLetter" = "deadLetter",
): ServiceBusReceiver => receiverOf(client, entity, { ...noRenewal, subQueueType });

/** Exactly `count` messages, in the order in which they came. Throws when they do not come. */
export async function receive(
  receiver: Pick<ServiceBusReceiver, "receiveMessages" | "entityPath">,
  count: number,
): Promise<ServiceBusReceivedMessage[]> {
  const messages: ServiceBusReceivedMessage[] = [];
  const endsAt = Date.now() + patienceMs;
  while (messages.length < count) {
    const maxWaitTimeInMs = endsAt - Date.now();
    if (maxWaitTimeInMs <= 0) {
      throw new Error(`${receiver.entityPath}: ${messages.length} of ${count} messages came`);
    }
    const more = await receiver.receiveMessages(count - messages.length, { maxWaitTimeInMs });
    messages.push(...more);
  }
  return messages;
}

export async function receiveOne(
  receiver: Pick<ServiceBusReceiver, "receiveMessages" | "entityPath">,
): Promise<ServiceBusReceivedMessage> {
  const [message] = await receive(receiver, 1);
  if (message === undefined) throw new Error("unreachable: receive() gives what it was asked for");
  return message;
}

/** Asks until the answer is there: for what the bus does in its own time. */
export async function eventually<T>(ask: () => Promise<T | undefined>): Promise<T> {
  const endsAt = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > endsAt) throw new Error(`still not so after ${patienceMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const subQueueOf = (subQueue: SubQueue) =>
  subQueue === undefined ? {} : { subQueueType: subQueue };

/** Takes out what an earlier run left, so that a case sees only its own messages. */
export async function empty(
  { client, contents }: Pick<Bench, "client" | "contents">,
  entity: string,
): Promise<void> {
  for (const subQueue of [undefined, "deadLetter"] as const) {
    for (;;) {
      const left = await contents(entity, subQueue);
      if (left.length === 0) break;
      const receiver = receiverOf(client, entity, {
        receiveMode: "receiveAndDelete",
        ...subQueueOf(subQueue),
      });
      const taken = await receiver.receiveMessages(left.length, { maxWaitTimeInMs: 2_000 });
      await receiver.close();
      if (taken.length === 0) throw new Error(`${entity} holds what an earlier case left locked`);
    }
  }
}
