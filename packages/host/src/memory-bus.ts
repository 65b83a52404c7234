// The bus in memory, for tests: a fake that holds state. Topics are filtered into subscriptions by type and mode,
// sessions are in order and one at a time, scheduled messages wait for the clock, ten failed deliveries end in the
// dead letters. Every publish and every completion can be lost, before or after it was applied.
//
// What it does not do: locks have no time. A message that was released, or whose completion was lost, comes
// again when the test says `expireLocks`.

import type { Envelope, TopicName } from "@niivo/contracts/envelope";
import { deliveriesMax, modeOf, pathOf, type Subscription } from "@niivo/contracts/topology";
import type { DeadLetter, Delivery, Outgoing, Publisher, Receiver, Settlement } from "./bus.ts";
import { BusUnavailable } from "./bus-unavailable.ts";
import type { WriteFault } from "./memory-store.ts";

export interface MemoryBusOptions {
  readonly subscriptions: readonly Subscription[];
  readonly now?: () => Date;
  readonly publishFault?: (messages: readonly Outgoing[]) => WriteFault;
  readonly completeFault?: (delivery: Delivery) => WriteFault;
}

export interface MemoryBus extends Receiver {
  readonly publisher: (topic: TopicName) => Publisher;
  /** Stores anything at all on a subscription, as a broken or hostile publisher would. */
  readonly inject: (path: string, message: RawMessage) => void;
  /** Every message stored on a topic so far, repeats included, in order. */
  readonly stored: (topic: TopicName) => readonly Envelope[];
  /** Messages on a subscription that are neither completed nor dead-lettered. */
  readonly waiting: (path: string) => number;
  readonly deadLetters: (path: string) => readonly DeadLetter[];
  /** Hands out what is due now, also what was scheduled, until nothing more is handed out and all is settled. */
  readonly idle: () => Promise<void>;
  /** Every lock that is held has run out: what was not settled comes again. */
  readonly expireLocks: () => void;
  /** The receiving process is gone: its handlers' settlements are ignored from now on. */
  readonly crash: () => void;
}

export interface RawMessage {
  readonly body: Uint8Array;
  readonly messageId?: string;
  readonly type?: string;
  readonly session?: string;
}

interface Message extends RawMessage {
  readonly sequenceNumber: bigint;
  readonly dueAtMs: number;
  deliveryCount: number;
  status: "ready" | "locked" | "stuck" | "gone";
}

interface Queue {
  readonly subscription: Subscription;
  readonly messages: Message[];
  readonly dead: DeadLetter[];
  handle: ((delivery: Delivery) => Promise<Settlement>) | undefined;
}

export function memoryBus(options: MemoryBusOptions): MemoryBus {
  const { now = () => new Date(), publishFault = () => "none" } = options;
  const queues = new Map(options.subscriptions.map((one) => [pathOf(one), newQueue(one)]));
  const log = new Map<TopicName, Envelope[]>();
  const working = new Set<Promise<void>>();
  let sequenceNumber = 0n;
  let generation = 0;

  const queueOf = (path: string): Queue => {
    const queue = queues.get(path);
    if (queue === undefined) throw new TypeError(`there is no subscription ${path}`);
    return queue;
  };

  const add = (queue: Queue, message: RawMessage, dueAtMs: number): void => {
    sequenceNumber += 1n;
    const status = "ready" as const;
    queue.messages.push({ ...message, sequenceNumber, dueAtMs, deliveryCount: 0, status });
  };

  const store = (topic: TopicName, { envelope, notBefore }: Outgoing): void => {
    log.set(topic, [...(log.get(topic) ?? []), envelope]);
    const dueAtMs = notBefore === undefined ? 0 : Date.parse(notBefore);
    for (const queue of queues.values())
      if (passes(queue.subscription, topic, envelope)) add(queue, rawOf(envelope), dueAtMs);
  };

  const deliver = async (queue: Queue, message: Message): Promise<void> => {
    const born = generation;
    const delivery = deliveryOf(message);
    const settlement = await queue.handle?.(delivery).catch(() => undefined);
    if (born !== generation || message.status !== "locked") return;
    const fault = settlement?.kind === "complete" ? options.completeFault?.(delivery) : undefined;
    conclude(queue, message, fault === "lost" ? undefined : settlement);
  };

  /** Starts every delivery that is possible now. */
  const dispatch = (): boolean => {
    let isAny = false;
    for (const queue of queues.values()) {
      if (queue.handle === undefined) continue;
      for (const message of deliverable(queue, now().getTime())) {
        message.status = "locked";
        isAny = true;
        const one = deliver(queue, message).finally(() => working.delete(one));
        working.add(one);
      }
    }
    return isAny;
  };

  return {
    publisher: (topic) => ({
      topic,
      publish: async (messages) => {
        const fault = publishFault(messages);
        if (fault !== "lost") for (const message of messages) store(topic, message);
        if (fault !== "none") throw new BusUnavailable("the publish's answer was lost");
      },
      close: async () => {},
    }),
    receive: (subscription, handle) => {
      const queue = queueOf(pathOf(subscription));
      queue.handle = handle;
      return {
        close: async () => {
          if (queue.handle === handle) queue.handle = undefined;
          await Promise.all(working);
        },
      };
    },
    peekDeadLetters: async (subscription, from) =>
      queueOf(pathOf(subscription)).dead.filter((letter) => letter.sequenceNumber >= from),
    removeDeadLetters: async (subscription, sequenceNumbers) => {
      const { dead } = queueOf(pathOf(subscription));
      return removed(dead, ({ sequenceNumber: its }) => sequenceNumbers.has(its));
    },
    inject: (path, message) => add(queueOf(path), message, 0),
    stored: (topic) => log.get(topic) ?? [],
    waiting: (path) => queueOf(path).messages.filter(({ status }) => status !== "gone").length,
    deadLetters: (path) => queueOf(path).dead,
    idle: async () => {
      while (dispatch() || working.size > 0) await Promise.race(working);
    },
    expireLocks: () => {
      for (const queue of queues.values()) expire(queue);
    },
    crash: () => {
      generation += 1;
      working.clear();
      for (const queue of queues.values()) {
        queue.handle = undefined;
        expire(queue);
      }
    },
  } satisfies MemoryBus;
}

/** Without a settlement, or released, a message stays under its lock until that runs out. */
function conclude(queue: Queue, message: Message, settlement: Settlement | undefined): void {
  if (settlement === undefined || settlement.kind === "release") {
    message.status = "stuck";
    return;
  }
  message.status = "gone";
  if (settlement.kind === "complete") return;
  const { sequenceNumber } = message;
  queue.dead.push({ ...deliveryOf(message), sequenceNumber, reason: settlement.code });
}

function removed(letters: DeadLetter[], isMeant: (letter: DeadLetter) => boolean): number {
  const others = letters.filter((letter) => !isMeant(letter));
  const taken = letters.length - others.length;
  letters.splice(0, letters.length, ...others);
  return taken;
}

const newQueue = (subscription: Subscription): Queue => ({
  subscription,
  messages: [],
  dead: [],
  handle: undefined,
});

function passes(subscription: Subscription, topic: TopicName, { type, data }: Envelope): boolean {
  if (subscription.topic !== topic || !subscription.types.includes(type)) return false;
  return subscription.mode === undefined || subscription.mode === modeOf(type, data);
}

/** Due and ready; of a session only its first message, and only while none before it is in work. */
function deliverable({ subscription, messages }: Queue, nowMs: number): readonly Message[] {
  const due = messages.filter(({ status, dueAtMs }) => status !== "gone" && dueAtMs <= nowMs);
  const heads = due.filter(
    (message, index) =>
      !subscription.sessions ||
      due.findIndex(({ session }) => session === message.session) === index,
  );
  return heads.filter(({ status }) => status === "ready");
}

function expire(queue: Queue): void {
  for (const message of queue.messages) {
    if (message.status !== "stuck" && message.status !== "locked") continue;
    message.deliveryCount += 1;
    message.status = message.deliveryCount < deliveriesMax ? "ready" : "gone";
    if (message.status === "gone")
      queue.dead.push({
        ...deliveryOf(message),
        sequenceNumber: message.sequenceNumber,
        reason: "MaxDeliveryCountExceeded",
      });
  }
}

const rawOf = (envelope: Envelope): RawMessage => ({
  body: Buffer.from(JSON.stringify(envelope)),
  messageId: envelope.id,
  type: envelope.type,
  session: envelope.ticket ?? envelope.customer,
});

const deliveryOf = ({ messageId, type, body, deliveryCount }: Message): Delivery => ({
  messageId,
  type,
  body,
  deliveryCount,
});
