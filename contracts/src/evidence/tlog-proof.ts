// The proof of one entry as a file (c2sp.org/tlog-proof): its index, its inclusion proof and the signed checkpoint.

import { base64Of, fromBase64, fromDecimal } from "./bytes.ts";
import { proofHashesMax } from "./proof.ts";
import { type Hash, hashBytes } from "./tree.ts";

export interface TlogProof {
  readonly index: number;
  readonly hashes: readonly Hash[];
  /** The signed note, word for word. */
  readonly checkpoint: string;
  /** Nobody vouches for it. */
  readonly extra?: Uint8Array;
}

const header = "c2sp.org/tlog-proof@v1";

export function tlogProofText({ index, hashes, checkpoint, extra }: TlogProof): string {
  const extraLines = extra === undefined ? [] : [`extra ${base64Of(extra)}`];
  const lines = [header, ...extraLines, `index ${index}`, ...hashes.map(base64Of), "", checkpoint];
  return lines.join("\n");
}

/** Reads the one form of a proof. What it proves is not looked at. */
export function parseTlogProof(text: string): TlogProof | undefined {
  const end = text.indexOf("\n\n");
  if (end < 0) return undefined;
  const checkpoint = text.slice(end + 2);
  const [first, ...lines] = text.slice(0, end).split("\n");
  if (first !== header || checkpoint === "" || !checkpoint.endsWith("\n")) return undefined;
  const hasExtra = lines[0]?.startsWith("extra ") === true;
  const extra = hasExtra ? fromBase64(lines[0]?.slice("extra ".length) ?? "") : undefined;
  const [indexLine, ...hashLines] = hasExtra ? lines.slice(1) : lines;
  if ((hasExtra && extra === undefined) || indexLine?.startsWith("index ") !== true)
    return undefined;
  const index = fromDecimal(indexLine.slice("index ".length));
  const hashes = hashesIn(hashLines);
  if (index === undefined || hashes === undefined) return undefined;
  return { index, hashes, checkpoint, ...(extra === undefined ? {} : { extra }) };
}

/** Hashes in base64, one a line. */
export function hashesIn(lines: readonly string[]): readonly Hash[] | undefined {
  if (lines.length > proofHashesMax) return undefined;
  const hashes: Hash[] = [];
  for (const line of lines) {
    const hash = fromBase64(line);
    if (hash?.length !== hashBytes) return undefined;
    hashes.push(hash);
  }
  return hashes;
}
