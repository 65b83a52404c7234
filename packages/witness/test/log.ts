// A log for tests: leaves, its tree, and a key that signs its checkpoints.

import { generateKeyPairSync, sign } from "node:crypto";
import { addCheckpointText } from "@niivo/contracts/evidence/add-checkpoint";
import { bytesOf } from "@niivo/contracts/evidence/bytes";
import { checkpointText } from "@niivo/contracts/evidence/checkpoint";
import { noteText } from "@niivo/contracts/evidence/note";
import { consistencyPlan, nodesOf, proofOf } from "@niivo/contracts/evidence/proof-plan";
import { emptyRange, leafHash, rootOf, withLeaf } from "@niivo/contracts/evidence/tree";
import { type VerifierKey, verifierKey } from "@niivo/contracts/evidence/verifier-key";

export interface TestLog {
  readonly key: VerifierKey;
  readonly checkpoint: (size: number) => string;
  /** A whole request: from what was cosigned to a new size. */
  readonly request: (oldSize: number, size: number) => string;
}

/** @param history two logs with the same signer and another history are a fork. */
export function testLog(origin: string, history = "honest", signer = newSigner()): TestLog {
  const leaves = (size: number) =>
    Array.from({ length: size }, (_, index) => leafHash(bytesOf(`${history} ${index}`)));
  const der = signer.publicKey.export({ type: "spki", format: "der" });
  const key = verifierKey(origin, "ed25519", der.subarray(-32));
  if (key === undefined) throw new Error("no key");
  const checkpoint = (size: number): string => {
    const root = rootOf(leaves(size).reduce(withLeaf, emptyRange));
    const text = checkpointText({ origin, size, root, extensions: [] });
    const signature = sign(null, bytesOf(text), signer.privateKey);
    return noteText({ text, signatures: [{ name: origin, keyId: key.keyId, signature }] });
  };
  const request = (oldSize: number, size: number): string => {
    const proof =
      oldSize === 0 || oldSize >= size
        ? []
        : proofOf(consistencyPlan(oldSize, size), nodesOf(leaves(size)));
    return addCheckpointText({ oldSize, proof, checkpoint: checkpoint(size) });
  };
  return { key, checkpoint, request };
}

export const newSigner = () => generateKeyPairSync("ed25519");
