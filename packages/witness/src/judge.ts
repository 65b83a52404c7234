// What a witness answers to a checkpoint (c2sp.org/tlog-witness, `add-checkpoint`). Pure: what it remembers of the
// log is given to it, and what it has to remember is in its answer.
//
// Invariants:
//   W1. A checkpoint is cosigned only if it continues the one cosigned last for its origin, or is the first.
//   W2. Only a key that was listed for an origin speaks for it.
//   W3. A log that shows two histories under its own signature leaves evidence, and no cosignature.

import { parseAddCheckpoint } from "@niivo/contracts/evidence/add-checkpoint";
import { isSameBytes } from "@niivo/contracts/evidence/bytes";
import { type Checkpoint, parseCheckpoint } from "@niivo/contracts/evidence/checkpoint";
import { parseNote, verifyNote } from "@niivo/contracts/evidence/note";
import { isConsistent, type TreeHead } from "@niivo/contracts/evidence/proof";
import type { Hash } from "@niivo/contracts/evidence/tree";
import type { VerifierKey } from "@niivo/contracts/evidence/verifier-key";

/** A checkpoint that a listed key signed. */
export interface Submission extends Pick<Checkpoint, "origin" | "size" | "root"> {
  /** What is cosigned: the note without its signatures. */
  readonly text: string;
  /** The note as it came. */
  readonly note: string;
  readonly oldSize: number;
  readonly proof: readonly Hash[];
}

export type Refusal =
  /** 400: not a request of this protocol, or an old size beyond the checkpoint's. */
  | { readonly kind: "malformed"; readonly detail: string }
  /** 404: nobody told this witness of such a log. */
  | { readonly kind: "unknown-origin"; readonly detail: string }
  /** 403: no listed key signed it. */
  | { readonly kind: "unsigned"; readonly detail: string }
  /** 409: the old size is not what was cosigned last, or the same size has another root. */
  | { readonly kind: "conflict"; readonly size: number; readonly isFork: boolean }
  /** 422: the proof does not lead from the last checkpoint to this one. */
  | { readonly kind: "inconsistent"; readonly detail: string };

/** Reads a request, and believes no more of it than a listed key signed (W2). */
export function readSubmission(
  body: string,
  logs: readonly VerifierKey[],
): { readonly kind: "submission"; readonly submission: Submission } | Refusal {
  const request = parseAddCheckpoint(body);
  if (request === undefined) return malformed("it is not an add-checkpoint request");
  const note = parseNote(request.checkpoint);
  if (note === undefined) return malformed("the checkpoint is not a signed note");
  const checkpoint = parseCheckpoint(note.text);
  if (checkpoint === undefined) return malformed("the note is not a checkpoint");
  const { origin, size, root } = checkpoint;
  const keys = logs.filter(({ name }) => name === origin);
  if (keys.length === 0)
    return { kind: "unknown-origin", detail: "this witness does not know the log" };
  if (verifyNote(note, keys).kind !== "signed")
    return { kind: "unsigned", detail: "no listed key of the log signed the checkpoint" };
  const { oldSize, proof } = request;
  if (oldSize > size) return malformed("the old size is larger than the checkpoint's");
  const submission = { origin, size, root, oldSize, proof };
  return {
    kind: "submission",
    submission: { ...submission, text: note.text, note: request.checkpoint },
  };
}

/** Whether it continues what was cosigned last for its origin (W1). `undefined`: it does. */
export function refusalOf(
  { size, root, oldSize, proof }: Submission,
  last: TreeHead | undefined,
): Refusal | undefined {
  const lastSize = last?.size ?? 0;
  if (oldSize !== lastSize) return { kind: "conflict", size: lastSize, isFork: false };
  if (last === undefined || lastSize === 0)
    // A tree of no leaves has one root, but nothing to prove: any tree continues it.
    return proof.length === 0 ? undefined : inconsistent("a first checkpoint has no proof");
  if (size === lastSize && !isSameBytes(root, last.root))
    return { kind: "conflict", size: lastSize, isFork: true }; // W3
  if (!isConsistent(last, { size, root }, proof))
    return inconsistent("the proof does not lead from the last checkpoint to this one");
  return undefined;
}

const malformed = (detail: string): Refusal => ({ kind: "malformed", detail });
const inconsistent = (detail: string): Refusal => ({ kind: "inconsistent", detail });
