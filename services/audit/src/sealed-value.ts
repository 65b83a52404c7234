// The erasable half of an entry in its stored form: salt and message, encrypted under the keys of everybody it is about.

import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { Hex256 } from "@niivo/contracts/envelope";
import { z } from "zod";
import { KeyName } from "./value-keys.ts";

const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
/** A length tells something too, so texts are filled up to a multiple of this. */
const bucketBytes = 256;
/** Requester, target, claimant, and whoever voted. */
const peopleMax = 100;

export const SealedValue = z.strictObject({
  v: z.literal("audit-value/1"),
  /** Whose keys open it, in the order in which they are joined. */
  people: z.array(KeyName).min(1).max(peopleMax),
  nonce: z.base64(),
  /** With its tag at the end. */
  ciphertext: z.base64(),
});
export type SealedValue = z.infer<typeof SealedValue>;

const Content = z.strictObject({ salt: Hex256, message: z.json() });
interface Content {
  readonly salt: string;
  readonly message: unknown;
}

/** What the ciphertext is bound to: moved to another entry or chain, it does not open. */
export interface Place {
  readonly customer: string;
  /** The message's name (`rows.ts`). */
  readonly name: string;
}

const contextOf = ({ customer, name }: Place): Buffer =>
  Buffer.from(`audit-value/1\0${customer}\0${name}`);

/** HKDF-SHA-256 (RFC 5869) of all keys one after the other: with one missing nothing can be derived. */
const keyOf = (keys: readonly Uint8Array[], place: Place): Uint8Array =>
  new Uint8Array(hkdfSync("sha256", Buffer.concat(keys), "", contextOf(place), keyBytes));

/** AES-256-GCM (NIST SP 800-38D) under a key for this one place. @param keys by name, in their order. */
export function sealValue(
  keys: ReadonlyMap<string, Uint8Array>,
  place: Place,
  content: Content,
): SealedValue {
  const nonce = randomBytes(nonceBytes);
  const context = contextOf(place);
  const cipher = createCipheriv("aes-256-gcm", keyOf([...keys.values()], place), nonce);
  const plain = padded(Buffer.from(JSON.stringify(content)));
  const text = Buffer.concat([cipher.setAAD(context).update(plain), cipher.final()]);
  return {
    v: "audit-value/1",
    people: [...keys.keys()],
    nonce: nonce.toString("base64"),
    ciphertext: Buffer.concat([text, cipher.getAuthTag()]).toString("base64"),
  };
}

/** `undefined` where it is not what was sealed at this place under these keys. */
export function openValue(
  keys: readonly Uint8Array[],
  place: Place,
  { nonce, ciphertext }: SealedValue,
): Content | undefined {
  const bytes = Buffer.from(ciphertext, "base64");
  const [text, tag] = [bytes.subarray(0, -tagBytes), bytes.subarray(-tagBytes)];
  try {
    const decipher = createDecipheriv(
      "aes-256-gcm",
      keyOf(keys, place),
      Buffer.from(nonce, "base64"),
      { authTagLength: tagBytes },
    )
      .setAAD(contextOf(place))
      .setAuthTag(tag);
    const plain = Buffer.concat([decipher.update(text), decipher.final()]);
    return Content.safeParse(JSON.parse(plain.toString())).data;
  } catch {
    return undefined;
  }
}

// With spaces, which JSON ignores.
function padded(text: Buffer): Buffer {
  const full = Math.ceil(text.length / bucketBytes) * bucketBytes;
  return Buffer.concat([text, Buffer.alloc(full - text.length, " ")]);
}
