// Requests and answers over a pair of links, as $cbs and $management use them.

import rhea from "rhea";
import { z } from "zod";
import type { Peer } from "./peer.ts";

export interface Request {
  readonly messageId: string | number | Buffer;
  readonly replyTo: string;
  readonly operation: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

export interface Answer {
  /** As in HTTP; 200 to 299 is success. */
  readonly status: number;
  readonly description: string;
  /** An AMQP error symbol, for failures that the status does not tell apart. */
  readonly condition?: string;
  readonly body?: unknown;
}

const Envelope = z.object({
  message_id: z.union([z.string().max(512), z.number(), z.instanceof(Buffer)]),
  reply_to: z.string().max(512),
  application_properties: z.looseObject({ operation: z.string().max(256) }),
  body: z.unknown(),
});

/** Decodes a request, or undefined when it has no operation or nowhere to send the answer. */
export function decodeRequest(bytes: Buffer): Request | undefined {
  let decoded: unknown;
  try {
    decoded = rhea.message.decode(bytes);
  } catch {
    return undefined;
  }
  const parsed = Envelope.safeParse(decoded);
  if (!parsed.success) return undefined;
  const { message_id: messageId, reply_to: replyTo, body } = parsed.data;
  const properties = parsed.data.application_properties;
  return { messageId, replyTo, operation: properties.operation, properties, body };
}

/** Sends the answer on the link that the request names; without such a link it is dropped. */
export function reply(peer: Peer, request: Request, answer: Answer): void {
  const status = rhea.types.wrap_int(answer.status);
  peer.replies.get(request.replyTo)?.send({
    correlation_id: request.messageId,
    // $cbs and $management spell these differently, and the SDK reads either.
    application_properties: {
      statusCode: status,
      "status-code": status,
      statusDescription: answer.description,
      "status-description": answer.description,
      ...(answer.condition && { errorCondition: rhea.types.wrap_symbol(answer.condition) }),
    },
    body: answer.body ?? null,
  });
}
