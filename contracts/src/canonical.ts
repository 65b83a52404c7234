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
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("undefined has no canonical JSON");
  return text;
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
