// The intake actor, one state per ticket: says that it was opened, and keeps how it stands.
//
// Invariants:
//   I1. A ticket is opened once. Submitting the same ticket again decides nothing.
//   I2. The first final state stays: nothing reopens a resolved or escalated ticket.
//   I3. Who asked is what the door saw in the token, or whom approvals' topic names as the writer of a message in
//       Teams; such a message proves an account, never a fresh sign-in or a second factor. Nothing later changes it.
//   I4. A reply to an unverified requester is kept for the application that brought the ticket, also after
//       its end.

import type { Requester } from "@niivo/contracts/action";
import type { TicketEscalated, TicketResolved, TicketWaiting } from "@niivo/contracts/agent";
import type { TicketSubmitted } from "@niivo/contracts/approvals";
import type { ReplyRecorded } from "@niivo/contracts/broker";
import type { Decided, Received } from "@niivo/contracts/envelope";
import type { TicketOpened, TicketSubmit } from "@niivo/contracts/tickets";
import type { Actor } from "@niivo/host/actor";
import type { z } from "zod";
import { repliesMax, type StatusChange, type TicketStatus } from "./ticket-status.ts";

export type IntakeInput =
  | Received<z.infer<typeof TicketSubmit>>
  | Received<z.infer<typeof TicketSubmitted>>
  | Received<z.infer<typeof TicketWaiting>>
  | Received<z.infer<typeof TicketResolved>>
  | Received<z.infer<typeof TicketEscalated>>
  | Received<z.infer<typeof ReplyRecorded>>;

export type IntakeEvent =
  | Decided<z.infer<typeof TicketOpened>>
  | { readonly type: "note.opened"; readonly data: TicketStatus }
  | { readonly type: "note.reply"; readonly data: TicketStatus["replies"][number] }
  | { readonly type: "note.status"; readonly data: StatusChange };

export type IntakeState =
  | { readonly status: "none" }
  | { readonly status: "known"; readonly ticket: TicketStatus };

export const intake: Actor<IntakeState, IntakeInput, IntakeEvent> = {
  initialState: { status: "none" },

  decide(input, state, now) {
    const updatedAt = now.toISOString();
    if (input.type === "ticket.submit.v1")
      return state.status === "none" ? opened(input.data, updatedAt) : []; // I1
    if (input.type === "ticket.submitted.v1")
      return state.status === "none" ? opened(fromTeams(input.data), updatedAt) : []; // I1
    if (input.type === "reply.recorded.v1")
      return state.status === "none"
        ? []
        : [{ type: "note.reply", data: { text: input.data.text, at: updatedAt } }]; // I4
    if (state.status === "none" || isFinal(state.ticket)) return []; // I2
    switch (input.type) {
      case "ticket.waiting.v1":
        return [changed({ status: "waiting", summary: null, code: null, updatedAt })];
      case "ticket.resolved.v1":
        return [
          changed({ status: "resolved", summary: input.data.summary, code: null, updatedAt }),
        ];
      case "ticket.escalated.v1": {
        const { code, summary } = input.data;
        return [changed({ status: "escalated", summary, code, updatedAt })];
      }
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case "ticket.opened.v1":
        return state;
      case "note.opened":
        return { status: "known", ticket: event.data };
      case "note.reply": {
        if (state.status === "none") return state;
        const replies = [...state.ticket.replies, event.data].slice(-repliesMax);
        return { status: "known", ticket: { ...state.ticket, replies } };
      }
      case "note.status":
        return state.status === "none"
          ? state
          : { status: "known", ticket: { ...state.ticket, ...event.data } };
    }
  },
};

/** The state key of every input. @throws TypeError for a message that belongs to no ticket. */
export function intakeKey(input: Pick<IntakeInput, "type" | "ticket">): string {
  if (input.ticket === undefined) throw new TypeError(`${input.type} names no ticket`);
  return input.ticket;
}

type Ticket = z.infer<typeof TicketSubmit>["data"];

const fromTeams = ({ writer, text, seed }: z.infer<typeof TicketSubmitted>["data"]): Ticket => ({
  requester: { ...writer, assurance: "verified", multifactor: false }, // I3
  channel: "teams",
  ...{ text, seed },
});

const opened = (ticket: Ticket, updatedAt: string): IntakeEvent[] => [
  { type: "ticket.opened.v1", data: ticket },
  {
    type: "note.opened",
    data: {
      requester: askerOf(ticket.requester), // I3
      replies: [],
      reference: ticket.reference ?? null,
      status: "open",
      summary: null,
      code: null,
      openedAt: updatedAt,
      updatedAt,
    },
  },
];

const changed = (change: StatusChange): IntakeEvent => ({ type: "note.status", data: change });

const askerOf = (requester: Requester): string =>
  requester.assurance === "verified" ? requester.objectId : requester.application.objectId;

const isFinal = ({ status }: TicketStatus): boolean =>
  status === "resolved" || status === "escalated";
