// One-time secret links: a secret result, encrypted for one reader, waits in a store that the broker shares
// with the process that reveals it once (`links/`), and with no other. The bus and the agent see an id and
// an expiry.
//
// Invariants:
//   L1. Plain text is neither stored nor logged; the key is read from the customer's vault at that moment.
//   L2. The ciphertext is bound to its id and its recipient: moved to another of either, it does not open.

import { derivedId } from "@niivo/contracts/canonical";
import { secretLinkMs } from "@niivo/contracts/links";
import type { Sweep } from "@niivo/host/erasure";
import type { Store } from "@niivo/host/store";
import { type Failed, failed, type Secret } from "./ports.ts";
import { SealedSecret, seal, secretDocument } from "./sealed-secret.ts";

interface NewSecret {
  readonly customer: string;
  readonly ticket: string;
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
  /** What an action stored that nobody has fetched yet. @throws StoreError */
  readonly find: (customer: string, actionId: string) => Promise<StoredSecret | undefined>;
  /** After the world refused the change: the secret opens nothing. Says whether it is gone. */
  readonly discard: (customer: string, secretId: string) => Promise<boolean>;
}

export const secretLinks = (store: Store): SecretLinks => ({
  async store({ customer, ticket, actionId, recipient, plain, key, now }) {
    const secretId = secretIdOf(customer, actionId);
    const expiresAt = new Date(now.getTime() + secretLinkMs).toISOString();
    const sealed = seal(key, plain, { secretId, recipient });
    if (sealed === undefined)
      return failed("secret-link-key-invalid", "The customer's link key is not 32 bytes.");
    const about = { ticket, actionId, recipient, expiresAt };
    const body: SealedSecret = { v: "secret-link/1", ...about, ...sealed };
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

  async find(customer, actionId) {
    const secretId = secretIdOf(customer, actionId);
    const found = await store.read(customer, secretDocument(secretId));
    if (found === undefined) return undefined;
    const { recipient, expiresAt } = SealedSecret.parse(found.body);
    return { secretId, recipient, expiresAt };
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

/** What an erasure deletes: the secrets of its tickets' actions that nobody has fetched. */
export const sweepSecrets =
  (store: Store): Sweep =>
  async ({ customer, tickets }, { keysOf }) => {
    let documents = 0;
    for (const ticket of tickets)
      for (const actionId of await keysOf(ticket)) {
        const id = secretDocument(secretIdOf(customer, actionId));
        if ((await store.read(customer, id)) === undefined) continue;
        await store.commit(customer, [{ kind: "delete", id }]);
        documents += 1;
      }
    await store.scrub();
    return { documents };
  };

/** One for each action: so it can be found again by who only knows the action. */
const secretIdOf = (customer: string, actionId: string): string =>
  derivedId("secret-link", customer, actionId);
