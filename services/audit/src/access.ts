// The entry about a reading: who read the trail of which ticket, and from when on. It belongs to the chain and not to
// the ticket: a ticket's links tell what happened on it, and would never end if looking at it were part of that.

import { controlTypes } from "@niivo/contracts/evidence/control";
import { control } from "./chain.ts";
import { type Access, addControl, pseudonym, type Work } from "./work.ts";

/** Seals a reading. The same command comes here once: the host remembers it (H3). */
export function sealAccess(work: Work, { id, reader, ticket, values, until }: Access): void {
  work.readings.set(id, work.head.size);
  const detail = { what: "trail", ticket, values, until };
  const fields = control(controlTypes.access, detail, work.turn.now);
  addControl(work, { ...fields, actor: pseudonym(work, reader) });
}
