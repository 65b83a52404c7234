// The entries about an erasure: which values go, and why.
//
// Invariants:
//   L28. They are sealed before anything is deleted, so that no missing value is ever without a reason in the chain.

import { erasureRangesCharactersMax } from "@niivo/contracts/erasure";
import { controlTypes, countIn, rangesTexts } from "@niivo/contracts/evidence/control";
import { control } from "./chain.ts";
import { concerns } from "./erase-plan.ts";
import { addControl, type Erase, pseudonym, type Work } from "./work.ts";

/**
 * Seals one part of an order. With the first part the person's name is forgotten: from the next entry on they are
 * somebody else here, and nothing that is sealed later belongs to this erasure.
 */
export function sealErasure(work: Work, { order, since }: Erase): void {
  const { erasure, part, parts, ground, tickets, pseudonym: person } = order;
  const now = work.turn.now;
  const actor = pseudonym(work, order.by);
  const isConcerned = concerns(person, new Set(tickets));
  const here =
    part === 1
      ? work.messages.filter(({ entry }) => isConcerned(entry)).map(({ entry }) => entry.seq)
      : [];
  const late = rangesTexts([...since, ...here], erasureRangesCharactersMax);
  const all = [...order.entries, ...late];
  const sealed = (all.length === 0 ? [""] : all).map((entries) => {
    const seq = work.head.size;
    const count = countIn(entries);
    const detail = { person, count, entries, erasure, part, parts, ground };
    addControl(work, { ...control(controlTypes.erasure, detail, now), actor });
    return { seq, entries, count };
  });
  work.orders.push({
    arrival: work.arrival,
    order,
    row: {
      erasure,
      part,
      parts,
      ground,
      orderedAt: now.toISOString(),
      tickets: tickets.length,
      sealed,
    },
  });
  const named = order.person.toLowerCase();
  if (part === 1 && work.persons.get(named) === person) work.persons.delete(named);
}
