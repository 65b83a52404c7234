// Canonical bytes and what is computed from them: digests, derived ids and nonces.
// The one place of the system that hashes; pure functions of their arguments.

import { createHmac, hash } from "node:crypto";
import canonicalize from "canonicalize";

/** Any JSON value. Numbers are integers wherever a value is sealed (`audit.md` strict profile). */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json };

/**
 * The RFC 8785 (JCS) text of a value. Members that are `undefined` are absent from it.
 * @throws TypeError on what JSON cannot carry: NaN, infinities, BigInt, lone surrogates.
 */
export function canonicalJson(value: unknown): string {
  // The engine's own writer is several times faster than the library, and RFC 8785 defines numbers and texts by it.
  // It keeps the order of names, so it is given a copy that is in order.
  const plain = orderedCopy(value, 0);
  const text = plain === undefined ? canonicalize(value) : JSON.stringify(plain);
  if (text === undefined) throw new TypeError("undefined has no canonical JSON");
  return text;
}

const copyDepthMax = 32;

/**
 * The value with the names of every object in order, or `undefined` where the library has to judge: what JSON does
 * not carry, objects that are more than their members, and names that an object does not keep in the order given.
 */
function orderedCopy(value: unknown, depth: number): Json | undefined {
  if (typeof value === "string") return value.isWellFormed() ? value : undefined;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value === "boolean" || value === null) return value;
  if (typeof value !== "object" || depth > copyDepthMax || "toJSON" in value) return undefined;
  if (Array.isArray(value)) return orderedList(value, depth);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return undefined;
  // An object without a class, of which only its own names are asked for.
  const members = value as Readonly<Record<string, unknown>>;
  const copy: Record<string, Json> = {};
  for (const name of inOrder(Object.keys(members))) {
    const member = members[name];
    if (member === undefined) continue;
    if (!keepsItsPlace(name)) return undefined;
    const inner = orderedCopy(member, depth + 1);
    if (inner === undefined) return undefined;
    copy[name] = inner;
  }
  return copy;
}

function orderedList(values: readonly unknown[], depth: number): Json | undefined {
  const copy: Json[] = [];
  for (const value of values) {
    const inner = orderedCopy(value, depth + 1);
    if (inner === undefined) return undefined;
    copy.push(inner);
  }
  return copy;
}

// Objects put names that are numbers before all others, and `__proto__` is no member of them.
function keepsItsPlace(name: string): boolean {
  const first = name.charCodeAt(0);
  const isDigit = first >= 48 && first <= 57;
  return !isDigit && name !== "__proto__" && name.isWellFormed();
}

const insertionMax = 16;

/** Sorts in place, by UTF-16 code units: the order of RFC 8785. Few names are sorted faster without the engine's sort. */
function inOrder(names: string[]): readonly string[] {
  if (names.length > insertionMax) return names.sort();
  for (let index = 1; index < names.length; index += 1) {
    const name = names[index] ?? "";
    let at = index;
    while (at > 0) {
      const before = names[at - 1] ?? "";
      if (before <= name) break;
      names[at] = before;
      at -= 1;
    }
    names[at] = name;
  }
  return names;
}

/** SHA-256 as 64 lower-case hexadecimal characters. */
export const sha256 = (bytes: string | Uint8Array): string => hash("sha256", bytes);

/** SHA-256 as 32 bytes. */
export const sha256Bytes = (bytes: Uint8Array): Uint8Array => hash("sha256", bytes, "buffer");

/** HMAC-SHA-256 as 32 bytes. @param key 32 bytes: shorter keys would be padded, so none is taken. */
export function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  if (key.length !== 32) throw new RangeError("the key of an HMAC has 32 bytes here");
  return createHmac("sha256", key).update(bytes).digest();
}

/** SHA-256 over the canonical bytes of a value: what a card shows, an approver grants and a broker runs. */
export const digestOf = (value: unknown): string => sha256(canonicalJson(value));

/**
 * A UUID (version 8, RFC 9562) that is a function of its parts, so a redelivered message
 * produces the same ids again.
 */
export function derivedId(...parts: readonly string[]): string {
  const hex = digestOf(["niivo-id/1", ...parts]);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

/**
 * HMAC-SHA-256 as 64 hexadecimal characters, over the canonical bytes of a value.
 * @param key 64 hexadecimal characters: a 256-bit key.
 */
export const keyedDigest = (key: string, value: unknown): string =>
  createHmac("sha256", Buffer.from(key, "hex")).update(canonicalJson(value)).digest("hex");
