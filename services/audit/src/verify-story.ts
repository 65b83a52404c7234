// What an unbroken chain says about the world it records: are the publishers' counters complete, do the
// links of each ticket hold, and was every started action authorized (`verify-authorization.ts`)? Pure.
//
// It holds a few numbers per counter, ticket and action, not the entries.

import type { Entry } from "@niivo/contracts/evidence";
import type { Break } from "./break.ts";
import { authorizationJudge } from "./verify-authorization.ts";

export interface StoryJudge {
  readonly add: (entry: Entry, hash: string) => void;
  readonly breaks: () => readonly Break[];
}

interface Counter {
  last: number;
  /** Numbers that were passed over, and the entry that did so. */
  readonly missing: Map<number, number>;
}

/** One counter's gap is listed up to this many numbers. */
const missingMax = 10_000;

export function storyJudge(): StoryJudge {
  const breaks: Break[] = [];
  const counters = new Map<string, Counter>();
  const tickets = new Map<string, { count: number; last: number }>();
  const authorize = authorizationJudge();
  /** Causes that were waited for in vain, and the entry that waited. */
  const causes = new Map<string, number>();

  const count = ({ event, seq }: Entry): void => {
    if (event === undefined) return;
    causes.delete(event.id);
    const name = `${event.source}/${event.key}`;
    const counter = counters.get(name) ?? { last: 0, missing: new Map<number, number>() };
    counters.set(name, counter);
    if (event.sequence <= counter.last) {
      if (!counter.missing.delete(event.sequence))
        breaks.push({ seq, code: "INGRESS_CONFLICT", detail: `${event.source} counted twice` });
      return;
    }
    for (let one = counter.last + 1; one < event.sequence; one += 1) {
      if (counter.missing.size >= missingMax) break;
      counter.missing.set(one, seq);
    }
    counter.last = event.sequence;
  };

  const follow = ({ ticket, seq }: Entry): void => {
    if (ticket === undefined) return;
    const thread = tickets.get(ticket.id);
    if (ticket.seq !== (thread?.count ?? 0) || ticket.prev !== thread?.last)
      breaks.push({ seq, code: "ALTERED", detail: "the back-links of its ticket do not hold" });
    tickets.set(ticket.id, { count: ticket.seq + 1, last: seq });
  };

  return {
    add(entry, hash) {
      count(entry);
      follow(entry);
      breaks.push(...authorize(entry, hash));
      if (entry.gap?.cause === true && entry.event?.cause !== undefined)
        causes.set(entry.event.cause, entry.seq);
      if (entry.type === "ingress.conflict")
        breaks.push({
          seq: entry.seq,
          code: "INGRESS_CONFLICT",
          detail: "one id came with two contents",
        });
    },

    breaks() {
      const gaps = [...counters].flatMap(([source, { missing }]) =>
        [...missing].map(([sequence, seq]) => ({
          seq,
          code: "INGRESS_GAP" as const,
          detail: `${source} ${sequence} never came`,
        })),
      );
      const orphans = [...causes].map(([cause, seq]) => ({
        seq,
        code: "INGRESS_GAP" as const,
        detail: `its cause ${cause} never came`,
      }));
      return [...breaks, ...gaps, ...orphans];
    },
  };
}
