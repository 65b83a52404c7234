// Receipts that somebody kept, the broker above all, against the chain. A receipt is signed at the moment of sealing, so
// it shows a cut tail or a replaced entry before any checkpoint could.
//
// Invariants:
//   V16. A genuine receipt names an entry that must be here, with that very hash. One that contradicts the chain is a
//        fork; one beyond its end shows a cut.

import type { PublicKey } from "@niivo/contracts/audit";
import type { SigningPolicy } from "@niivo/contracts/evidence/signing-policy";
import { type Receipt, receiptIsGenuine } from "@niivo/contracts/receipt";
import type { z } from "zod";
import type { Findings } from "./verdict.ts";

export interface ReceiptJudge {
  readonly add: (seq: number, hash: string) => void;
  /** @param from the first entry that was read; @param size the number after the last. */
  readonly end: (found: Findings, chain: string | undefined, from: number, size: number) => void;
}

export function receiptJudge(receipts: readonly Receipt[], policy: SigningPolicy): ReceiptJudge {
  /** Hashes of the entries that receipts speak of. */
  const named = new Map<number, string | undefined>(receipts.map(({ seq }) => [seq, undefined]));
  return {
    add: (seq, hash) => {
      if (named.has(seq)) named.set(seq, hash);
    },
    end: (found, chain, from, size) => {
      for (const receipt of receipts) {
        const { seq, entryHash } = receipt;
        if (receipt.chain !== chain || !isGenuine(receipt, policy)) {
          found.add("KEY_UNKNOWN", seq, seq, "a receipt is not one of this chain");
          continue;
        }
        const hash = named.get(seq);
        if (seq >= size)
          found.add("TRUNCATED", size, seq, "a receipt names an entry that is not here");
        else if (hash !== undefined && hash !== entryHash)
          found.add("FORK", seq, seq, "a receipt names another entry in this place");
        else if (hash === undefined && seq >= from)
          found.add("ALTERED", seq, seq, "a receipt names an entry that cannot be read here");
      }
    },
  };
}

// The vault key that endorses sealing keys is the one that signs checkpoints: the policy's ECDSA key of this chain.
const isGenuine = (receipt: Receipt, { logs }: SigningPolicy): boolean =>
  logs.some(
    ({ type, name, publicKey }) =>
      type === "ecdsa" &&
      name.endsWith(`/${receipt.chain}`) &&
      receiptIsGenuine(receipt, jwkOf(publicKey)),
  );

/** The last 64 bytes of a P-256 key's DER are its point (RFC 5480). */
function jwkOf(spki: Uint8Array): z.infer<typeof PublicKey> {
  const point = Buffer.from(spki.subarray(-64));
  const [x, y] = [point.subarray(0, 32), point.subarray(32)];
  return {
    kty: "EC",
    crv: "P-256",
    x: x.toString("base64url"),
    y: y.toString("base64url"),
  };
}
