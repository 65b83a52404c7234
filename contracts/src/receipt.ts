// What a receipt's two signatures cover, and how a reader that has pinned the vault key checks it.
//
// Invariants:
//   C1. A receipt counts only if the sealing key is endorsed by a pinned vault key for no longer than such keys live,
//       was valid when the receipt was issued, outlives it, and signed exactly these fields.
//   C2. A receipt counts only for its audience, its digest and its allow, and only before it expires.

import type { z } from "zod";
import {
  type PublicKey,
  type ReceiptIssued,
  receiptMs,
  type SealingKey,
  sealingKeyMs,
} from "./audit.ts";
import { canonicalJson } from "./canonical.ts";
import { signatureIsValid } from "./signature.ts";

export type Receipt = z.infer<typeof ReceiptIssued>["data"];
type UnsignedReceipt = Omit<Receipt, "signature" | "sealingKey">;
type UnendorsedKey = Omit<SealingKey, "endorsement">;

/** Clocks of two services may differ by this much. */
export const clockSkewMs = 5000;

/** What the sealing key signs. */
export const receiptText = (receipt: UnsignedReceipt): string =>
  canonicalJson({ purpose: "niivo-receipt/1", ...receipt });

/** What the vault key signs. */
export const endorsementText = (key: UnendorsedKey): string =>
  canonicalJson({ purpose: "niivo-sealing-key/1", ...key });

/** The vault key that a reader trusts: its versioned identifier and its public half. */
export interface PinnedKey {
  readonly keyId: string;
  readonly publicKey: z.infer<typeof PublicKey>;
}

export type ReceiptVerdict =
  | "valid"
  | "expired"
  | "key-unannounced"
  | "key-out-of-validity"
  | "signature-invalid"
  | "lifetime-too-long";

/**
 * C1 and the time half of C2. Which allow it belongs to is the caller's comparison.
 * @param pinned one vault key, or both while one replaces the other.
 */
export function judgeReceipt(
  receipt: Receipt,
  pinned: readonly PinnedKey[],
  now: Date,
): ReceiptVerdict {
  const { signature, sealingKey, ...signed } = receipt;
  const { endorsement, ...endorsed } = sealingKey;
  const endorser = pinned.find(({ keyId }) => keyId === endorsed.endorsedBy);
  if (
    endorser === undefined ||
    !signatureIsValid(endorser.publicKey, endorsementText(endorsed), endorsement)
  )
    return "key-unannounced";
  const validMs = Date.parse(endorsed.notAfter) - Date.parse(endorsed.notBefore);
  if (validMs > sealingKeyMs + clockSkewMs) return "key-out-of-validity";
  if (!signatureIsValid(endorsed.publicKey, receiptText(signed), signature))
    return "signature-invalid";
  // Fixed-width UTC timestamps order as text.
  if (signed.issuedAt < endorsed.notBefore || signed.expiresAt > endorsed.notAfter)
    return "key-out-of-validity";
  const issuedMs = Date.parse(signed.issuedAt);
  const expiresMs = Date.parse(signed.expiresAt);
  if (expiresMs - issuedMs > receiptMs || issuedMs > now.getTime() + clockSkewMs)
    return "lifetime-too-long";
  return now.getTime() >= expiresMs ? "expired" : "valid";
}

/**
 * Whether a receipt that somebody kept is what the key signed, however long ago: it then proves that its entry was
 * sealed. Of the key only the public half is known; the name that the receipt gives it decides nothing.
 */
export const receiptIsGenuine = (receipt: Receipt, publicKey: PinnedKey["publicKey"]): boolean =>
  judgeReceipt(
    receipt,
    [{ keyId: receipt.sealingKey.endorsedBy, publicKey }],
    new Date(receipt.issuedAt),
  ) === "valid";
