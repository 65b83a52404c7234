// Is everything here that publishers numbered, and do the links of each ticket hold? Judged on an unbroken chain.

import type { Entry } from "@niivo/contracts/evidence";
import { controlTypes, type Range } from "@niivo/contracts/evidence/control";
import { numberTable } from "./number-table.ts";
import { takeNumber } from "./ranges.ts";
import type { Findings } from "./verdict.ts";

export interface Counters {
  readonly add: (entry: Entry) => void;
  /** Entries that nobody can read any more: what came first of a counter or a ticket is not known any more. */
  readonly passOver: () => void;
  readonly end: (found: Findings) => void;
}

/** Numbers that were passed over, and the entry that did so. */
interface Missing {
  readonly range: Range;
  readonly seq: number;
}

/** @param startsWhole whether the reading began with the first entry: only then is a first number known. */
export function counters(found: Findings, startsWhole: boolean): Counters {
  let isWhole = startsWhole;
  /** By publisher and key: the last number. */
  const last = numberTable();
  /** By the same name; only where something is missing. */
  const missing = new Map<string, Missing[]>();
  /** By ticket: how many entries, and where the last one stands. */
  const tickets = numberTable();
  /** Causes that were waited for in vain, and the entry that waited. */
  const causes = new Map<string, number>();

  const count = ({ event, seq }: Entry): void => {
    if (event === undefined) return;
    if (causes.size > 0) causes.delete(event.id);
    const { sequence } = event;
    const name = `${event.source}/${event.key}`;
    const before = last.get(name)?.[0] ?? (isWhole ? 0 : sequence - 1);
    if (sequence > before) {
      if (sequence > before + 1)
        missing.set(name, [
          ...(missing.get(name) ?? []),
          { range: [before + 1, sequence - 1], seq },
        ]);
      last.put(name, sequence, 0);
    } else if (!takeLate(missing.get(name) ?? [], sequence) && isWhole) {
      found.add("INGRESS_CONFLICT", seq, seq, `${event.source} counted twice`);
    }
  };

  const follow = ({ ticket, seq }: Entry): void => {
    if (ticket === undefined) return;
    const thread = tickets.get(ticket.id);
    tickets.put(ticket.id, ticket.seq + 1, seq);
    if (thread === undefined && !isWhole) return;
    if (ticket.seq !== (thread?.[0] ?? 0) || ticket.prev !== thread?.[1])
      found.add("ALTERED", seq, seq, "the back-links of its ticket do not hold");
  };

  return {
    add: (entry) => {
      count(entry);
      follow(entry);
      if (entry.gap?.cause === true && entry.event?.cause !== undefined)
        causes.set(entry.event.cause, entry.seq);
      if (entry.type === controlTypes.conflict)
        found.add("INGRESS_CONFLICT", entry.seq, entry.seq, "one id came with two contents");
    },
    passOver: () => {
      isWhole = false;
    },
    end: (to) => {
      for (const [name, ranges] of missing)
        for (const { range, seq } of ranges) {
          const [first, last] = range;
          const numbers = first === last ? `${first}` : `${first} to ${last}`;
          to.add("INGRESS_GAP", seq, seq, `${name}: message ${numbers} never came`);
        }
      for (const [cause, seq] of causes)
        to.add("INGRESS_GAP", seq, seq, `its cause ${cause} never came`);
    },
  };
}

function takeLate(missing: Missing[], sequence: number): boolean {
  for (const [index, { range, seq }] of missing.entries()) {
    const rest = [range];
    if (!takeNumber(rest, sequence)) continue;
    missing.splice(index, 1, ...rest.map((one) => ({ range: one, seq })));
    return true;
  }
  return false;
}
