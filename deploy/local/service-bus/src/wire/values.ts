// Encodes and decodes the single AMQP values the bus itself reads or writes: list fields, map
// pairs and strings (AMQP 1.0 part 1 section 1.6). Whole messages are never decoded.

import rhea from "rhea";
import { endOfValue, readSections, section, WireError } from "./sections.ts";

/** The encoded null. */
export const NULL = Buffer.from([0x40]);

const VALUE_PREFIX = Buffer.from([0x00, 0x53, section.value]);

/**
 * The JavaScript value of one encoded AMQP value; strings and symbols take the short way. Only
 * simple types are decoded: the fields the bus acts on have no other, and a list or array could be
 * made to look small and decode to something huge.
 */
export function decodeValue(encoded: Buffer): unknown {
  switch (encoded[0]) {
    case 0x40:
      return null;
    case 0xa1:
    case 0xa3:
      return encoded.toString("utf8", 2);
    case 0xb1:
    case 0xb3:
      return encoded.toString("utf8", 5);
  }
  if ((encoded[0] ?? 0) < 0x40 || (encoded[0] ?? 0) >= 0xc0) {
    throw new WireError("a field has a compound type");
  }
  const body: unknown = rhea.message.decode(Buffer.concat([VALUE_PREFIX, encoded]))["body"];
  return body;
}

/** The AMQP encoding of a JavaScript value, by rhea's rules (whole numbers become uint or int). */
export function encodeValue(value: unknown): Buffer {
  const message = rhea.message.encode({ body: value });
  const body = readSections(message).find((part) => part.code === section.value);
  if (body === undefined) throw new WireError("a value did not encode");
  return message.subarray(body.valueStart, body.end);
}

/** An encoded string, without rhea's detour. */
export function encodeString(text: string): Buffer {
  return variable(Buffer.from(text, "utf8"), 0xa1, 0xb1);
}

export function encodeSymbol(text: string): Buffer {
  return variable(Buffer.from(text, "ascii"), 0xa3, 0xb3);
}

export function encodeLong(value: number): Buffer {
  const encoded = Buffer.allocUnsafe(9);
  encoded[0] = 0x81;
  encoded.writeBigInt64BE(BigInt(value), 1);
  return encoded;
}

/** `value` in milliseconds since 1970. */
export function encodeTimestamp(value: number): Buffer {
  const encoded = encodeLong(Math.trunc(value));
  encoded[0] = 0x83;
  return encoded;
}

export function encodeInt(value: number): Buffer {
  const encoded = Buffer.allocUnsafe(5);
  encoded[0] = 0x71;
  encoded.writeInt32BE(value, 1);
  return encoded;
}

export function encodeUint(value: number): Buffer {
  const encoded = Buffer.allocUnsafe(5);
  encoded[0] = 0x70;
  encoded.writeUInt32BE(value, 1);
  return encoded;
}

/** The first encoded fields of an encoded list. Absent trailing fields are absent in the answer. */
export function readList(encoded: Buffer, most = Number.POSITIVE_INFINITY): Buffer[] {
  if (encoded[0] === 0x45) return [];
  return readItems(encoded, 0xc0, 0xd0, most);
}

/** A described list section of encoded fields. */
export function listSection(code: number, fields: readonly Buffer[]): Buffer {
  return compound(code, 0xd0, fields);
}

/** The pairs of an encoded map with string or symbol keys; a repeated key keeps its last value. */
export function readPairs(encoded: Buffer): Map<string, Buffer> {
  const items = readItems(encoded, 0xc1, 0xd1);
  if (items.length % 2 !== 0) throw new WireError("a map has a key without a value");
  const pairs = new Map<string, Buffer>();
  for (let index = 0; index + 1 < items.length; index += 2) {
    const key = decodeValue(items[index] ?? NULL);
    if (typeof key !== "string") throw new WireError("a map key is not a string");
    pairs.set(key, items[index + 1] ?? NULL);
  }
  return pairs;
}

/** A described map section: annotations have symbols as keys, application properties strings. */
export function mapSection(
  code: number,
  pairs: ReadonlyMap<string, Buffer>,
  keyOf: (key: string) => Buffer,
): Buffer {
  const items: Buffer[] = [];
  for (const [key, value] of pairs) items.push(keyOf(key), value);
  return compound(code, 0xd1, items);
}

/** A map value without a section's descriptor, as it is kept. */
export function mapValue(
  pairs: ReadonlyMap<string, Buffer>,
  keyOf: (key: string) => Buffer,
): Buffer {
  return mapSection(section.applicationProperties, pairs, keyOf).subarray(3);
}

function readItems(
  encoded: Buffer,
  narrow: number,
  wide: number,
  most = Number.POSITIVE_INFINITY,
): Buffer[] {
  const isWide = encoded[0] === wide;
  if (!isWide && encoded[0] !== narrow) throw new WireError("a value has an unexpected type");
  const headBytes = isWide ? 9 : 3;
  if (encoded.length < headBytes) throw new WireError("a value is cut off");
  const count = isWide ? encoded.readUInt32BE(5) : encoded.readUInt8(2);
  const items: Buffer[] = [];
  let at = headBytes;
  while (items.length < count && items.length < most) {
    const end = endOfValue(encoded, at);
    items.push(encoded.subarray(at, end));
    at = end;
  }
  return items;
}

function compound(code: number, type: number, items: readonly Buffer[]): Buffer {
  const head = Buffer.allocUnsafe(12);
  head[0] = 0x00;
  head[1] = 0x53;
  head[2] = code;
  head[3] = type;
  const bytes = items.reduce((sum, item) => sum + item.length, 0);
  head.writeUInt32BE(bytes + 4, 4);
  head.writeUInt32BE(items.length, 8);
  return Buffer.concat([head, ...items], 12 + bytes);
}

function variable(bytes: Buffer, narrow: number, wide: number): Buffer {
  if (bytes.length <= 255) return Buffer.concat([Buffer.from([narrow, bytes.length]), bytes]);
  const head = Buffer.allocUnsafe(5);
  head[0] = wide;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}
