// The stored form of a one-time secret, and the two operations on it.

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { Guid, Id, Timestamp } from "@niivo/contracts/envelope";
import { z } from "zod";
import type { Secret } from "./ports.ts";

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const Base64 = z.base64().max(10_000);

/** The partition of a secret is its customer's. */
export const secretDocument = (secretId: string): string => `secret:${secretId}`;

export const SealedSecret = z.strictObject({
  v: z.literal("secret-link/1"),
  ticket: Id,
  actionId: Id,
  /** Entra object id of the one reader. */
  recipient: Guid,
  expiresAt: Timestamp,
  nonce: Base64,
  ciphertext: Base64,
  tag: Base64,
});
export type SealedSecret = z.infer<typeof SealedSecret>;

type Sealed = Pick<SealedSecret, "nonce" | "ciphertext" | "tag">;

/** What the ciphertext is bound to (L2). */
interface Binding {
  readonly secretId: string;
  readonly recipient: string;
}

/** The additional authenticated data (L2). */
const contextOf = ({ secretId, recipient }: Binding): Buffer =>
  Buffer.from(`secret-link/1:${secretId}:${recipient}`);

/**
 * AES-256-GCM with a fresh nonce (NIST SP 800-38D); all parts in base64.
 * @param key 32 bytes in base64. Undefined is answered when it is anything else.
 */
export function seal(key: Secret, plain: Secret, binding: Binding): Sealed | undefined {
  const keyed = Buffer.from(key(), "base64");
  if (keyed.length !== keyBytes) return undefined;
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", keyed, nonce).setAAD(contextOf(binding));
  const ciphertext = Buffer.concat([cipher.update(plain(), "utf8"), cipher.final()]);
  const [text, tag] = [ciphertext.toString("base64"), cipher.getAuthTag().toString("base64")];
  return { nonce: nonce.toString("base64"), ciphertext: text, tag };
}

/** The plain text; undefined when key, id or recipient are not those it was sealed with. */
export function open(key: Secret, sealed: Sealed, binding: Binding): Secret | undefined {
  const [keyed, nonce, tag] = [key(), sealed.nonce, sealed.tag].map(fromBase64);
  if (keyed?.length !== keyBytes || nonce?.length !== nonceBytes) return undefined;
  if (tag?.length !== tagBytes) return undefined;
  try {
    const decipher = createDecipheriv("aes-256-gcm", keyed, nonce, { authTagLength: tagBytes })
      .setAAD(contextOf(binding))
      .setAuthTag(tag);
    const plain = Buffer.concat([decipher.update(fromBase64(sealed.ciphertext)), decipher.final()]);
    return () => plain.toString("utf8");
  } catch {
    return undefined;
  }
}

const fromBase64 = (text: string): Buffer => Buffer.from(text, "base64");
