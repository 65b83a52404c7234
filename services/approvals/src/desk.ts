// Everything the service decides, in one actor over its one set of sessions: about an action what people answer
// (actor.ts), about a message to the bot whether it is a ticket (ticket-writer.ts). The state says which of both
// an answer of the directory belongs to. Pure.
//
// Invariant:
//   K1. What is about a message never changes an approval, and no vote changes a message.

import type { Actor } from "@niivo/host/actor";
import { actionOf, approvals } from "./actor.ts";
import type { Event, Input, State } from "./state.ts";
import {
  type TicketEvent,
  type TicketInput,
  type TicketState,
  ticketWriter,
} from "./ticket-writer.ts";

export type DeskInput = Input | TicketInput;
export type DeskEvent = Event | TicketEvent;
/** Of a message only once something is known of it: before, every key is an unasked action's. */
export type DeskState = State | Exclude<TicketState, { status: "unwritten" }>;

export const desk: Actor<DeskState, DeskInput, DeskEvent> = {
  initialState: approvals.initialState,

  decide(input, state, now) {
    if (input.type === "ticket.write.v1" || input.type === "ticket.due.v1") {
      const about = ticketStateOf(state);
      return about === undefined ? [] : ticketWriter.decide(input, about, now);
    }
    if (input.type === "facts.attested.v1" && isOfMessage(state))
      return ticketWriter.decide(input, state, now);
    // A vote on what is a message finds nothing that was asked, and says so.
    return approvals.decide(input, isOfMessage(state) ? approvals.initialState : state, now);
  },

  // K1
  evolve(state, event) {
    if (isAboutMessage(event)) {
      const about = ticketStateOf(state);
      const next = about === undefined ? undefined : ticketWriter.evolve(about, event);
      return next === undefined || next.status === "unwritten" ? state : next;
    }
    if (!isOfMessage(state)) return approvals.evolve(state, event);
    const next = approvals.evolve(approvals.initialState, event);
    return next.status === "unasked" ? state : next;
  },
};

/** The state key: the action, or the ticket that a message becomes. */
export function deskKey(input: DeskInput): string {
  if (input.type !== "ticket.write.v1")
    return input.type === "ticket.due.v1" ? input.data.actionId : actionOf(input);
  if (input.ticket === undefined) throw new TypeError(`${input.type} names no ticket`);
  return input.ticket;
}

const isOfMessage = (state: DeskState): state is Exclude<DeskState, State> =>
  state.status === "checking-writer" || state.status === "settled";

/** Besides the question to the directory, which changes no state. */
const isAboutMessage = (event: DeskEvent): event is Exclude<TicketEvent, Event> =>
  event.type === "note.message-waits" ||
  event.type === "ticket.submitted.v1" ||
  event.type === "ticket.refused.v1" ||
  event.type === "ticket.due.v1";

function ticketStateOf(state: DeskState): TicketState | undefined {
  if (isOfMessage(state)) return state;
  return state.status === "unasked" ? ticketWriter.initialState : undefined;
}
