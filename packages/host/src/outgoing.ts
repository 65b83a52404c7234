// Builds what a process publishes: the envelope around a decided message, checked against the publisher's own
// contract before anything is committed.

import {
  type Envelope,
  messageBytesMax,
  Timestamp,
  type TopicContract,
} from "@niivo/contracts/envelope";
import type { Outgoing } from "./bus.ts";
import { whereOf } from "./issues.ts";

/** The host's side of an envelope. */
export interface Around {
  readonly id: string;
  readonly subject: string;
  readonly now: Date;
  readonly customer: string;
  readonly ticket: string | undefined;
  readonly correlationid: string;
  readonly causationid: string | undefined;
  readonly traceparent: string | undefined;
  /** The number an event gets; commands have none. */
  readonly sequence: number;
}

export interface Inside {
  readonly type: string;
  readonly data: unknown;
  readonly notBefore?: string | undefined;
}

/** Why a decided message cannot be published: a bug of the service, found before it is committed. */
export class InvalidOutput extends Error {
  readonly code: "invalid-output" | "too-large";
  constructor(code: "invalid-output" | "too-large", message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "InvalidOutput";
    this.code = code;
  }
}

/** Is this type an event (numbered, sealed) or a command of its publisher? */
export function kindOf(contract: TopicContract, type: string): "event" | "command" {
  if (Object.hasOwn(contract.events, type)) return "event";
  if (Object.hasOwn(contract.commands, type)) return "command";
  throw new InvalidOutput("invalid-output", `${contract.topic} publishes no ${type.slice(0, 100)}`);
}

/**
 * The message as it goes on the bus. A timer's `time` is when it is due, so that waiting for weeks does not
 * make it older than the inbox remembers.
 * @throws InvalidOutput when the contract refuses it, or it is larger than `messageBytesMax`.
 */
export function outgoingOf(contract: TopicContract, around: Around, inside: Inside): Outgoing {
  const { type, notBefore } = inside;
  const kind = kindOf(contract, type);
  const text = JSON.stringify({
    specversion: "1.0",
    id: around.id,
    source: contract.topic,
    type,
    subject: around.subject,
    time: timeOf(around.now, kind === "command" ? notBefore : undefined),
    customer: around.customer,
    ticket: around.ticket,
    correlationid: around.correlationid,
    causationid: around.causationid,
    traceparent: around.traceparent,
    ...(kind === "event" ? { sequence: around.sequence } : {}),
    data: inside.data,
  });
  if (Buffer.byteLength(text) > messageBytesMax)
    throw new InvalidOutput("too-large", `${type} would be larger than ${messageBytesMax} bytes`);
  const envelope = validated(contract, type, JSON.parse(text));
  return notBefore === undefined ? { envelope } : { envelope, notBefore };
}

function timeOf(now: Date, notBefore: string | undefined): string {
  const at = now.toISOString();
  if (notBefore === undefined) return at;
  if (!Timestamp.safeParse(notBefore).success)
    throw new InvalidOutput("invalid-output", "notBefore is not a timestamp");
  return notBefore > at ? notBefore : at;
}

/** What is validated is what was written, so that the two cannot differ. */
function validated(contract: TopicContract, type: string, written: unknown): Envelope {
  const schema = contract.events[type] ?? contract.commands[type];
  const outcome = schema?.safeParse(written);
  if (outcome?.success === true) return outcome.data;
  const where = outcome === undefined ? "is unknown" : whereOf(outcome.error);
  throw new InvalidOutput("invalid-output", `${type}: ${where}`);
}
