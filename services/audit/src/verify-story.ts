// What an unbroken chain says about the world it records: are the publishers' counters complete, do the
// links of each ticket hold, was every started action allowed before, and only once? Pure.
//
// It holds a few numbers per counter, ticket and action, not the entries.

import type { Entry } from "@niivo/contracts/evidence";
import type { Break } from "./break.ts";

export interface StoryJudge {
  readonly add: (entry: Entry, hash: string) => void;
  readonly breaks: () => readonly Break[];
}

interface Counter {
  last: number;
  /** Numbers that were passed over, and the entry that did so. */
  readonly missing: Map<number, number>;
}

interface ActionStory {
  /** The hash of the entry of an allow, by its sequence number, with the digest that was allowed. */
  readonly allows: Map<number, { readonly hash: string; readonly digest: string | undefined }>;
  starts: number;
}

/** One counter's gap is listed up to this many numbers. */
const missingMax = 10_000;

export function storyJudge(): StoryJudge {
  const breaks: Break[] = [];
  const counters = new Map<string, Counter>();
  const tickets = new Map<string, { count: number; last: number }>();
  const actions = new Map<string, ActionStory>();
  /** Causes that were waited for in vain, and the entry that waited. */
  const causes = new Map<string, number>();

  const count = ({ event, seq }: Entry): void => {
    if (event === undefined) return;
    causes.delete(event.id);
    const counter = gotten(counters, `${event.source}/${event.key}`, newCounter);
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

  const authorize = ({ action, type, seq, detail }: Entry, hash: string): void => {
    if (action === undefined) return;
    if (type === "action.allowed.v1") {
      const story = gotten(actions, action.id, newStory);
      story.allows.set(seq, { hash, digest: action.digest });
    }
    if (type !== "action.started.v1") return;
    const story = gotten(actions, action.id, newStory);
    story.starts += 1;
    if (story.starts > 1)
      breaks.push({ seq, code: "STARTED_TWICE", detail: `action ${action.id} had been started` });
    const allows = [...story.allows.values()];
    const isAllowed = allows.some(({ digest }) => digest === action.digest);
    const named = story.allows.get(Number(detail["receiptSeq"]));
    if (!isAllowed || action.digest === undefined)
      breaks.push({ seq, code: "UNAUTHORIZED", detail: "no earlier allow has its digest" });
    else if (named?.digest !== action.digest || named.hash !== detail["receiptEntry"])
      breaks.push({
        seq,
        code: "UNAUTHORIZED",
        detail: "its receipt names no allow of its digest",
      });
  };

  return {
    add(entry, hash) {
      count(entry);
      follow(entry);
      authorize(entry, hash);
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

const newCounter = (): Counter => ({ last: 0, missing: new Map() });
const newStory = (): ActionStory => ({ allows: new Map(), starts: 0 });

function gotten<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
