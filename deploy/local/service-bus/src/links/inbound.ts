// Links on which the client sends: messages to a topic, requests to $cbs and $management.

import type { Delivery, EventContext, Receiver } from "rhea";
import type { Node } from "../address.ts";
import type { Bus } from "../bus.ts";
import { putToken } from "../cbs.ts";
import type { Topic } from "../entities/topic.ts";
import { manageSubscription } from "../management.ts";
import type { SasKey } from "../sas-token.ts";
import { manageTopic } from "../schedule.ts";
import { BATCH_FORMAT, splitBatch } from "../wire/batch.ts";
import { type IncomingMessage, parseIncoming } from "../wire/incoming-message.ts";
import { authorize, type Peer } from "./peer.ts";
import { refuse } from "./refusal.ts";
import { type Answer, decodeRequest, type Request, reply } from "./request.ts";
import { isOversized } from "./rhea-internals.ts";

export interface LinkContext {
  readonly bus: Bus;
  readonly keys: ReadonlyMap<string, SasKey>;
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
  const { node, wish } = allowed;
  const { address } = wish;
  const handle = handlerOf(context, node);
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

function handlerOf(context: LinkContext, node: Node): Handler | undefined {
  const { bus, peer, keys, clock } = context;
  switch (node.kind) {
    case "cbs":
      return answering(context, (request) => putToken(peer, keys, request, clock()));
    case "entity": {
      const topic = node.subQueue === "main" ? bus.topic(node.name) : undefined;
      if (topic === undefined) return undefined;
      if (!node.isManagement) return (transfer) => accept(context, topic, transfer);
      return answering(context, (request) => manageTopic(topic, request, context.newId));
    }
    case "subscription": {
      const queue = bus.queue(node);
      if (queue === undefined || !node.isManagement) return undefined;
      return answering(context, (request) => manageSubscription({ queue, owner: peer }, request));
    }
  }
}

// An answer leaves when what it says is durable, and in the order of the requests.
function answering({ peer, bus }: LinkContext, manage: (request: Request) => Answer): Handler {
  return ({ bytes, delivery }) => {
    const request = decodeRequest(bytes);
    if (request === undefined) {
      delivery.reject({ condition: "amqp:decode-error", description: "not a request" });
      return;
    }
    delivery.accept();
    const answer = manage(request);
    bus.afterCommit(() => reply(peer, request, answer));
  };
}

function accept(context: LinkContext, topic: Topic, { bytes, isBatch, delivery }: Transfer): void {
  let messages: IncomingMessage[];
  try {
    const encoded = isBatch ? splitBatch(bytes) : [bytes];
    messages = encoded.map((message) => parseIncoming(message, context.newId));
  } catch (cause) {
    // Whatever the decoder throws, the bytes are at fault: the sender is told and nothing is kept.
    const description = cause instanceof Error ? cause.message : "not an AMQP message";
    delivery.reject({ condition: "amqp:decode-error", description });
    return;
  }
  topic.publish(messages, () => delivery.accept());
}
