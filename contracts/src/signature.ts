// Signatures: checking one. ES256 (ECDSA on P-256 with SHA-256) in the two forms that the world uses, and Ed25519.
// Making one is left to those who hold keys.

import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { z } from "zod";
import type { PublicKey } from "./audit.ts";

/** A few keys sign everything there is: reading one again costs as much as checking with it. */
const keysMax = 32;
const keys = new Map<string, KeyObject>();

function keyOf(publicKey: z.infer<typeof PublicKey>): KeyObject {
  const name = `${publicKey.x}.${publicKey.y}`;
  const known = keys.get(name);
  if (known !== undefined) return known;
  const key = createPublicKey({ key: publicKey, format: "jwk" });
  if (keys.size === keysMax) keys.clear();
  keys.set(name, key);
  return key;
}

/**
 * Whether `signature` (r and s, 64 bytes, base64url) is the key's over the UTF-8 bytes of `text`.
 * A point that is not on the curve, or a signature of another form, is simply not valid.
 */
export function signatureIsValid(
  publicKey: z.infer<typeof PublicKey>,
  text: string,
  signature: string,
): boolean {
  const bytes = Buffer.from(signature, "base64url");
  // Buffer.from ignores what it cannot read; only the exact form is a signature.
  if (bytes.length !== 64 || bytes.toString("base64url") !== signature) return false;
  try {
    const key = keyOf(publicKey);
    return verify("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }, bytes);
  } catch {
    return false;
  }
}

/** Whether a signature over `message` is the key's. Never throws: what cannot be read is not valid. */
export type SignatureCheck = (message: Uint8Array, signature: Uint8Array) => boolean;

/**
 * ECDSA with SHA-256 under a P-256 key.
 * @param spki the key as SubjectPublicKeyInfo in DER (RFC 5480); signatures are ASN.1 DER (RFC 3279 section 2.2.3).
 * @returns `undefined` where `spki` is no such key, or not in its one form.
 */
export function p256Check(spki: Uint8Array): SignatureCheck | undefined {
  const key = keyIn(spki);
  if (key?.asymmetricKeyType !== "ec") return undefined;
  if (key.asymmetricKeyDetails?.namedCurve !== "prime256v1") return undefined;
  return (message, signature) => holds(() => verify("sha256", message, key, signature));
}

// The DER of an Ed25519 key is these bytes and the 32 of the key (RFC 8410 section 4).
const ed25519Prefix = Buffer.from("302a300506032b6570032100", "hex");

/** Ed25519 (RFC 8032). @returns `undefined` unless the key has 32 bytes. */
export function ed25519Check(publicKey: Uint8Array): SignatureCheck | undefined {
  if (publicKey.length !== 32) return undefined;
  const key = keyIn(Buffer.concat([ed25519Prefix, publicKey]));
  if (key === undefined) return undefined;
  return (message, signature) => holds(() => verify(null, message, key, signature));
}

/** A P-256 key as SubjectPublicKeyInfo in DER. @throws TypeError where the point is not on the curve. */
export const spkiOf = (publicKey: z.infer<typeof PublicKey>): Uint8Array =>
  createPublicKey({ key: publicKey, format: "jwk" }).export({ format: "der", type: "spki" });

function keyIn(spki: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
    const again = key.export({ format: "der", type: "spki" });
    return Buffer.compare(again, spki) === 0 ? key : undefined;
  } catch {
    return undefined;
  }
}

function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}
