// Entries of which only the hash is left: was that sealed, and were they old enough? The tree over the hashes is judged
// like any other; here it is only about the missing bytes.
//
// Invariants:
//   V18. Bytes are missing in order only where an entry of audit's own says that they were removed, after a retention
//        of at least a year, and where the next entry that can be read is itself so old: times never decrease, so
//        every removed one is older still.

import type { Entry } from "@niivo/contracts/evidence";
import type { Findings } from "./verdict.ts";

interface Order {
  readonly from: number;
  readonly to: number;
  readonly days: number;
  readonly sealedAt: string;
}

/** Neighbouring numbers without bytes, and when the entry after them was sealed. */
interface Run {
  readonly from: number;
  to: number;
  nextSealedAt: string | undefined;
}

export interface PruningJudge {
  /** An entry of which there is only the hash. */
  readonly add: (seq: number) => void;
  /** An entry that could be read. */
  readonly read: (entry: Entry) => void;
  /** A sealed `retention.pruned`, with the time of its entry. */
  readonly ordered: (order: Order) => void;
  readonly end: (found: Findings) => void;
}

const dayMs = 24 * 60 * 60 * 1000;

export function pruningJudge(): PruningJudge {
  const runs: Run[] = [];
  const orders: Order[] = [];
  let open: Run | undefined;
  return {
    add: (seq) => {
      if (open?.to === seq - 1) open.to = seq;
      else {
        open = { from: seq, to: seq, nextSealedAt: undefined };
        runs.push(open);
      }
    },
    read: ({ sealedAt }) => {
      if (open !== undefined) open.nextSealedAt = sealedAt;
      open = undefined;
    },
    ordered: (order) => orders.push(order),
    end: (found) => {
      for (const run of runs) judge(found, run, orders);
    },
  };
}

// V18. A run may have been removed in several rounds, each with an entry of its own.
function judge(found: Findings, { from, to, nextSealedAt }: Run, orders: readonly Order[]): void {
  for (let at = from; at <= to; ) {
    const covering = orders.filter((order) => order.from <= at && at <= order.to);
    const end = Math.min(to, ...covering.map((order) => order.to), nextStart(orders, at));
    const isOld = covering.some((order) => isOlder(nextSealedAt, order));
    if (covering.length === 0)
      found.add("WITHHELD", at, end, "their bytes are missing, and not pruned");
    else if (isOld) found.add("PRUNED", at, end, "their bytes were removed after their retention");
    else found.add("WITHHELD", at, end, "their bytes are missing, and were not old enough");
    at = end + 1;
  }
}

const nextStart = (orders: readonly Order[], at: number): number =>
  Math.min(...orders.filter(({ from }) => from > at).map(({ from }) => from - 1));

const isOlder = (nextSealedAt: string | undefined, { days, sealedAt }: Order): boolean =>
  nextSealedAt !== undefined && Date.parse(nextSealedAt) <= Date.parse(sealedAt) - days * dayMs;
