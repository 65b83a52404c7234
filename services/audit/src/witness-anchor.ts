// A witness as an anchor (c2sp.org/tlog-witness): a program in other hands that signs only trees that grew out of the
// one it signed before. It gets the checkpoint with a consistency proof, and answers with its cosignature.

import { addCheckpointText } from "@niivo/contracts/evidence/add-checkpoint";
import { fromDecimal } from "@niivo/contracts/evidence/bytes";
import { parseNote, verifyNote } from "@niivo/contracts/evidence/note";
import { parseVerifierKey } from "@niivo/contracts/evidence/verifier-key";
import type { Anchor, AnchorAnswer, Anchored } from "./anchor.ts";
import type { StoredTree } from "./stored-tree.ts";

/** Of both requests together: one, and one more where the witness knows another size than we do. */
const askMs = 10_000;
const answerBytesMax = 8000;

export interface WitnessOptions {
  readonly name: string;
  /** Its submission prefix, without a slash at the end. */
  readonly url: string;
  /** Its key as text, by which its answer is checked. */
  readonly vkey: string;
  readonly takes: (customer: string) => boolean;
  readonly treeOf: (customer: string) => StoredTree;
}

/** @throws TypeError on a key that no witness can have. */
export function witnessAnchor(options: WitnessOptions): Anchor {
  const key = parseVerifierKey(options.vkey);
  if (key?.type !== "cosignature") throw new TypeError(`${options.name} has no witness's key`);

  const ask = async (checkpoint: Anchored, oldSize: number, signal: AbortSignal) => {
    const tree = options.treeOf(checkpoint.customer);
    const isGrown = oldSize > 0 && oldSize < checkpoint.size;
    const proof = isGrown ? await tree.consistency(oldSize, checkpoint.size) : [];
    const body = addCheckpointText({ oldSize, proof, checkpoint: checkpoint.note });
    const response = await fetch(`${options.url}/add-checkpoint`, {
      method: "POST",
      body,
      signal,
      redirect: "error",
    });
    return { status: response.status, text: await limitedText(response) };
  };

  /** A cosignature counts only where its key verifies it over this very checkpoint. */
  const cosigned = (checkpoint: Anchored, lines: string): boolean => {
    const note = parseNote(checkpoint.note + lines);
    return note !== undefined && verifyNote(note, [key]).kind === "signed";
  };

  const answerOf = (checkpoint: Anchored, status: number, text: string): AnchorAnswer => {
    if (status !== 200) return { kind: "refused", code: refusals.get(status) ?? "witness-refused" };
    return cosigned(checkpoint, text)
      ? { kind: "anchored", cosignatures: text }
      : { kind: "refused", code: "witness-signed-something-else" };
  };

  return {
    name: options.name,
    takes: options.takes,
    append: async (checkpoint, signal) => {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(askMs)]);
      try {
        const first = await ask(checkpoint, checkpoint.tookBefore, limited);
        if (first.status >= 500) return { kind: "unreachable" };
        if (first.status !== 409) return answerOf(checkpoint, first.status, first.text);
        // It knows another size: from there, if the chain was ever that long.
        const size = fromDecimal(first.text.trimEnd());
        if (size === undefined || size > checkpoint.size)
          return { kind: "refused", code: "witness-is-ahead" };
        const { status, text } = await ask(checkpoint, size, limited);
        return status >= 500 ? { kind: "unreachable" } : answerOf(checkpoint, status, text);
      } catch {
        return { kind: "unreachable" };
      }
    },
  };
}

/** What the protocol's refusals mean. */
const refusals: ReadonlyMap<number, string> = new Map([
  [403, "witness-trusts-no-key-of-it"],
  [404, "witness-knows-no-such-chain"],
  [409, "witness-has-another-size"],
  [422, "witness-found-no-consistency"],
]);

async function limitedText(response: Response): Promise<string> {
  const text = await response.text();
  if (text.length > answerBytesMax) throw new TypeError("a witness answers in a few lines");
  return text;
}
