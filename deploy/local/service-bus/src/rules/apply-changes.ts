// Writes the changes of a rule's action into a message.
//
// Invariant:
//   R1. Only the sections that an action touched are written anew, and in them only the fields it
//       touched; every other byte of the message is the sender's.

import type { MessageChanges, SystemName } from "../entities/rule-evaluation.ts";
import { readSections, section } from "../wire/sections.ts";
import {
  encodeString,
  encodeSymbol,
  listSection,
  mapSection,
  NULL,
  readList,
  readPairs,
} from "../wire/values.ts";

// Where each system property is in the properties section (AMQP 1.0 part 3 section 3.2.4).
const fieldOf: Readonly<Record<Exclude<SystemName, "partitionKey">, number>> = {
  messageId: 0,
  to: 2,
  subject: 3,
  replyTo: 4,
  correlationId: 5,
  contentType: 6,
  sessionId: 10,
  replyToSessionId: 12,
};
const CONTENT_TYPE_FIELD = 6; // A symbol; the others are strings.
const PARTITION_KEY = "x-opt-partition-key";

/** The bytes of a whole message with the changes made. Throws `WireError` when it is not a message. */
export function applyChanges(raw: Buffer, changes: MessageChanges): Buffer {
  const sections = readSections(raw);
  const replaced = new Map<number, Buffer>();
  const encodedOf = (code: number): Buffer | undefined => {
    const found = sections.find((part) => part.code === code);
    return found === undefined ? undefined : raw.subarray(found.valueStart, found.end);
  };
  const system = new Map(changes.system);
  if (system.has("partitionKey")) {
    const key = system.get("partitionKey");
    const pairs = pairsOf(encodedOf(section.messageAnnotations));
    setPair(pairs, PARTITION_KEY, key === undefined ? undefined : encodeString(key));
    replaced.set(section.messageAnnotations, annotations(pairs));
    system.delete("partitionKey");
  }
  if (system.size > 0) {
    replaced.set(section.properties, properties(encodedOf(section.properties), system));
  }
  if (changes.properties.size > 0) {
    const pairs = pairsOf(encodedOf(section.applicationProperties));
    for (const [name, value] of changes.properties) setPair(pairs, name, value);
    const code = section.applicationProperties;
    replaced.set(code, mapSection(code, pairs, encodeString));
  }
  return splice(raw, sections, replaced);
}

function pairsOf(encoded: Buffer | undefined): Map<string, Buffer> {
  return encoded === undefined ? new Map() : readPairs(encoded);
}

function setPair(pairs: Map<string, Buffer>, name: string, value: Buffer | undefined): void {
  if (value === undefined) pairs.delete(name);
  else pairs.set(name, value);
}

const annotations = (pairs: ReadonlyMap<string, Buffer>) =>
  mapSection(section.messageAnnotations, pairs, encodeSymbol);

function properties(
  encoded: Buffer | undefined,
  changes: ReadonlyMap<SystemName, string | undefined>,
): Buffer {
  const fields = encoded === undefined ? [] : readList(encoded);
  for (const [name, value] of changes) {
    if (name === "partitionKey") continue;
    const index = fieldOf[name];
    while (fields.length <= index) fields.push(NULL);
    fields[index] = value === undefined ? NULL : encodeField(index, value);
  }
  return listSection(section.properties, fields);
}

function encodeField(index: number, value: string): Buffer {
  // A symbol is ASCII; a content type beyond it stays a string, which every client reads as well.
  const isAscii = Buffer.byteLength(value) === value.length;
  return index === CONTENT_TYPE_FIELD && isAscii ? encodeSymbol(value) : encodeString(value);
}

// Replaces sections where they are, and puts new ones where the order of codes wants them (R1).
function splice(
  raw: Buffer,
  sections: ReturnType<typeof readSections>,
  replaced: Map<number, Buffer>,
): Buffer {
  const parts: Buffer[] = [];
  const codes = [...replaced.keys()].sort((left, right) => left - right);
  for (const part of sections) {
    while (codes[0] !== undefined && codes[0] < part.code) parts.push(take(replaced, codes));
    if (codes[0] === part.code) parts.push(take(replaced, codes));
    else parts.push(raw.subarray(part.start, part.end));
  }
  while (codes.length > 0) parts.push(take(replaced, codes));
  return Buffer.concat(parts);
}

function take(replaced: ReadonlyMap<number, Buffer>, codes: number[]): Buffer {
  return replaced.get(codes.shift() ?? 0) ?? Buffer.alloc(0);
}
