// Is everything here that publishers numbered, and do the links of each ticket hold? Judged on an unbroken chain.

import type { Entry } from "@niivo/contracts/evidence";
import { controlTypes, type Range } from "@niivo/contracts/evidence/control";
import { takeNumber } from "./ranges.ts";
import type { Findings } from "./verdict.ts";

export interface Counters {
  readonly add: (entry: Entry) => void;
  readonly end: (found: Findings) => void;
}

interface Counter {
  last: number;
  /** Numbers that were passed over, and the entry that did so. */
  readonly missing: { readonly range: Range; readonly seq: number }[];
}

/** @param isWhole whether the reading began with the first entry: only then is a first number known. */
export function counters(found: Findings, isWhole: boolean): Counters {
  const byName = new Map<string, Counter>();
  const tickets = new Map<string, { count: number; last: number }>();
  /** Causes that were waited for in vain, and the entry that waited. */
  const causes = new Map<string, number>();

  const count = ({ event, seq }: Entry): void => {
    if (event === undefined) return;
    causes.delete(event.id);
    const name = `${event.source}/${event.key}`;
    const counter = byName.get(name) ?? { last: isWhole ? 0 : event.sequence - 1, missing: [] };
    byName.set(name, counter);
    if (event.sequence > counter.last) {
      if (event.sequence > counter.last + 1)
        counter.missing.push({ range: [counter.last + 1, event.sequence - 1], seq });
      counter.last = event.sequence;
    } else if (!takeLate(counter, event.sequence) && isWhole) {
      found.add("INGRESS_CONFLICT", seq, seq, `${event.source} counted twice`);
    }
  };

  const follow = ({ ticket, seq }: Entry): void => {
    if (ticket === undefined) return;
    const thread = tickets.get(ticket.id);
    tickets.set(ticket.id, { count: ticket.seq + 1, last: seq });
    if (thread === undefined && !isWhole) return;
    if (ticket.seq !== (thread?.count ?? 0) || ticket.prev !== thread?.last)
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
    end: (to) => {
      for (const [name, { missing }] of byName)
        for (const { range, seq } of missing) {
          const [first, last] = range;
          const numbers = first === last ? `${first}` : `${first} to ${last}`;
          to.add("INGRESS_GAP", seq, seq, `${name}: message ${numbers} never came`);
        }
      for (const [cause, seq] of causes)
        to.add("INGRESS_GAP", seq, seq, `its cause ${cause} never came`);
    },
  };
}

function takeLate({ missing }: Counter, sequence: number): boolean {
  for (const [index, { range, seq }] of missing.entries()) {
    const rest = [range];
    if (!takeNumber(rest, sequence)) continue;
    missing.splice(index, 1, ...rest.map((one) => ({ range: one, seq })));
    return true;
  }
  return false;
}
