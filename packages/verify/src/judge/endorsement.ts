// Whether a vault key of the chain endorsed a sealing key, as the chain announces it. The vault key that endorses is the
// one that signs checkpoints: the policy's ECDSA key of this chain, or one that the chain put in its place.
//
// Invariants:
//   V20. An announced sealing key whose endorsement is given has one of a key that counts, over that very key and for no
//        longer than such keys live.

import { PublicKey, sealingKeyMs } from "@niivo/contracts/audit";
import { digestOf } from "@niivo/contracts/canonical";
import type { SealingKeyAnnounced } from "@niivo/contracts/evidence/control";
import type { VerifierKey } from "@niivo/contracts/evidence/verifier-key";
import { clockSkewMs, endorsementText } from "@niivo/contracts/receipt";
import { signatureIsValid } from "@niivo/contracts/signature";
import type { z } from "zod";
import type { CheckpointAnswer } from "./checkpoint-judge.ts";
import type { Findings } from "./verdict.ts";

export interface Announced {
  readonly seq: number;
  readonly key: SealingKeyAnnounced;
}

/**
 * Judges what a checkpoint covers: a new vault key counts only from the first one over its name, and what it endorses
 * may stand before that.
 */
export function judgeAnnounced(
  found: Findings,
  announced: readonly Announced[],
  { trusted, attested }: Pick<CheckpointAnswer, "trusted" | "attested">,
): void {
  const keys = trusted.filter(({ type }) => type === "ecdsa").map(jwkOf);
  for (const { seq, key } of announced) {
    if (key.endorsement === undefined || seq >= attested) continue;
    if (!keys.some((one) => isEndorsed(key, one)))
      found.add("KEY_UNKNOWN", seq, seq, "no key of this chain endorsed the sealing key");
    else if (Date.parse(key.notAfter) - Date.parse(key.notBefore) > sealingKeyMs + clockSkewMs)
      found.add("KEY_EPOCH", seq, seq, "the sealing key is valid for longer than such keys are");
  }
}

function isEndorsed(announced: SealingKeyAnnounced, by: z.infer<typeof PublicKey>): boolean {
  const { key, x, y, endorsement = "", notBefore, notAfter, endorsedBy } = announced;
  const publicKey = PublicKey.safeParse({ kty: "EC", crv: "P-256", x, y }).data;
  if (publicKey === undefined || digestOf(publicKey) !== key) return false;
  const text = endorsementText({ publicKey, notBefore, notAfter, endorsedBy });
  return signatureIsValid(by, text, endorsement);
}

/** The last 64 bytes of a P-256 key's DER are its point (RFC 5480). */
export function jwkOf({ publicKey }: VerifierKey): z.infer<typeof PublicKey> {
  const point = Buffer.from(publicKey.subarray(-64));
  const [x, y] = [point.subarray(0, 32), point.subarray(32)];
  return {
    kty: "EC",
    crv: "P-256",
    x: x.toString("base64url"),
    y: y.toString("base64url"),
  };
}
