// Writes a message for a receiver: a new header, new annotations, then the sender's own bytes.

import { type IncomingMessage, parseStored } from "./incoming-message.ts";
import { readSections, section } from "./sections.ts";
import {
  encodeInt,
  encodeLong,
  encodeString,
  encodeSymbol,
  encodeTimestamp,
  encodeUint,
  listSection,
  mapSection,
  NULL,
} from "./values.ts";

/** What the bus says about one copy of a message. Times are milliseconds since 1970. */
export interface Placement {
  readonly sequenceNumber: number;
  /** Its number where it was first accepted. */
  readonly enqueuedSequenceNumber: number;
  readonly enqueuedAt: number;
  /** Earlier deliveries that failed. */
  readonly deliveryCount: number;
  readonly timeToLiveMs: number | undefined;
  /** Absent when the message is shown without a lock. */
  readonly lockedUntil: number | undefined;
  /** 0 active, 1 deferred, 2 scheduled. */
  readonly state: number;
  /** The entity it was dead-lettered from. */
  readonly deadLetterSource: string | undefined;
  /** Application properties set while settling or dead-lettering. */
  readonly modified: ReadonlyMap<string, Buffer> | undefined;
}

const UINT_MAX = 0xffff_ffff;

/** The bytes of one transfer, to be sent with message format 0. */
export function writeOutgoing(message: IncomingMessage, placement: Placement): Buffer {
  const ttl = placement.timeToLiveMs;
  const header = listSection(section.header, [
    message.durable,
    message.priority,
    ttl === undefined || ttl > UINT_MAX ? NULL : encodeUint(ttl),
    NULL,
    encodeUint(placement.deliveryCount),
  ]);
  const annotations = mapSection(
    section.messageAnnotations,
    annotationsOf(message, placement),
    encodeSymbol,
  );
  return Buffer.concat([header, annotations, bareWith(message, placement.modified)]);
}

function annotationsOf(message: IncomingMessage, placement: Placement): Map<string, Buffer> {
  const pairs = new Map(message.annotations);
  pairs.set("x-opt-sequence-number", encodeLong(placement.sequenceNumber));
  pairs.set("x-opt-enqueue-sequence-number", encodeLong(placement.enqueuedSequenceNumber));
  pairs.set("x-opt-enqueued-time", encodeTimestamp(placement.enqueuedAt));
  if (placement.lockedUntil !== undefined) {
    pairs.set("x-opt-locked-until", encodeTimestamp(placement.lockedUntil));
  }
  if (placement.state !== 0) {
    pairs.set("x-opt-message-state", encodeInt(placement.state));
  }
  if (placement.deadLetterSource !== undefined) {
    pairs.set("x-opt-deadletter-source", encodeString(placement.deadLetterSource));
  }
  return pairs;
}

/** A message whose application properties are changed for good: it leaves for another entity. */
export function withProperties(
  message: IncomingMessage,
  changes: ReadonlyMap<string, Buffer>,
): IncomingMessage {
  const head = message.raw.subarray(0, message.raw.length - message.bare.length);
  return parseStored(Buffer.concat([head, bareWith(message, changes)]));
}

function bareWith(
  message: IncomingMessage,
  modified: ReadonlyMap<string, Buffer> | undefined,
): Buffer {
  if (modified === undefined || modified.size === 0) return message.bare;
  const merged = new Map([...message.applicationProperties, ...modified]);
  const properties = mapSection(section.applicationProperties, merged, encodeString);
  const span = message.applicationSpan;
  if (span !== undefined) {
    const { start, end } = span;
    return Buffer.concat([message.bare.subarray(0, start), properties, message.bare.subarray(end)]);
  }
  // Every stored message has a properties section (M1), and it is the first of the bare bytes.
  const after = endOfProperties(message.bare);
  return Buffer.concat([message.bare.subarray(0, after), properties, message.bare.subarray(after)]);
}

function endOfProperties(bare: Buffer): number {
  return readSections(bare).find((part) => part.code === section.properties)?.end ?? 0;
}
