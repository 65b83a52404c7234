// What a reader is told about a ticket: the entries of its trail in order, with the messages behind them where the
// reader may see those and nobody had them erased.

import type { Entry } from "@niivo/contracts/evidence";
import { erasedBy } from "./stored-orders.ts";
import { readValue, type ValueParts } from "./stored-value.ts";
import type { Trail, TrailEntry } from "./trail.ts";
import { proofOfTrail, type TrailProof } from "./trail-proof.ts";

/** What became of the message behind an entry, for this reader. */
export type ShownValue =
  /** Audit wrote the entry of its own accord; there is no message. */
  | { readonly status: "none" }
  | { readonly status: "shown"; readonly message: unknown }
  /** The reader's role does not show messages. */
  | { readonly status: "hidden" }
  /** It was deleted by order: the entry of this number says so. */
  | { readonly status: "erased"; readonly seq: number }
  /** It is missing, and no order in the chain says why. */
  | { readonly status: "withheld" }
  | { readonly status: "altered" };

export interface ShownEntry extends TrailEntry {
  readonly value: ShownValue;
}

export interface TrailAnswer {
  readonly ticket: string;
  readonly complete: boolean;
  readonly proof: TrailProof;
  /** The entry about this very reading. */
  readonly reading: { readonly seq: number };
  readonly entries: readonly ShownEntry[];
}

export async function answerOf(
  parts: ValueParts,
  customer: string,
  about: { readonly ticket: string; readonly reading: number; readonly values: boolean },
  trail: Trail,
): Promise<TrailAnswer> {
  const { ticket, reading: seq, values } = about;
  const entries = await Promise.all(
    trail.entries.map(async (one) => ({
      ...one,
      value: await shown(parts, customer, one.entry, values),
    })),
  );
  const proof = await proofOfTrail(parts.store, customer, trail);
  return { ticket, complete: trail.complete, proof, reading: { seq }, entries };
}

async function shown(
  parts: ValueParts,
  customer: string,
  entry: Entry,
  values: boolean,
): Promise<ShownValue> {
  const value = await readValue(parts, customer, entry);
  switch (value?.kind) {
    case undefined:
      return { status: "none" };
    case "value":
      return values ? { status: "shown", message: value.message } : { status: "hidden" };
    case "altered":
      return { status: "altered" };
    case "missing": {
      const seq = await erasedBy(parts.store, customer, entry.seq);
      return seq === undefined ? { status: "withheld" } : { status: "erased", seq };
    }
  }
}
