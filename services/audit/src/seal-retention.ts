// The entry that says whose bytes are removed at the end of their retention. It stands in the chain before the first
// of them is gone.

import { controlTypes } from "@niivo/contracts/evidence/control";
import { control } from "./chain.ts";
import { addControl, type Retention, type Work } from "./work.ts";

/** Seals it, for entries that are in the chain. */
export function sealRetention(work: Work, { from, to, days }: Retention): void {
  if (from > to || to >= work.head.size) return;
  addControl(work, control(controlTypes.pruned, { from, to, days }, work.turn.now));
}
