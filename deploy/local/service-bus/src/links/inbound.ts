// Links on which the client sends: messages to a queue or topic, requests to $cbs and $management.

import type { Delivery, EventContext, Receiver } from "rhea";
import type { Access } from "../access/access.ts";
import { putToken } from "../access/cbs.ts";
import type { Node } from "../address.ts";
import type { Broker } from "../broker.ts";
import { EntityError } from "../entities/entity-error.ts";
import type { LiveQueue, LiveTopic } from "../entities/live.ts";
import { limits } from "../limits.ts";
import { manage } from "../management/manage.ts";
import type { Meter } from "../metrics.ts";
import { BATCH_FORMAT, splitBatch } from "../wire/batch.ts";
import { type IncomingMessage, parseIncoming } from "../wire/incoming-message.ts";
import { authorize, type Peer } from "./peer.ts";
import { amqpErrorOf, type Refusal, refuse, tooLarge } from "./refusal.ts";
import { type Answer, decodeRequest, type Request, reply } from "./request.ts";
import { isOversized, setMessageSizeMax } from "./rhea-internals.ts";

export interface LinkContext {
  readonly broker: Broker;
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

interface Handler {
  readonly bytesMax: number;
  readonly handle: (transfer: Transfer) => void;
}

const ended = {
  condition: "amqp:link:detach-forced",
  description: "the link was closed; nothing was kept",
};

/** Answers the attach of a link on which the client will send. */
export function openInbound(context: LinkContext, link: Receiver): void {
  const allowed = authorize(context, "send", link.target?.address);
  if (allowed.kind !== "allowed") {
    refuse(link, allowed);
    return;
  }
  const { node, wish } = allowed;
  const handler = handlerOf(context, node, wish.address);
  if ("kind" in handler) {
    refuse(link, handler);
    return;
  }
  const { bytesMax, handle } = handler;
  link.set_target({ address: wish.address });
  link.set_source({ address: link.source?.address ?? "" });
  setMessageSizeMax(link, bytesMax);
  context.peer.opened(link, { wish, ended: () => undefined });
  link.on("message", (event: EventContext) => {
    const { delivery, message: bytes } = event;
    if (delivery === undefined) return;
    if (!context.peer.links.has(link)) {
      // It was on its way when the link was closed. With the reason of the closing a client fails or
      // tries again as it would have on a link of its own; the SDK takes any other for retryable.
      delivery.reject(context.peer.whyClosed(link) ?? ended);
    } else if (isOversized(link.session)) {
      // The cloud detaches the link; then other messages on it would never be answered.
      delivery.reject(tooLarge(bytesMax));
    } else if (Buffer.isBuffer(bytes)) {
      handle({ bytes, isBatch: delivery.format === BATCH_FORMAT, delivery });
    }
  });
}

function handlerOf(context: LinkContext, node: Node, address: string): Handler | Refusal {
  const { broker, peer, access, clock } = context;
  if (node.kind === "cbs") {
    return answering(context, (request) => putToken(peer, access, request, clock));
  }
  const live = broker.find(node);
  if (live === undefined) return { kind: "not-found", address };
  if (node.isManagement) {
    return answering(context, (request) => manage({ ...context, node, address }, request));
  }
  if (live.kind === "subscription" || node.subQueue !== "main") {
    return { kind: "not-allowed", reason: `messages cannot be sent to "${address}"` };
  }
  const { status, maxMessageSizeInKilobytes } = live.row.description;
  if (status === "disabled" || status === "sendDisabled") return { kind: "disabled", address };
  return {
    bytesMax: maxMessageSizeInKilobytes * 1_024,
    handle: (transfer) => accept(context, live, address, transfer),
  };
}

// An answer leaves when what it says is durable, and in the order of the requests.
function answering(
  { peer, broker }: LinkContext,
  answerOf: (request: Request) => Answer | Promise<Answer>,
): Handler {
  const handle = ({ bytes, delivery }: Transfer) => {
    const request = decodeRequest(bytes);
    if (request === undefined) {
      delivery.reject({ condition: "amqp:decode-error", description: "not a request" });
      return;
    }
    delivery.accept();
    const answer = answerOf(request);
    if (answer instanceof Promise) {
      answer.then(
        (late) => reply(peer, request, late),
        (error) => reply(peer, request, failure(error)),
      );
      return;
    }
    broker.afterCommit(
      () => reply(peer, request, answer),
      () => reply(peer, request, busy),
    );
  };
  return { bytesMax: limits.messageBytesMax, handle };
}

const busy: Answer = {
  status: 503,
  description: "the store cannot be written now; nothing was changed",
  condition: "com.microsoft:server-busy",
};

function failure(error: unknown): Answer {
  if (!(error instanceof EntityError)) return { status: 500, description: "internal error" };
  const { condition = "", description = "" } = amqpErrorOf(error);
  const status = error.code === "not-found" ? 404 : error.code === "already-exists" ? 409 : 400;
  return { status, description, condition };
}

function accept(
  { broker, meter, newId }: LinkContext,
  live: LiveQueue | LiveTopic,
  address: string,
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
  const done = (refused?: EntityError) => {
    if (refused !== undefined) {
      delivery.reject(amqpErrorOf(refused));
      return;
    }
    delivery.accept();
    meter.sent(address, messages.length, performance.now() - cameAt);
  };
  try {
    broker.send(live, messages, done);
  } catch (error) {
    if (!(error instanceof EntityError)) throw error;
    done(error);
  }
}
