// A message as the bus accepts it: the bytes as they came, and the few fields the bus acts on.
//
// Invariant:
//   M1. The bytes from the properties on are kept as the sender wrote them. One exception: a
//       message without message-id gets one, because the SDK's lock renewer cannot do without.

import { limits } from "../limits.ts";
import { readSections, type Section, section, WireError } from "./sections.ts";
import { decodeValue, encodeString, listSection, NULL, readList, readPairs } from "./values.ts";

export interface IncomingMessage {
  /** The whole message, with a message-id; parsing it again gives an equal value. */
  readonly raw: Buffer;
  /** Properties, application properties, body and footer. */
  readonly bare: Buffer;
  /** The application-properties section inside `bare`, if there is one. */
  readonly applicationSpan: { readonly start: number; readonly end: number } | undefined;
  readonly applicationProperties: ReadonlyMap<string, Buffer>;
  /** The sender's own annotations; those the bus sets are dropped. */
  readonly annotations: ReadonlyMap<string, Buffer>;
  readonly durable: Buffer;
  readonly priority: Buffer;
  readonly timeToLiveMs: number | undefined;
  /** Not to be delivered before this time, in milliseconds since 1970. */
  readonly scheduledFor: number | undefined;
  readonly system: SystemProperties;
}

/** The properties a correlation filter may compare, and the session. */
export interface SystemProperties {
  readonly messageId: string | undefined;
  readonly to: string | undefined;
  readonly subject: string | undefined;
  readonly replyTo: string | undefined;
  readonly correlationId: string | undefined;
  readonly contentType: string | undefined;
  readonly sessionId: string | undefined;
  readonly replyToSessionId: string | undefined;
}

const SCHEDULED = "x-opt-scheduled-enqueue-time";

// Set by the bus alone: a sender that writes them is not believed.
const BROKER_ANNOTATIONS = new Set([
  "x-opt-sequence-number",
  "x-opt-enqueue-sequence-number",
  "x-opt-enqueued-time",
  "x-opt-locked-until",
  "x-opt-message-state",
  "x-opt-deadletter-source",
]);

/** Parses bytes that were accepted before: they have their message-id. */
export function parseStored(raw: Buffer): IncomingMessage {
  return parse(raw, readSections(raw));
}

/**
 * Parses a received transfer. `newId` makes the message-id of a message that has none.
 * Throws `WireError` when the bytes are malformed or an id is too long.
 */
export function parseIncoming(received: Buffer, newId: () => string): IncomingMessage {
  const sections = readSections(received);
  const id = firstField(received, sections);
  if (id !== undefined && decodeValue(id) !== null && decodeValue(id) !== "") {
    return parse(Buffer.from(received), sections); // A copy: the original shares the socket's buffer.
  }
  const raw = withMessageId(received, sections, newId);
  return parse(raw, readSections(raw));
}

function parse(raw: Buffer, sections: readonly Section[]): IncomingMessage {
  const at = (code: number) => sections.find((part) => part.code === code);
  const value = (part: Section) => raw.subarray(part.valueStart, part.end);
  const bareStart = sections.find((part) => part.code >= section.properties)?.start ?? raw.length;
  const header = at(section.header);
  const headerFields = header === undefined ? [] : readList(value(header));
  const annotated = at(section.messageAnnotations);
  const annotations = annotated === undefined ? new Map() : readPairs(value(annotated));
  for (const name of BROKER_ANNOTATIONS) annotations.delete(name);
  const application = at(section.applicationProperties);
  const properties = at(section.properties);
  return {
    raw,
    bare: raw.subarray(bareStart),
    applicationSpan:
      application === undefined
        ? undefined
        : { start: application.start - bareStart, end: application.end - bareStart },
    applicationProperties: application === undefined ? new Map() : readPairs(value(application)),
    annotations,
    durable: headerFields[0] ?? NULL,
    priority: headerFields[1] ?? NULL,
    timeToLiveMs: numberOf(headerFields[2]),
    scheduledFor: timeOf(annotations.get(SCHEDULED)),
    system: systemProperties(properties === undefined ? [] : readList(value(properties))),
  };
}

function firstField(raw: Buffer, sections: readonly Section[]): Buffer | undefined {
  const properties = sections.find((part) => part.code === section.properties);
  if (properties === undefined) return undefined;
  return readList(raw.subarray(properties.valueStart, properties.end), 1)[0];
}

function withMessageId(
  received: Buffer,
  sections: readonly Section[],
  newId: () => string,
): Buffer {
  const properties = sections.find((part) => part.code === section.properties);
  const fields =
    properties === undefined
      ? []
      : readList(received.subarray(properties.valueStart, properties.end));
  const bareStart = sections.find((part) => part.code >= section.properties)?.start;
  const start = properties?.start ?? bareStart ?? received.length;
  const rest = properties?.end ?? start;
  const added = listSection(section.properties, [encodeString(newId()), ...fields.slice(1)]);
  return Buffer.concat([received.subarray(0, start), added, received.subarray(rest)]); // M1
}

function systemProperties(fields: readonly Buffer[]): SystemProperties {
  const text = (index: number) => textOf(fields[index]);
  return {
    messageId: limited(text(0), "message-id"),
    to: text(2),
    subject: text(3),
    replyTo: text(4),
    correlationId: text(5),
    contentType: text(6),
    sessionId: limited(text(10), "session id"),
    replyToSessionId: text(12),
  };
}

// Ids may also be ulong or uuid: their text form is enough to compare and to count.
function textOf(encoded: Buffer | undefined): string | undefined {
  if (encoded === undefined) return undefined;
  const value = decodeValue(encoded);
  if (value === null || value === undefined) return undefined;
  return Buffer.isBuffer(value) ? value.toString("hex") : String(value);
}

function limited(text: string | undefined, name: string): string | undefined {
  if (text !== undefined && text.length > limits.idCharactersMax) {
    throw new WireError(`the ${name} is longer than ${limits.idCharactersMax} characters`);
  }
  return text;
}

function numberOf(encoded: Buffer | undefined): number | undefined {
  const value = encoded === undefined ? undefined : decodeValue(encoded);
  return typeof value === "number" ? value : undefined;
}

function timeOf(encoded: Buffer | undefined): number | undefined {
  const value = encoded === undefined ? undefined : decodeValue(encoded);
  return value instanceof Date ? value.getTime() : undefined;
}
