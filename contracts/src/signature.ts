// ES256 signatures (ECDSA on P-256 with SHA-256, RFC 7518 section 3.4): checking one. Making one is the
// audit service's alone.

import { createPublicKey, verify } from "node:crypto";
import type { z } from "zod";
import type { PublicKey } from "./audit.ts";

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
    const key = createPublicKey({ key: publicKey, format: "jwk" });
    return verify("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }, bytes);
  } catch {
    return false;
  }
}
