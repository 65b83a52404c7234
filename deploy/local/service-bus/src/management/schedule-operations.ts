// Scheduling messages of a queue or topic by request, and cancelling them.

import rhea from "rhea";
import { z } from "zod";
import { EntityError } from "../entities/entity-error.ts";
import type { LiveQueue, LiveTopic } from "../entities/live.ts";
import { amqpErrorOf } from "../links/refusal.ts";
import type { Answer } from "../links/request.ts";
import { type IncomingMessage, parseIncoming } from "../wire/incoming-message.ts";
import { SequenceNumbers } from "../wire/sequence-numbers.ts";
import { badRequest, notFound, ok } from "./answers.ts";
import type { Managed } from "./manage.ts";

const LONG = 0x81;
const MESSAGES_MAX = 1_000;

const Schedule = z.object({
  messages: z
    .array(z.object({ message: z.instanceof(Buffer) }))
    .min(1)
    .max(MESSAGES_MAX),
});
const Cancel = z.object({ "sequence-numbers": SequenceNumbers });

export function scheduleMessages(managed: Managed, body: unknown): Answer {
  const parsed = Schedule.safeParse(body);
  const live = targetOf(managed);
  if (!parsed.success || live === undefined) return badRequest;
  const encoded = parsed.data.messages.map(({ message }) => message);
  const bytesMax = live.row.description.maxMessageSizeInKilobytes * 1_024;
  if (encoded.some(({ length }) => length > bytesMax)) {
    const condition = "amqp:link:message-size-exceeded";
    return { status: 413, description: "a message is too large", condition };
  }
  let messages: IncomingMessage[];
  try {
    messages = encoded.map((message) => parseIncoming(message, managed.newId));
  } catch (cause) {
    const description = cause instanceof Error ? cause.message : "not an AMQP message";
    return { ...badRequest, description };
  }
  try {
    const numbers = managed.broker.send(live, messages, () => undefined);
    return ok({ "sequence-numbers": rhea.types.wrap_array(numbers, LONG, undefined) });
  } catch (error) {
    if (!(error instanceof EntityError)) throw error;
    const { condition = "", description = "" } = amqpErrorOf(error);
    return { status: error.code === "unavailable" ? 503 : 403, description, condition };
  }
}

export function cancelScheduled(managed: Managed, body: unknown): Answer {
  const parsed = Cancel.safeParse(body);
  const live = targetOf(managed);
  if (!parsed.success || live === undefined) return badRequest;
  const isCancelled = managed.broker.cancel(live, parsed.data["sequence-numbers"]);
  return isCancelled ? ok(null) : notFound("scheduled message");
}

function targetOf({ broker, node }: Managed): LiveQueue | LiveTopic | undefined {
  const live = broker.find(node);
  return live?.kind === "subscription" ? undefined : live;
}
