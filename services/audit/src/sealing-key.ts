// The sealing key: it lives in this process only and is endorsed by the vault key, so that receipts cost no
// call to the vault and a stolen memory image is worth at most some hours.
//
// Invariants:
//   L10. Nothing is signed by a key that the vault key has not endorsed, or outside the key's validity.
//   L11. Audit does not start, and does not go on, without such a key.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { PublicKey, type SealingKey, sealingKeyMs } from "@niivo/contracts/audit";
import { digestOf } from "@niivo/contracts/canonical";
import { clockSkewMs, endorsementText } from "@niivo/contracts/receipt";
import { signatureIsValid } from "@niivo/contracts/signature";
import { FatalError } from "@niivo/host/fatal-error";
import type { Logger } from "@niivo/host/logger";
import type { z } from "zod";

const renewAfterMs = sealingKeyMs / 2;
/** A failed renewal is tried again after this long. */
const retryMs = 60 * 1000;

/**
 * The vault key, as the sealing key needs it.
 *
 * Durability: none. Ordering: none. Concurrency: any. Retry: signing twice is harmless.
 */
export interface VaultKey {
  /** Its versioned identifier, which every reader of a receipt has pinned. */
  readonly keyId: string;
  readonly publicKey: z.infer<typeof PublicKey>;
  /** ES256 over the text: r and s in base64url. @throws when the vault cannot be reached or refuses. */
  readonly sign: (text: string) => Promise<string>;
}

/** A sealing key together with its private half, which nobody but `sign` sees. */
export interface HeldKey {
  readonly sealingKey: SealingKey;
  /** RFC 7638 thumbprint of the public half, in hexadecimal: how a chain announces it. */
  readonly digest: string;
  /** ES256 over the text: r and s in base64url. */
  readonly sign: (text: string) => string;
}

/** Gives the key to sign with now. @throws FatalError when there is no valid one any more (L11). */
export type SealingKeys = (now: Date) => Promise<HeldKey>;

/**
 * Makes the first sealing key, and from then on replaces it in time.
 * @throws FatalError when the vault key does not endorse it (L11).
 */
export async function makeSealingKeys(
  vaultKey: VaultKey,
  log: Pick<Logger, "warn">,
  now: Date,
): Promise<SealingKeys> {
  let held = await endorsedKey(vaultKey, now);
  let renewal: Promise<void> | undefined;
  let tryAgainAtMs = 0;

  const renew = async (at: Date): Promise<void> => {
    try {
      held = await endorsedKey(vaultKey, at);
    } catch (error) {
      tryAgainAtMs = at.getTime() + retryMs;
      log.warn({ err: error }, "the sealing key could not be renewed");
    } finally {
      renewal = undefined;
    }
  };

  return async (at) => {
    const { notBefore, notAfter } = held.sealingKey;
    const ageMs = at.getTime() - Date.parse(notBefore);
    const isValid = at.toISOString() < notAfter;
    if (ageMs >= renewAfterMs && (!isValid || at.getTime() >= tryAgainAtMs)) renewal ??= renew(at);
    if (!isValid) await renewal;
    if (at.toISOString() >= held.sealingKey.notAfter)
      throw new FatalError("the sealing key ran out and the vault key endorsed no other"); // L11
    return held;
  };
}

async function endorsedKey(vaultKey: VaultKey, now: Date): Promise<HeldKey> {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { kty, crv, x, y } = publicKey.export({ format: "jwk" });
  const unendorsed = {
    publicKey: PublicKey.parse({ kty, crv, x, y }),
    // Backdated, so that a clock set back a little finds the key valid.
    notBefore: new Date(now.getTime() - clockSkewMs).toISOString(),
    notAfter: new Date(now.getTime() + sealingKeyMs).toISOString(),
    endorsedBy: vaultKey.keyId,
  };
  const text = endorsementText(unendorsed);
  const endorsement = await endorse(vaultKey, text);
  if (!signatureIsValid(vaultKey.publicKey, text, endorsement))
    throw new FatalError("the vault's endorsement is not the vault key's"); // L10
  return {
    sealingKey: { ...unendorsed, endorsement },
    digest: digestOf(unendorsed.publicKey),
    sign: (one) => signature(privateKey, one),
  };
}

async function endorse(vaultKey: VaultKey, text: string): Promise<string> {
  try {
    return await vaultKey.sign(text);
  } catch (error) {
    throw new FatalError("the vault key did not endorse the sealing key", { cause: error });
  }
}

const signature = (key: KeyObject, text: string): string =>
  sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");
