// The values of the rule language: AMQP's simple types, each kept apart, so that what an action
// does not change in type stays of its type (a uint stays a uint).
// AMQP 1.0 part 1 section 1.6; the described types are those of Microsoft's .NET client.

import { endOfValue } from "../wire/sections.ts";
import { encodeString, encodeSymbol, encodeTimestamp, NULL } from "../wire/values.ts";

export type IntegerType = "byte" | "ubyte" | "short" | "ushort" | "int" | "uint" | "long" | "ulong";

export interface IntegerValue {
  readonly type: IntegerType;
  readonly value: bigint;
}

export interface RealValue {
  readonly type: "float" | "double";
  readonly value: number;
}

/** `null` is also the value of what a message does not have: the language's "unknown". */
export type Value =
  | { readonly type: "null" }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | IntegerValue
  | RealValue
  /** Milliseconds since 1970. */
  | { readonly type: "dateTime"; readonly value: number }
  /** In ticks of 100 nanoseconds. */
  | { readonly type: "timeSpan"; readonly value: bigint }
  /** Lower case, with dashes. */
  | { readonly type: "uuid"; readonly value: string }
  /** A list, map, binary or decimal: it exists, and nothing can be compared with it. */
  | { readonly type: "other" };

export const unknown: Value = { type: "null" };

interface Width {
  readonly code: number;
  readonly bytes: number;
  readonly isSigned: boolean;
}

const integerWidths: Readonly<Record<IntegerType, Width>> = {
  byte: { code: 0x51, bytes: 1, isSigned: true },
  ubyte: { code: 0x50, bytes: 1, isSigned: false },
  short: { code: 0x61, bytes: 2, isSigned: true },
  ushort: { code: 0x60, bytes: 2, isSigned: false },
  int: { code: 0x71, bytes: 4, isSigned: true },
  uint: { code: 0x70, bytes: 4, isSigned: false },
  long: { code: 0x81, bytes: 8, isSigned: true },
  ulong: { code: 0x80, bytes: 8, isSigned: false },
};

const TICKS_PER_MS = 10_000n;
const TICKS_AT_1970 = 621_355_968_000_000_000n;

/** Whether an integer type can hold the number. */
export function fitsInteger(type: IntegerType, value: bigint): boolean {
  return wrapInteger(type, value) === value;
}

/** What is left of a number in an integer type that is too small for it, as C# computes unchecked. */
export function wrapInteger(type: IntegerType, value: bigint): bigint {
  const { bytes, isSigned } = integerWidths[type];
  return isSigned ? BigInt.asIntN(bytes * 8, value) : BigInt.asUintN(bytes * 8, value);
}

export function isInteger(value: Value): value is IntegerValue {
  return value.type in integerWidths;
}

/** The text of an encoded string or symbol, or undefined for any other type. */
export function textOf(encoded: Buffer): string | undefined {
  switch (encoded[0]) {
    case 0xa1:
    case 0xa3:
      return encoded.toString("utf8", 2);
    case 0xb1:
    case 0xb3:
      return encoded.toString("utf8", 5);
  }
  return undefined;
}

/** Decodes one well-formed AMQP value (its bounds were checked where the message was taken apart). */
export function decode(encoded: Buffer): Value {
  const text = textOf(encoded);
  if (text !== undefined) return { type: "string", value: text };
  switch (encoded[0]) {
    case 0x00:
      return decodeDescribed(encoded);
    case 0x40:
      return unknown;
    case 0x41:
      return { type: "boolean", value: true };
    case 0x42:
      return { type: "boolean", value: false };
    case 0x56:
      return { type: "boolean", value: encoded[1] === 1 };
    case 0x72:
      return { type: "float", value: encoded.readFloatBE(1) };
    case 0x82:
      return { type: "double", value: encoded.readDoubleBE(1) };
    case 0x73:
      return characterOf(encoded.readUInt32BE(1));
    case 0x83:
      return { type: "dateTime", value: Number(encoded.readBigInt64BE(1)) };
    case 0x98:
      return { type: "uuid", value: dashed(encoded.toString("hex", 1, 17)) };
  }
  return decodeInteger(encoded) ?? { type: "other" };
}

function decodeInteger(encoded: Buffer): IntegerValue | undefined {
  switch (encoded[0]) {
    case 0x43:
      return { type: "uint", value: 0n };
    case 0x44:
      return { type: "ulong", value: 0n };
    case 0x52:
      return { type: "uint", value: BigInt(encoded.readUInt8(1)) };
    case 0x53:
      return { type: "ulong", value: BigInt(encoded.readUInt8(1)) };
    case 0x54:
      return { type: "int", value: BigInt(encoded.readInt8(1)) };
    case 0x55:
      return { type: "long", value: BigInt(encoded.readInt8(1)) };
    case 0x50:
      return { type: "ubyte", value: BigInt(encoded.readUInt8(1)) };
    case 0x51:
      return { type: "byte", value: BigInt(encoded.readInt8(1)) };
    case 0x60:
      return { type: "ushort", value: BigInt(encoded.readUInt16BE(1)) };
    case 0x61:
      return { type: "short", value: BigInt(encoded.readInt16BE(1)) };
    case 0x70:
      return { type: "uint", value: BigInt(encoded.readUInt32BE(1)) };
    case 0x71:
      return { type: "int", value: BigInt(encoded.readInt32BE(1)) };
    case 0x80:
      return { type: "ulong", value: encoded.readBigUInt64BE(1) };
    case 0x81:
      return { type: "long", value: encoded.readBigInt64BE(1) };
  }
  return undefined;
}

// The .NET client writes TimeSpan, DateTimeOffset and Uri properties as described types.
function decodeDescribed(encoded: Buffer): Value {
  const at = endOfValue(encoded, 1);
  const inner = decode(encoded.subarray(at));
  switch (textOf(encoded.subarray(1, at)) ?? "") {
    case "com.microsoft:timespan":
      return inner.type === "long" ? { type: "timeSpan", value: inner.value } : { type: "other" };
    case "com.microsoft:datetime-offset":
      if (inner.type !== "long") return { type: "other" };
      return { type: "dateTime", value: Number((inner.value - TICKS_AT_1970) / TICKS_PER_MS) };
    case "com.microsoft:uri":
      return inner.type === "string" ? inner : { type: "other" };
  }
  return { type: "other" };
}

function characterOf(code: number): Value {
  return code <= 0x10ffff
    ? { type: "string", value: String.fromCodePoint(code) }
    : { type: "other" };
}

/** The AMQP encoding of a value, or undefined for one that has none here. */
export function encode(value: Value): Buffer | undefined {
  switch (value.type) {
    case "null":
      return NULL;
    case "boolean":
      return Buffer.from([value.value ? 0x41 : 0x42]);
    case "string":
      return encodeString(value.value);
    case "float": {
      const encoded = Buffer.from([0x72, 0, 0, 0, 0]);
      encoded.writeFloatBE(value.value, 1);
      return encoded;
    }
    case "double": {
      const encoded = Buffer.from([0x82, 0, 0, 0, 0, 0, 0, 0, 0]);
      encoded.writeDoubleBE(value.value, 1);
      return encoded;
    }
    case "dateTime":
      return encodeTimestamp(value.value);
    case "timeSpan":
      return Buffer.concat([
        Buffer.from([0x00]),
        encodeSymbol("com.microsoft:timespan"),
        encodeInteger({ type: "long", value: value.value }),
      ]);
    case "uuid":
      return Buffer.concat([
        Buffer.from([0x98]),
        Buffer.from(value.value.replaceAll("-", ""), "hex"),
      ]);
    case "other":
      return undefined;
    case "byte":
    case "ubyte":
    case "short":
    case "ushort":
    case "int":
    case "uint":
    case "long":
    case "ulong":
      return encodeInteger(value);
  }
}

function encodeInteger({ type, value }: IntegerValue): Buffer {
  const { code, bytes } = integerWidths[type];
  const hex = BigInt.asUintN(bytes * 8, value)
    .toString(16)
    .padStart(bytes * 2, "0");
  return Buffer.concat([Buffer.from([code]), Buffer.from(hex, "hex")]);
}

function dashed(hex: string): string {
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([start, end]) => hex.slice(start, end))
    .join("-");
}
