// How the agent's memory of a ticket changes with each thing it decided. Pure.

import { promptMessagesMax } from "@niivo/contracts/tools";
import { promptBytesMax } from "./prompt.ts";
import { pendingOf, type RequestedAction } from "./requesting.ts";
import type { AgentEvent } from "./ticket-messages.ts";
import type { Memory, OpenTicket, Ticket, TicketState } from "./ticket-state.ts";
import { exchange, fitted } from "./transcript.ts";

/** The state after one event. */
export function remember(state: TicketState, event: AgentEvent): TicketState {
  switch (event.type) {
    case "note.opened":
      return { status: "thinking", memory: fresh(event.data.ticket), pending: null, attempt: 0 };
    case "ticket.resolved.v1":
    case "ticket.escalated.v1":
      return { status: "closed" };
    case "note.step-begun":
    case "note.answered":
    case "note.outcome":
    case "note.waiting":
    case "note.closing":
    case "action.requested.v1":
    case "ticket.waiting.v1":
    case "step.due.v1":
      return isOpen(state) ? rememberOpen(state, event) : state;
  }
}

const isOpen = (state: TicketState): state is OpenTicket =>
  state.status !== "unopened" && state.status !== "closed";

type OpenEvent = Exclude<
  AgentEvent,
  { type: "note.opened" | "ticket.resolved.v1" | "ticket.escalated.v1" }
>;

function rememberOpen(state: OpenTicket, event: OpenEvent): OpenTicket {
  const { memory } = state;
  switch (event.type) {
    case "note.step-begun":
      return { status: "thinking", memory: nextStep(state), pending: null, attempt: 0 };
    case "note.answered":
      return { status: "acting", memory, ...event.data };
    case "note.outcome":
      return withOutcome(state, event.data);
    case "note.waiting": {
      const { actionId, until } = event.data;
      const waitingFor = memory.waitingFor.includes(actionId)
        ? memory.waitingFor
        : [...memory.waitingFor, actionId];
      // Timestamps of fixed width order as text. A deadline is never brought forward.
      const prolonged = until > memory.dueAt ? { dueAt: until } : {};
      return { ...state, memory: { ...memory, waitingFor, ...prolonged } };
    }
    case "note.closing":
      return { status: "closing", memory, pending: null, summary: event.data.summary };
    case "action.requested.v1":
      return withRequest(state, event);
    case "ticket.waiting.v1":
      return state;
    case "step.due.v1":
      return { ...state, memory: { ...memory, dueAt: event.notBefore ?? memory.dueAt } };
  }
}

const fresh = (ticket: Ticket): Memory => ({
  ticket,
  step: 0,
  asked: 0,
  dueAt: "",
  waitingFor: [],
  transcript: [],
  said: [],
});

/** The memory of the step that follows: what the model called and read joins the transcript. */
export function nextStep(state: OpenTicket): Memory {
  const { memory } = state;
  const transcript =
    state.status === "acting"
      ? [
          ...memory.transcript,
          ...exchange(
            state.text,
            state.calls.map(({ call, result }) => ({ call, result: result ?? "{}" })),
          ),
        ]
      : memory.transcript;
  return {
    ...memory,
    step: memory.step + 1,
    asked: 0,
    dueAt: "",
    waitingFor: [],
    transcript: fitted(transcript, { bytesMax: promptBytesMax, messagesMax: promptMessagesMax }),
  };
}

function withRequest(state: OpenTicket, request: RequestedAction): OpenTicket {
  const memory = { ...state.memory, asked: state.memory.asked + 1 };
  switch (state.status) {
    case "thinking":
      return { ...state, memory, pending: pendingOf(request), attempt: state.attempt + 1 };
    case "acting":
      return { ...state, memory };
    case "closing":
      return { ...state, memory, pending: pendingOf(request) };
  }
}

function withOutcome(
  state: OpenTicket,
  outcome: Extract<AgentEvent, { type: "note.outcome" }>["data"],
): OpenTicket {
  if (state.status !== "acting") return state;
  const { actionId, result, said } = outcome;
  const memory =
    said === null ? state.memory : { ...state.memory, said: [...state.memory.said, said] };
  const calls = state.calls.map((call) =>
    call.pending?.actionId === actionId ? { ...call, result } : call,
  );
  return { ...state, memory, calls };
}
