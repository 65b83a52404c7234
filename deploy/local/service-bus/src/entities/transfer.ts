// A message on its way from one entity into another, and why one ends as a dead letter.

import type { StoredMessage } from "../store/message-store.ts";
import { type IncomingMessage, parseStored } from "../wire/incoming-message.ts";
import { withProperties } from "../wire/outgoing-message.ts";
import { encodeString, mapValue, readPairs } from "../wire/values.ts";
import type { DeadLetterReason } from "./queue.ts";

/** A message on its way into an entity. */
export interface Transfer {
  readonly message: IncomingMessage;
  /** How often it was forwarded. */
  readonly hops: number;
  /** Its number where it was first accepted; absent when that is here. */
  readonly enqueuedSequence: number | undefined;
  /** The entity it was dead-lettered from. */
  readonly source: string | null;
  /** Bytes that several copies share: the row of `bodies`. */
  readonly body: number | null;
}

/** Takes a forwarded message, or says why not. */
export type Forward = (name: string, transfer: Transfer) => DeadLetterReason | undefined;

export function transferOf(
  stored: StoredMessage,
  modified: Buffer | null,
  source: string | null,
): Transfer {
  const message = parseStored(stored.raw);
  return {
    message: modified === null ? message : withProperties(message, readPairs(modified)),
    hops: stored.hops,
    enqueuedSequence: stored.enqueuedSequence,
    source,
    body: null,
  };
}

/** The two application properties that explain a dead letter, with those it has already. */
export function reasonOf(
  modified: Buffer | null,
  { reason, description }: DeadLetterReason,
): Buffer {
  const pairs = new Map(modified === null ? [] : readPairs(modified));
  pairs.set("DeadLetterReason", encodeString(reason));
  pairs.set("DeadLetterErrorDescription", encodeString(description));
  return mapValue(pairs, encodeString);
}
