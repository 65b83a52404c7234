// Dead letters are published (H6): those this process sets aside, before it does, and those the bus set aside by
// itself, as soon as they are seen in the queue. The same letter always makes the same event, once.

import { derivedId, sha256 } from "@niivo/contracts/canonical";
import {
  type Envelope,
  platformCustomer,
  ReasonCode,
  type TopicContract,
} from "@niivo/contracts/envelope";
import { pathOf, type Subscription } from "@niivo/contracts/topology";
import { pause } from "./back-off.ts";
import type { EngineParts, HostParts } from "./binding.ts";
import type { DeadLetter, Delivery, Receiver } from "./bus.ts";
import type { Input } from "./decider.ts";
import { messageReader } from "./read-message.ts";
import { createRun } from "./run.ts";
import type { Outcome } from "./settlement.ts";

export interface Letter {
  readonly subscription: Subscription;
  readonly delivery: Delivery;
  /** Why: of `PoisonCode`, or what the bus says. */
  readonly code: string;
  readonly detail: string;
  /** Where the message could be parsed. */
  readonly envelope?: Envelope;
  /** As far as they could be read. */
  readonly customer?: string;
  readonly messageType?: string;
}

/** Publishes one `message.dead-lettered.v1`. `handled` when it is on the bus, now or since earlier. */
export type DeadLetters = (letter: Letter) => Promise<Outcome>;

const stateKey = "dead-letters";
const eventType = "message.dead-lettered.v1";
const messageIdMax = 128;
const messageTypeMax = 100;
const detailMax = 1000;

export function createDeadLetters(parts: EngineParts, customers: ReadonlySet<string>): DeadLetters {
  const { contract } = parts;
  const run = createRun<null>(parts, {
    initialState: null,
    key: () => stateKey,
    turn: async ({ state, inputs }) => ({
      state,
      outputs: inputs.map(({ data }) => [{ type: eventType, data }]),
      operations: [],
    }),
  });
  return async (letter) => {
    // A service that hears its own letters and cannot take one would otherwise write letters for ever. The
    // letter that it set aside lies in its dead-letter queue and in its log.
    if (letter.subscription.topic === contract.topic && letter.delivery.type === eventType)
      return { kind: "handled" };
    const input = inputOf(letter, parts, customers);
    // Kept for ever: a letter may lie in its queue for longer than an inbox remembers.
    return run({ input, traceparent: letter.envelope?.traceparent });
  };
}

/** The letter as an input of the decider above; its id is a function of what was set aside. */
function inputOf(
  { subscription, delivery, code, detail, envelope, customer = "", messageType }: Letter,
  { contract, now }: EngineParts,
  customers: ReadonlySet<string>,
): Input {
  const digest = sha256(delivery.body);
  const messageId = delivery.messageId?.slice(0, messageIdMax);
  const id = derivedId("dead-letter", pathOf(subscription), messageId ?? "", digest);
  const isEvent = envelope?.sequence !== undefined;
  const around: Envelope = {
    specversion: "1.0",
    id,
    source: contract.topic,
    type: eventType,
    subject: stateKey,
    time: now().toISOString(),
    customer: customers.has(customer) ? customer : platformCustomer,
    ticket: envelope?.ticket,
    correlationid: envelope?.correlationid ?? id,
    causationid: isEvent ? envelope.id : envelope?.causationid,
    data: {
      topic: subscription.topic,
      subscription: subscription.name,
      messageId,
      messageType: messageType?.slice(0, messageTypeMax),
      code: ReasonCode.safeParse(code).success ? code : "set-aside",
      detail: detail.slice(0, detailMax) || code,
      digest,
      bytes: delivery.body.byteLength,
    },
  };
  const { type, data, source, ticket, time } = around;
  return { type, data, id, source, customer: around.customer, ticket, time, envelope: around };
}

const watchMs = 5000;
/** However many letters lie there, looking through them takes at most a tenth of the time. */
const restFactor = 9;
/** Letters told since the start, by their place in the queue: a cache, the store knows it for sure. */
const toldMax = 10_000;

/** Looks through the dead-letter queues of `subscriptions` until the process drains. */
export async function watchDeadLetters(
  parts: HostParts,
  receiver: Pick<Receiver, "peekDeadLetters">,
  subscriptions: readonly Subscription[],
): Promise<void> {
  const told = new Set<string>();
  while (!parts.closing.aborted) {
    const startedAt = performance.now();
    for (const subscription of subscriptions) {
      try {
        await tellAll(parts, receiver, subscription, told);
      } catch (error) {
        parts.log.warn({ err: error, path: pathOf(subscription) }, "dead letters cannot be read");
      }
    }
    const tookMs = performance.now() - startedAt;
    await pause(Math.max(watchMs, restFactor * tookMs), parts.closing);
  }
}

async function tellAll(
  parts: HostParts,
  receiver: Pick<Receiver, "peekDeadLetters">,
  subscription: Subscription,
  told: Set<string>,
): Promise<void> {
  const read = messageReader(subscription);
  // Numbers in the queue need not come in order of their dead-lettering, so every round begins at the start.
  let from = 0n;
  while (!parts.closing.aborted) {
    const page = await receiver.peekDeadLetters(subscription, from);
    for (const letter of page) {
      from = letter.sequenceNumber >= from ? letter.sequenceNumber + 1n : from;
      const place = `${pathOf(subscription)} ${letter.sequenceNumber}`;
      if (told.has(place)) continue;
      const outcome = await parts.deadLetters(letterOf(subscription, letter, read, parts.now()));
      if (outcome.kind !== "handled") return;
      if (told.size >= toldMax) told.clear();
      told.add(place);
    }
    if (page.length === 0) return;
  }
}

/** A letter found in its queue. */
export function letterOf(
  subscription: Subscription,
  letter: DeadLetter,
  read: ReturnType<typeof messageReader>,
  now: Date,
): Letter {
  const message = read(letter.body, now);
  const { envelope } = message;
  const customer = envelope?.customer ?? (message.kind === "poison" ? message.customer : undefined);
  const messageType = envelope?.type ?? letter.type;
  return {
    subscription,
    delivery: letter,
    code: codeOf(letter.reason),
    detail: `set aside after ${letter.deliveryCount} deliveries`,
    ...(envelope === undefined ? {} : { envelope }),
    ...(customer === undefined ? {} : { customer }),
    ...(messageType === undefined ? {} : { messageType }),
  };
}

/** The bus's own reasons as codes; what a host set aside carries a code already. */
const codes: ReadonlyMap<string, string> = new Map([
  ["MaxDeliveryCountExceeded", "max-delivery-count-exceeded"],
  ["TTLExpiredException", "time-to-live-expired"],
  ["Session ID is null", "session-id-missing"],
  ["Session ID is null.", "session-id-missing"],
]);
const codeOf = (reason = ""): string => codes.get(reason) ?? reason;

/** Does this contract let its publisher tell of dead letters? Every one has to (H6). */
export const tellsDeadLetters = ({ events }: TopicContract): boolean =>
  Object.hasOwn(events, eventType);
