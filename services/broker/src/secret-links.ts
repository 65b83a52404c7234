// One-time secret links: a secret result, encrypted for one reader, waits in the broker's own store. The
// process that reveals it once is another one; the bus and the agent see an id and an expiry.
//
// Invariants:
//   L1. Plain text is neither stored nor logged; the key is read from the customer's vault at that moment.
//   L2. The ciphertext is bound to its id and its recipient: moved to another of either, it does not open.

import { createCipheriv, randomBytes } from "node:crypto";
import { derivedId } from "@niivo/contracts/canonical";
import type { Store } from "@niivo/host/store";
import { type Failed, failed, type Secret } from "./ports.ts";

const secretLinkMs = 24 * 60 * 60 * 1000;
const keyBytes = 32;
const nonceBytes = 12;
/** The partition of a secret is its customer's. */
export const secretDocument = (secretId: string): string => `secret:${secretId}`;

interface NewSecret {
  readonly customer: string;
  readonly actionId: string;
  /** Entra object id of the one reader. */
  readonly recipient: string;
  readonly plain: Secret;
  /** The customer's link key: 32 bytes in base64. */
  readonly key: Secret;
  readonly now: Date;
}

export interface StoredSecret {
  readonly secretId: string;
  readonly recipient: string;
  readonly expiresAt: string;
}

export interface SecretLinks {
  /** Durable when it resolves. An action has at most one secret: a second one is a failure. */
  readonly store: (
    secret: NewSecret,
  ) => Promise<{ readonly kind: "stored"; readonly stored: StoredSecret } | Failed>;
  /** After the world refused the change: the secret opens nothing. Says whether it is gone. */
  readonly discard: (customer: string, secretId: string) => Promise<boolean>;
}

export const secretLinks = (store: Store): SecretLinks => ({
  async store({ customer, actionId, recipient, plain, key, now }) {
    const keyed = Buffer.from(key(), "base64");
    if (keyed.length !== keyBytes)
      return failed("secret-link-key-invalid", "The customer's link key is not 32 bytes.");
    const secretId = derivedId("secret-link", customer, actionId);
    const expiresAt = new Date(now.getTime() + secretLinkMs).toISOString();
    const sealed = seal(keyed, plain(), linkContext(secretId, recipient));
    const body = { v: "secret-link/1", actionId, recipient, expiresAt, ...sealed };
    const id = secretDocument(secretId);
    try {
      const ttlSeconds = secretLinkMs / 1000;
      const done = await store.commit(customer, [{ kind: "create", id, body, ttlSeconds }]);
      if (done.kind === "committed")
        return { kind: "stored", stored: { secretId, recipient, expiresAt } };
      return failed("secret-exists", "This action has stored a secret before.");
    } catch {
      return failed("secret-store-unavailable", "The secret could not be stored.");
    }
  },

  async discard(customer, secretId) {
    try {
      await store.commit(customer, [{ kind: "delete", id: secretDocument(secretId) }]);
      return true;
    } catch {
      return false;
    }
  },
});

/** L2: the additional authenticated data. */
export const linkContext = (secretId: string, recipient: string): string =>
  `secret-link/1:${secretId}:${recipient}`;

/** AES-256-GCM with a fresh nonce (NIST SP 800-38D); all parts in base64. */
function seal(key: Buffer, plain: string, context: string) {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
  const ciphertext = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  const [text, tag] = [ciphertext.toString("base64"), cipher.getAuthTag().toString("base64")];
  return { nonce: nonce.toString("base64"), ciphertext: text, tag };
}
