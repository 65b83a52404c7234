// Commitments: what stands in an entry for a value that may be erased (HMAC-SHA-256 under a salt of its own).
//
// Invariants:
//   M1. The bytes under the HMAC name the field and the lengths, so no two pairs of field and value share them.
//   M2. A salt has exactly 32 bytes and is drawn for one field of one entry.

import { canonicalJson, hmacSha256 } from "../canonical.ts";
import { bytesOf, fromHex, hexOf } from "./bytes.ts";

const saltBytes = 32;
const label = bytesOf("audit-commit/1\0");

/**
 * HMAC-SHA-256(salt, "audit-commit/1" ‖ 0x00 ‖ len32(field) ‖ field ‖ len32(value) ‖ value), where value is the
 * RFC 8785 text and lengths are of the UTF-8 bytes, in four bytes, the highest first.
 * @param salt 64 lower-case hexadecimal characters.
 * @throws RangeError on another salt, TypeError on a value that JSON cannot carry.
 */
export function commitmentTo(salt: string, field: string, value: unknown): string {
  const key = fromHex(salt, saltBytes);
  if (key === undefined) throw new RangeError("a salt has 64 hexadecimal characters"); // M2
  const parts = [bytesOf(field), bytesOf(canonicalJson(value))];
  const framed = parts.flatMap((bytes) => [length32(bytes.length), bytes]); // M1
  return hexOf(hmacSha256(key, Buffer.concat([label, ...framed])));
}

function length32(length: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}
