// The entries about those who read a chain or verify it: who, what, and from when on. They belong to the chain and not
// to a ticket: a ticket's links tell what happened on it, and would never end if looking at it were part of that.

import { AccessRecord, VerifyRecord } from "@niivo/contracts/audit";
import { controlTypes } from "@niivo/contracts/evidence/control";
import { control } from "./chain.ts";
import { type Access, addControl, pseudonym, type Work } from "./work.ts";

/** Of one text in an entry's detail; the names of all findings there are fit. */
const codesCharactersMax = 300;

/** A command of `record.ts`; `undefined` for any other message. */
export function accessIn(envelope: unknown): Access | undefined {
  const read = AccessRecord.safeParse(envelope).data;
  if (read !== undefined) {
    const { id, ticket } = read;
    const { reader, what, of, values, until } = read.data;
    const about = ticket === undefined ? {} : { ticket };
    const detail = { what, of, ...about, values, until };
    return { kind: "access", id, reader, type: controlTypes.access, detail };
  }
  const run = VerifyRecord.safeParse(envelope).data;
  if (run === undefined) return undefined;
  const { reader, verdict: outcome, codes, ...rest } = run.data;
  const detail = { ...rest, codes: codes.join(",").slice(0, codesCharactersMax) };
  return { kind: "access", id: run.id, reader, type: controlTypes.verified, detail, outcome };
}

/** Seals it. The same command comes here once: the host remembers it (H3). */
export function sealAccess(work: Work, { id, reader, type, detail, outcome }: Access): void {
  work.readings.set(id, work.head.size);
  const fields = control(type, detail, work.turn.now, outcome);
  addControl(work, { ...fields, actor: pseudonym(work, reader) });
}
