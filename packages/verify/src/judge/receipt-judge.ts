// Receipts that somebody kept, the broker above all, against the chain. A receipt is signed at the moment of sealing, so
// it shows a cut tail or a replaced entry before any checkpoint could.
//
// Invariants:
//   V16. A genuine receipt names an entry that must be here, with that very hash. One that contradicts the chain is a
//        fork; one beyond its end shows a cut.
//   V19. A receipt is genuine only if a vault key of this chain endorsed its sealing key, and the chain announced that key
//        before the entry: a key that was made behind its back signs for nobody.

import { digestOf } from "@niivo/contracts/canonical";
import type { SigningPolicy } from "@niivo/contracts/evidence/signing-policy";
import type { VerifierKey } from "@niivo/contracts/evidence/verifier-key";
import { type Receipt, receiptIsGenuine } from "@niivo/contracts/receipt";
import { jwkOf } from "./endorsement.ts";
import type { Findings } from "./verdict.ts";

export interface ReceiptJudge {
  readonly add: (seq: number, hash: string) => void;
  /** An entry that announces a sealing key. */
  readonly announce: (seq: number, key: string) => void;
  readonly end: (found: Findings, read: ReadChain) => void;
}

export interface ReadChain {
  readonly chain: string | undefined;
  /** The first entry that was read, and the number after the last. */
  readonly from: number;
  readonly size: number;
  /** Keys that sign its checkpoints by its own word. */
  readonly announced: readonly VerifierKey[];
}

export function receiptJudge(receipts: readonly Receipt[], policy: SigningPolicy): ReceiptJudge {
  /** Hashes of the entries that receipts speak of. */
  const named = new Map<number, string | undefined>(receipts.map(({ seq }) => [seq, undefined]));
  /** Where each sealing key of a receipt was announced first. */
  const keys = new Map<string, number>(
    receipts.map(({ sealingKey }) => [digestOf(sealingKey.publicKey), Number.POSITIVE_INFINITY]),
  );
  return {
    announce: (seq, key) => {
      const known = keys.get(key);
      if (known !== undefined) keys.set(key, Math.min(known, seq));
    },
    add: (seq, hash) => {
      if (named.has(seq)) named.set(seq, hash);
    },
    end: (found, { chain, from, size, announced }) => {
      for (const receipt of receipts) {
        const { seq, entryHash, sealingKey } = receipt;
        if (receipt.chain !== chain || !isGenuine(receipt, [...policy.logs, ...announced])) {
          found.add("KEY_UNKNOWN", seq, seq, "a receipt is not one of this chain");
          continue;
        }
        // Beyond the end an announcement may be cut off with the rest; before the beginning it may stand.
        const announcedAt = keys.get(digestOf(sealingKey.publicKey)) ?? 0;
        if (from === 0 && seq < size && announcedAt > seq)
          found.add("KEY_UNKNOWN", seq, seq, "a receipt's key was not announced before its entry");
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

const isGenuine = (receipt: Receipt, keys: readonly VerifierKey[]): boolean =>
  keys.some(
    (key) =>
      key.type === "ecdsa" &&
      key.name.endsWith(`/${receipt.chain}`) &&
      receiptIsGenuine(receipt, jwkOf(key)),
  );
