// Checkpoints (c2sp.org/tlog-checkpoint): the size and the root of a chain's tree in three lines, signed as a note.
// The end of the chain is its last leaf, so a checkpoint needs no line of its own for it.
//
// Invariants:
//   K1. A checkpoint has one text: a size without leading zeros, a root of 32 bytes, no line too many.

import { base64Of, fromBase64, fromDecimal } from "./bytes.ts";
import type { TreeHead } from "./proof.ts";
import { hashBytes } from "./tree.ts";

export interface Checkpoint extends TreeHead {
  /** The name of the chain as outsiders see it: opaque, without a customer's name. */
  readonly origin: string;
  /** Lines after the root. NIIVO's checkpoints have none, and its verifier takes none. */
  readonly extensions: readonly string[];
}

const originCharactersMax = 200;

/** The text of a note that is a checkpoint. */
export const checkpointText = ({ origin, size, root, extensions }: Checkpoint): string =>
  [origin, String(size), base64Of(root), ...extensions].map((line) => `${line}\n`).join("");

/** Reads a note's text as a checkpoint (K1). */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  if (!text.endsWith("\n")) return undefined;
  const [origin, sizeLine, rootLine, ...extensions] = text.slice(0, -1).split("\n");
  if (origin === undefined || sizeLine === undefined || rootLine === undefined) return undefined;
  if (origin === "" || origin.length > originCharactersMax) return undefined;
  const size = fromDecimal(sizeLine);
  const root = fromBase64(rootLine);
  if (size === undefined || root?.length !== hashBytes || extensions.includes("")) return undefined;
  return { origin, size, root, extensions };
}

/**
 * The origin of a chain's checkpoints, and the name of the keys that sign them.
 * @param host a name that the operator controls, such as `audit.example.ch`.
 * @param chain the chain's id, 64 hexadecimal characters: random, so it tells nobody whose chain it is.
 */
export const originOf = (host: string, chain: string): string => `${host}/${chain}`;
