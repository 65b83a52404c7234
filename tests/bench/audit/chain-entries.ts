// Entries as audit seals them, as many as are asked for: one chain, tickets of thirty entries, links and tree right.

import { randomUUID } from "node:crypto";
import { append, genesis, type Head, type Sealed } from "../../../services/audit/src/chain.ts";

const perTicket = 30;
const digest = "5".repeat(64);

/** Yields `count` entries in their order, and returns the head behind the last one. */
export function* chainEntries(count: number): Generator<Sealed, Head> {
  const at = Date.parse("2026-01-01T00:00:00.000Z");
  const opened = genesis("0".repeat(64), { term: 1, instance: "bench" }, new Date(at));
  yield opened.sealed;
  let head = opened.head;
  let ticket = randomUUID();
  for (let seq = 1; seq < count; seq += 1) {
    const step = (seq - 1) % perTicket;
    if (step === 0) ticket = randomUUID();
    const now = new Date(at + seq);
    const source = step % 2 === 0 ? "agent" : "policy";
    const { head: next, sealed } = append(
      head,
      {
        event: { id: randomUUID(), source, key: ticket, sequence: Math.floor(step / 2) + 1 },
        type: step % 2 === 0 ? "ticket.waiting.v1" : "action.denied.v1",
        occurredAt: now.toISOString(),
        actor: `service:${source}`,
        ticket: { id: ticket, seq: step, ...(step === 0 ? {} : { prev: seq - 1 }) },
        action: { id: randomUUID(), digest, tool: "password.reset" },
        detail: { step, policySet: digest },
        commit: { message: digest },
      },
      now,
    );
    head = next;
    yield sealed;
  }
  return head;
}
