// Puts the reading of a trail into the chain before the answer is given.
//
// Invariants:
//   L25. Nobody is told what happened on a ticket unless an entry says who was told, or will be for the next minutes
//        by the same entry. Where it cannot be sealed in time, there is no answer.

import { setTimeout as delay } from "node:timers/promises";
import { accessWindowMs } from "@niivo/contracts/audit";
import { derivedId } from "@niivo/contracts/canonical";
import type { Host } from "@niivo/host/host";
import { ReadingRow, readingId } from "./rows.ts";

const sealedWithinMs = 8000;
const askEveryMs = 5;

export interface Reading {
  readonly customer: string;
  /** The reader's object id. */
  readonly reader: string;
  readonly ticket: string;
  readonly values: boolean;
}

/**
 * Sends the command to audit's own topic and waits until it is sealed.
 * @returns the number of the entry, or `undefined` where none was sealed in time.
 * @throws BusUnavailable where the bus did not take the command.
 */
export async function recordAccess(
  { store, send, now }: Pick<Host, "store" | "send" | "now">,
  { customer, reader, ticket, values }: Reading,
): Promise<number | undefined> {
  const window = Math.floor(now().getTime() / accessWindowMs);
  const until = new Date((window + 1) * accessWindowMs).toISOString();
  // The same reader, ticket and window are the same command, and the host decides on that once (H3).
  const id = derivedId("access", customer, reader, ticket, String(values), until);
  const recorded = async (): Promise<number | undefined> =>
    ReadingRow.safeParse((await store.read(customer, readingId(id)))?.body).data?.seq;
  const before = await recorded();
  if (before !== undefined) return before;
  const data = { reader, values, until };
  // Whoever reads about a ticket is not part of its story: the correlation, and with it the trace, is its own.
  const correlationid = id;
  await send({
    id,
    type: "access.record.v1",
    data,
    customer,
    ticket,
    subject: customer,
    correlationid,
  });
  for (const deadline = performance.now() + sealedWithinMs; performance.now() < deadline; ) {
    const seq = await recorded();
    if (seq !== undefined) return seq;
    await delay(askEveryMs);
  }
  return undefined;
}
