// The actor of one message that a person wrote to the bot: ask the directory who that is, then say that it is a
// ticket, or why it is none. Its key is the ticket's id, which the endpoint derives from the activity. Pure.
//
// Invariants:
//   W1. A message becomes a ticket only after the directory said, upon this very message, that its writer is an
//       enabled person of the customer's own tenant. Every doubt refuses.
//   W2. One message is one ticket or one refusal, and the first of both stays.
//   W3. Every message leaves an event, also where the directory says nothing: that wait has an end.
//   W4. The words are kept until then and no longer.

import type {
  TicketDue,
  TicketRefused,
  TicketSubmitted,
  TicketWrite,
} from "@niivo/contracts/approvals";
import { derivedId } from "@niivo/contracts/canonical";
import type { Decided, Received } from "@niivo/contracts/envelope";
import type { FactsAttested, FactsRequested, UserFacts } from "@niivo/contracts/facts";
import type { Language } from "@niivo/contracts/language";
import type { Actor } from "@niivo/host/actor";
import type { z } from "zod";
import type { TicketRefusalCode } from "./codes.ts";
import { type Attested, same } from "./state.ts";
import { english } from "./texts.ts";

export type TicketInput = Received<
  z.infer<typeof TicketWrite> | z.infer<typeof TicketDue> | z.infer<typeof FactsAttested>
>;

/** A message whose writer the directory is asked about. */
interface Waiting {
  readonly ticket: string;
  /** The `facts.requested` it waits for. */
  readonly request: string;
  readonly dueAt: string;
  readonly writer: string;
  readonly tenantId: string;
  readonly activityId: string;
  /** Of the client that it was written with. */
  readonly language?: Language;
  readonly text: string;
  readonly seed: string;
}

export type TicketEvent =
  | Decided<
      | z.infer<typeof FactsRequested>
      | z.infer<typeof TicketSubmitted>
      | z.infer<typeof TicketRefused>
      | z.infer<typeof TicketDue>
    >
  | { readonly type: "note.message-waits"; readonly data: Waiting };

export type TicketState =
  | { readonly status: "unwritten" }
  | ({ readonly status: "checking-writer" } & Waiting)
  | { readonly status: "settled" };

/** The directory answers in a second; after this long the writer is told to try again. */
export const writerMs = 60 * 1000;

export const ticketWriter: Actor<TicketState, TicketInput, TicketEvent> = {
  initialState: { status: "unwritten" },

  decide(input, state, now) {
    switch (state.status) {
      case "unwritten":
        return input.type === "ticket.write.v1" ? written(input, now) : [];
      case "checking-writer":
        if (input.type === "ticket.write.v1") return []; // W2
        if (input.type === "facts.attested.v1" && input.data.request !== state.request) return [];
        if (now.getTime() >= Date.parse(state.dueAt))
          return [refused(state, "directory-unavailable")]; // W3
        return input.type === "ticket.due.v1" ? [due(state)] : [answered(input.data, state)];
      case "settled":
        return []; // W2
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case "note.message-waits":
        return { status: "checking-writer", ...event.data };
      case "ticket.submitted.v1":
      case "ticket.refused.v1":
        return { status: "settled" }; // W4
      case "facts.requested.v1":
      case "ticket.due.v1":
        return state;
    }
  },
};

type Write = Extract<TicketInput, { type: "ticket.write.v1" }>;

function written({ data, ticket }: Write, now: Date): readonly TicketEvent[] {
  const { writer, tenantId, activityId, language } = data;
  if (ticket === undefined) throw new TypeError("a message names the ticket that it becomes");
  if (data.written.kind === "unusable") return [refused(data, data.written.code)];
  const { text, seed } = data.written;
  const request = derivedId(ticket, "writer");
  const dueAt = new Date(now.getTime() + writerMs).toISOString();
  const waiting = {
    ...{ ticket, request, dueAt, writer, tenantId, activityId, text, seed },
    ...(language === undefined ? {} : { language }),
  };
  const question = { kind: "user", user: writer } as const;
  return [
    { type: "note.message-waits", data: waiting },
    { type: "facts.requested.v1", data: { request, actionId: ticket, question } },
    due(waiting),
  ];
}

interface Refusable {
  readonly writer: string;
  readonly activityId: string;
  readonly language?: Language | undefined;
}

/** W1. */
function answered({ answer }: Attested, waiting: Waiting): TicketEvent {
  switch (answer.kind) {
    case "user":
      return known(answer.facts, waiting);
    case "not-found":
      return refused(waiting, "writer-unknown");
    case "group":
    case "member":
    case "manager":
    case "unavailable":
      return refused(waiting, "directory-unavailable");
  }
}

function known(facts: z.infer<typeof UserFacts>, waiting: Waiting): TicketEvent {
  const { objectId, tenantId, userPrincipalName, displayName, language } = facts;
  if (!same(objectId, waiting.writer) || !same(tenantId, waiting.tenantId))
    return refused(waiting, "writer-unknown"); // An answer about somebody else says nothing.
  if (!facts.enabled)
    return refused({ ...waiting, language: language ?? waiting.language }, "writer-disabled");
  const { activityId, text, seed } = waiting;
  const writer = {
    ...{ objectId, tenantId, userPrincipalName },
    ...(language === undefined ? {} : { language }),
  };
  return {
    type: "ticket.submitted.v1",
    data: {
      writer: { ...writer, displayName: displayName === "" ? userPrincipalName : displayName },
      ...{ activityId, text, seed },
    },
  };
}

const refused = (
  { writer, activityId, language }: Refusable,
  code: TicketRefusalCode,
): TicketEvent => ({
  type: "ticket.refused.v1",
  data: {
    ...{ writer, activityId, code, detail: english.ticketRefusals[code] },
    ...(language === undefined ? {} : { language }),
  },
});

// A timer that comes early is set again: only the clock of this decision counts.
const due = ({ ticket, dueAt }: Waiting): TicketEvent => ({
  type: "ticket.due.v1",
  data: { actionId: ticket },
  notBefore: dueAt,
});
