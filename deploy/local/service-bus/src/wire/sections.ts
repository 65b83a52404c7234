// Reads where the parts of an encoded AMQP message are, without decoding them, so that message
// bytes pass through the bus untouched (AMQP 1.0 part 1 section 1.6, part 3 section 3.2).

export const section = {
  header: 0x70,
  deliveryAnnotations: 0x71,
  messageAnnotations: 0x72,
  properties: 0x73,
  applicationProperties: 0x74,
  data: 0x75,
  sequence: 0x76,
  value: 0x77,
  footer: 0x78,
} as const;

/** One section: `start` is its first byte, `valueStart` the constructor of its value. */
export interface Section {
  readonly code: number;
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
}

/** The bytes are not an AMQP 1.0 message. */
export class WireError extends Error {
  override readonly name = "WireError";
}

const NESTING_MAX = 8;
const FIXED_WIDTHS: readonly number[] = [0, 1, 2, 4, 8, 16]; // Type codes 0x4_ to 0x9_.

const SYMBOLIC = new Map<string, number>([
  ["amqp:header:list", section.header],
  ["amqp:delivery-annotations:map", section.deliveryAnnotations],
  ["amqp:message-annotations:map", section.messageAnnotations],
  ["amqp:properties:list", section.properties],
  ["amqp:application-properties:map", section.applicationProperties],
  ["amqp:data:binary", section.data],
  ["amqp:amqp-sequence:list", section.sequence],
  ["amqp:amqp-value:*", section.value],
  ["amqp:footer:map", section.footer],
]);

/** Every section of a message in order. Throws `WireError` when the bytes are malformed. */
export function readSections(raw: Buffer): Section[] {
  const found: Section[] = [];
  let at = 0;
  let last = 0;
  while (at < raw.length) {
    if (raw[at] !== 0x00) throw new WireError("a section must start with a descriptor");
    const valueStart = endOfValue(raw, at + 1);
    const code = descriptorCode(raw.subarray(at + 1, valueStart));
    // Up to the body the sections come in the order of their codes, each at most once. From there
    // on the bus changes nothing and does not judge: rhea writes a footer before the body.
    const rank = Math.min(code, section.data);
    if (rank < last || (rank === last && rank < section.data)) {
      throw new WireError("the sections are out of order");
    }
    const end = endOfValue(raw, valueStart);
    found.push({ code, start: at, valueStart, end });
    last = rank;
    at = end;
  }
  if (found.length === 0) throw new WireError("the message is empty");
  return found;
}

/** Where the encoded value that starts at `at` ends. */
export function endOfValue(raw: Buffer, at: number, nesting = 0): number {
  if (at >= raw.length) throw new WireError("a value is cut off");
  const code = raw.readUInt8(at);
  if (code === 0x00) {
    if (nesting >= NESTING_MAX) throw new WireError("descriptors are nested too deeply");
    return endOfValue(raw, endOfValue(raw, at + 1, nesting + 1), nesting + 1);
  }
  const end = at + 1 + widthOf(raw, code, at + 1);
  if (end > raw.length) throw new WireError("a value is cut off");
  return end;
}

function widthOf(raw: Buffer, code: number, at: number): number {
  const category = code >>> 4;
  const fixed = FIXED_WIDTHS[category - 4];
  if (fixed !== undefined) return fixed;
  if (category < 0xa) throw new WireError("unknown type code");
  const isWide = category % 2 === 1; // 0xB_, 0xD_ and 0xF_ carry a size of four bytes.
  if (at + (isWide ? 4 : 1) > raw.length) throw new WireError("a size is cut off");
  return isWide ? 4 + raw.readUInt32BE(at) : 1 + raw.readUInt8(at);
}

function descriptorCode(descriptor: Buffer): number {
  const code = descriptor.readUInt8(0);
  if (code === 0x53) return checkedCode(descriptor.readUInt8(1));
  if (code === 0x80) return checkedCode(Number(descriptor.readBigUInt64BE(1)));
  if (code === 0xa3) {
    const known = SYMBOLIC.get(descriptor.toString("ascii", 2));
    if (known !== undefined) return known;
  }
  throw new WireError("unknown section descriptor");
}

function checkedCode(code: number): number {
  if (code < section.header || code > section.footer) throw new WireError("unknown section");
  return code;
}
