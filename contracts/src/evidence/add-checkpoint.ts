// What is posted to a witness (c2sp.org/tlog-witness, `add-checkpoint`): the size it signed last, a consistency
// proof from there, and the signed checkpoint.

import { base64Of, fromDecimal } from "./bytes.ts";
import { hashesIn } from "./tlog-proof.ts";
import type { Hash } from "./tree.ts";

export interface AddCheckpoint {
  readonly oldSize: number;
  readonly proof: readonly Hash[];
  /** The signed note, word for word. */
  readonly checkpoint: string;
}

/** The protocol allows no more. */
export const addCheckpointHashesMax = 63;

export const addCheckpointText = ({ oldSize, proof, checkpoint }: AddCheckpoint): string =>
  [`old ${oldSize}`, ...proof.map(base64Of), "", checkpoint].join("\n");

export function parseAddCheckpoint(text: string): AddCheckpoint | undefined {
  const end = text.indexOf("\n\n");
  if (end < 0) return undefined;
  const [first, ...lines] = text.slice(0, end).split("\n");
  if (first?.startsWith("old ") !== true || lines.length > addCheckpointHashesMax) return undefined;
  const oldSize = fromDecimal(first.slice("old ".length));
  const proof = hashesIn(lines);
  const checkpoint = text.slice(end + 2);
  if (oldSize === undefined || proof === undefined || !checkpoint.endsWith("\n")) return undefined;
  return { oldSize, proof, checkpoint };
}
