// Links on which the client sends: messages to a topic, requests to $cbs and $management.

import type { Delivery, EventContext, Receiver } from "rhea";
import type { Access } from "../access.ts";
import type { Node } from "../address.ts";
import type { Bus } from "../bus.ts";
import { putToken } from "../cbs.ts";
import type { Wish } from "../claims.ts";
import type { Right } from "../entities/descriptions.ts";
import type { Topic } from "../entities/topic.ts";
import { manageSubscription } from "../management.ts";
import type { Meter } from "../metrics.ts";
import { manageTopic } from "../schedule.ts";
import { BATCH_FORMAT, splitBatch } from "../wire/batch.ts";
import { type IncomingMessage, parseIncoming } from "../wire/incoming-message.ts";
import { authorize, type Peer } from "./peer.ts";
import { refuse } from "./refusal.ts";
import { type Answer, decodeRequest, type Request, reply } from "./request.ts";
import { isOversized } from "./rhea-internals.ts";

export interface LinkContext {
  readonly bus: Bus;
  readonly access: Access;
  readonly meter: Meter;
  readonly peer: Peer;
  readonly clock: () => number;
  readonly newId: () => string;
}

interface Transfer {
  readonly bytes: Buffer;
  readonly isBatch: boolean;
  readonly delivery: Delivery;
}

type Handler = (transfer: Transfer) => void;

/** Answers the attach of a link on which the client will send. */
export function openInbound(context: LinkContext, link: Receiver): void {
  const allowed = authorize(context, "send", link.target?.address);
  if (allowed.kind !== "allowed") {
    refuse(link, allowed);
    return;
  }
  const { wish } = allowed;
  const { address } = wish;
  const handle = handlerOf(context, allowed);
  if (handle === undefined) {
    refuse(link, { kind: "not-found", address });
    return;
  }
  link.set_target({ address });
  link.set_source({ address: link.source?.address ?? "" });
  context.peer.opened(link, { wish, ended: () => undefined });
  link.on("message", (event: EventContext) => {
    const { delivery, message: bytes } = event;
    if (delivery === undefined) return;
    if (isOversized(link.session)) {
      delivery.reject({
        condition: "amqp:link:message-size-exceeded",
        description: "the message is larger than the link allows",
      });
    } else if (Buffer.isBuffer(bytes)) {
      handle({ bytes, isBatch: delivery.format === BATCH_FORMAT, delivery });
    }
  });
}

function handlerOf(
  context: LinkContext,
  { node, wish }: { readonly node: Node; readonly wish: Wish },
): Handler | undefined {
  const { bus, peer, access, clock } = context;
  switch (node.kind) {
    case "cbs":
      return answering(context, (request) => putToken(peer, access, request, clock));
    case "entity": {
      const topic = node.subQueue === "main" ? bus.topic(node.name) : undefined;
      if (topic === undefined) return undefined;
      if (!node.isManagement) return (transfer) => accept(context, topic, wish, transfer);
      return managing(context, wish, (request) => manageTopic(topic, request, context.newId));
    }
    case "subscription": {
      const queue = bus.queue(node);
      if (queue === undefined || !node.isManagement) return undefined;
      return managing(context, wish, (request) =>
        manageSubscription({ queue, owner: peer }, request),
      );
    }
  }
}

// The link opened with any right: each operation asks for its own.
function managing(context: LinkContext, wish: Wish, manage: (request: Request) => Answer): Handler {
  const { peer, clock } = context;
  return answering(context, (request) => {
    const rights = rightsFor(request.operation);
    if (peer.claims.standing({ ...wish, rights }, clock()) === "allowed") return manage(request);
    peer.note(`refused ${request.operation} on "${wish.address}": no right to ${rights[0]} there`);
    return {
      status: 401,
      description: `no right to ${rights[0]} on "${wish.address}"`,
      condition: "amqp:unauthorized-access",
    };
  });
}

function rightsFor(operation: string): readonly Right[] {
  switch (operation) {
    case "com.microsoft:schedule-message":
    case "com.microsoft:cancel-scheduled-message":
      return ["send"];
    default:
      return ["listen"];
  }
}

type Manage = (request: Request) => Answer | Promise<Answer>;

// An answer leaves when what it says is durable, and in the order of the requests; only answers that
// had to be waited for, which change nothing in the store, may be overtaken.
function answering({ peer, bus }: LinkContext, manage: Manage): Handler {
  const send = (request: Request, answer: Answer) =>
    bus.afterCommit(() => reply(peer, request, answer));
  return ({ bytes, delivery }) => {
    const request = decodeRequest(bytes);
    if (request === undefined) {
      delivery.reject({ condition: "amqp:decode-error", description: "not a request" });
      return;
    }
    delivery.accept();
    const answer = manage(request);
    if (answer instanceof Promise) void answer.then((ready) => send(request, ready));
    else send(request, answer);
  };
}

function accept(
  { meter, newId }: LinkContext,
  topic: Topic,
  { address }: Wish,
  { bytes, isBatch, delivery }: Transfer,
): void {
  const cameAt = performance.now();
  let messages: IncomingMessage[];
  try {
    const encoded = isBatch ? splitBatch(bytes) : [bytes];
    messages = encoded.map((message) => parseIncoming(message, newId));
  } catch (cause) {
    // Whatever the decoder throws, the bytes are at fault: the sender is told and nothing is kept.
    const description = cause instanceof Error ? cause.message : "not an AMQP message";
    delivery.reject({ condition: "amqp:decode-error", description });
    return;
  }
  topic.publish(messages, () => {
    delivery.accept();
    meter.sent(address, messages.length, performance.now() - cameAt);
  });
}
