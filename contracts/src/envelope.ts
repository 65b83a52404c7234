// The envelope of every message: CloudEvents 1.0 plus our extension attributes, and the helpers
// that declare a message. Strict on both levels: an unknown field is a message we do not
// understand, and a security product must not half-understand one.
//
// Events are facts: numbered per publisher and state key, and sealed by audit. Commands (and timers,
// which are commands sent to oneself for later) are neither; they carry their cause through.

import { z } from "zod";

/** The topics. Each carries the name of the one publisher that may send to it (R1). */
export const topicNames = [
  "tickets",
  "agent",
  "policy",
  "approvals",
  "broker",
  "links",
  "audit",
] as const;
export const TopicName = z.enum(topicNames);
export type TopicName = z.infer<typeof TopicName>;

/** A message is at most 192 KB: Service Bus Standard allows 256 KB with all properties. */
export const messageBytesMax = 192 * 1024;

/** Older inputs are refused: the inbox that recognises a repeat forgets after 14 days (H3). */
export const inboxHorizonMs = 14 * 24 * 60 * 60 * 1000;

/** The chain of what has no customer: a message nobody can read, a refusal before a tenant is known. */
export const platformCustomer = "platform";

export const Id = z.uuid();
/** A customer's short name, chosen at onboarding; it never changes. */
export const CustomerId = z.string().regex(/^[a-z][a-z0-9-]{1,39}$/);
/** An Entra object, tenant or application id. */
export const Guid = z.guid();
/** 256 bits in lower-case hexadecimal: a digest, a nonce, an entry hash. */
export const Hex256 = z.string().regex(/^[0-9a-f]{64}$/);
/** UTC with milliseconds, of fixed width. */
export const Timestamp = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/)
  .refine((text) => !Number.isNaN(Date.parse(text)), "is not a date");
/** A short machine-readable reason. Code branches on these, never on prose. */
export const ReasonCode = z.string().regex(/^[a-z][a-z0-9-]{1,63}$/);
/** For a person to read. No code branches on it. */
export const Prose = z.string().min(1).max(1000);

const attributes = {
  specversion: z.literal("1.0"),
  id: Id,
  /** The publisher. Proved by the topic the message arrived on; the host refuses a difference. */
  source: TopicName,
  /** The publisher's state key. */
  subject: z.string().min(1).max(128),
  time: Timestamp,
  customer: CustomerId,
  ticket: Id.optional(),
  /** The whole story: the ticket's id, or the first message's where there is no ticket. */
  correlationid: Id,
  /** The last event that led here; a root has none. */
  causationid: Id.optional(),
  /** W3C Trace Context. */
  traceparent: z
    .string()
    .regex(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
    .optional(),
};

/** Declares an event: a fact in the past tense, numbered and sealed. */
export const event = <Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) =>
  z.strictObject({
    ...attributes,
    type: z.literal(type),
    sequence: z.int().min(1),
    data: z.strictObject(data),
  });

/** Declares a command or timer: imperative, one reader, sent by a service to its own topic. */
export const command = <Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) =>
  z.strictObject({ ...attributes, type: z.literal(type), data: z.strictObject(data) });

/** A message as every reader may assume it after parsing. */
export interface Envelope {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: TopicName;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly customer: string;
  readonly ticket?: string | undefined;
  readonly correlationid: string;
  readonly causationid?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly sequence?: number | undefined;
  readonly data: unknown;
}

/** What an actor reads: the inside of a message and who, about whom, when. The host owns the rest. */
export type Received<M> = M extends { type: infer Type; data: infer Data }
  ? {
      readonly type: Type;
      readonly data: Data;
      readonly id: string;
      readonly source: TopicName;
      readonly customer: string;
      readonly ticket: string | undefined;
      readonly time: string;
    }
  : never;

/** What an actor decides: the host adds the envelope, and sends it at `notBefore` if that is given (H8). */
export type Decided<M> = M extends { type: infer Type; data: infer Data }
  ? { readonly type: Type; readonly data: Data; readonly notBefore?: string }
  : never;

/** The schema of one message type, as the host and the topology handle it. */
export type MessageSchema = z.ZodType<Envelope>;

/** Everything one publisher may say: its topic and the schemas by type. */
export interface TopicContract {
  readonly topic: TopicName;
  readonly events: Readonly<Record<string, MessageSchema>>;
  readonly commands: Readonly<Record<string, MessageSchema>>;
}

/** Every publisher says so itself when it or the bus sets one of its inputs aside (H6). */
export const MessageDeadLettered = event("message.dead-lettered.v1", {
  topic: TopicName,
  subscription: z.string().min(1).max(50),
  /** As found on the bus; absent where the message had none that could be read. */
  messageId: z.string().max(128).optional(),
  messageType: z.string().max(100).optional(),
  code: ReasonCode,
  detail: Prose,
  digest: Hex256,
  bytes: z.int().min(0),
});
