// $management of a topic: schedule messages, and cancel scheduled ones.

import rhea from "rhea";
import { z } from "zod";
import type { Topic } from "./entities/topic.ts";
import { limits } from "./limits.ts";
import type { Answer, Request } from "./links/request.ts";
import { type IncomingMessage, parseIncoming } from "./wire/incoming-message.ts";
import { SequenceNumbers } from "./wire/sequence-numbers.ts";

const LONG = 0x81;
const MESSAGES_MAX = 1_000;

const Schedule = z.object({
  messages: z
    .array(z.object({ message: z.instanceof(Buffer) }))
    .min(1)
    .max(MESSAGES_MAX),
});
const Cancel = z.object({ "sequence-numbers": SequenceNumbers });

/** Acts on one request to `<topic>/$management`. The answer is true once it is durable. */
export function manageTopic(topic: Topic, request: Request, newId: () => string): Answer {
  switch (request.operation) {
    case "com.microsoft:schedule-message":
      return schedule(topic, request, newId);
    case "com.microsoft:cancel-scheduled-message":
      return cancel(topic, request);
    default:
      return { status: 501, description: `${request.operation} is not available here` };
  }
}

function schedule(topic: Topic, request: Request, newId: () => string): Answer {
  const parsed = Schedule.safeParse(request.body);
  if (!parsed.success) return { status: 400, description: "the request has no messages" };
  const encoded = parsed.data.messages.map(({ message }) => message);
  if (encoded.some(({ length }) => length > limits.messageBytesMax)) {
    const condition = "amqp:link:message-size-exceeded";
    return { status: 413, description: "a message is too large", condition };
  }
  let messages: IncomingMessage[];
  try {
    messages = encoded.map((message) => parseIncoming(message, newId));
  } catch (cause) {
    const description = cause instanceof Error ? cause.message : "not an AMQP message";
    return { status: 400, description };
  }
  const sequences = topic.publish(messages, () => undefined);
  const body = { "sequence-numbers": rhea.types.wrap_array(sequences, LONG, undefined) };
  return { status: 200, description: "OK", body };
}

function cancel(topic: Topic, request: Request): Answer {
  const parsed = Cancel.safeParse(request.body);
  if (!parsed.success) return { status: 400, description: "no sequence numbers" };
  if (topic.cancel(parsed.data["sequence-numbers"])) return { status: 200, description: "OK" };
  const condition = "com.microsoft:message-not-found";
  return { status: 404, description: "no such scheduled message", condition };
}
