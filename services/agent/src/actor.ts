// The agent's actor, one state per ticket: ask the model, request what it asks for, tell it what came of
// it, until it is done. It can do one thing: ask (R2).
//
// Invariants:
//   G1. A closed ticket stays closed: every later input decides nothing.
//   G2. An action's id, nonce and digest are functions of the ticket, its seed and the action's place, so
//       a redelivery asks for the same again and no two actions share a nonce.
//   G3. A result counts once, and only for an action this step waits for, named by id and digest.
//   G4. After `stepsMax` model steps a person takes over.
//   G5. Every step has a deadline, which a timer brings. Only people being asked moves it.
//   G6. The model's words choose a tool's name and its arguments. Which tools are offered, how many calls,
//       in which order and when to end is decided here; what no action can carry is never requested.
//   G7. A ticket is resolved only after the requester was told.
//   G8. Whoever opened the ticket is its requester. No later message changes that.
//   G9. The state is plain JSON and bounded.

import { canonicalJson } from "@niivo/contracts/canonical";
import { TicketReply } from "@niivo/contracts/tools";
import type { Actor } from "@niivo/host/actor";
import { escalationText, modelAnswer, readCalls, textOf } from "./answer.ts";
import { callArguments } from "./call-arguments.ts";
import { remember } from "./remember.ts";
import {
  begunStep,
  concluded,
  handedOver,
  modelCall,
  resolved,
  saidDigest,
  stepDue,
} from "./steps.ts";
import type {
  AgentEvent,
  AgentInput,
  Due,
  Opened,
  Outcome,
  PeopleAsked,
} from "./ticket-messages.ts";
import {
  type Acting,
  type Closing,
  type OpenTicket,
  type Pending,
  pendingIn,
  type Thinking,
  type TicketState,
} from "./ticket-state.ts";

/** A failed model call is asked once more. */
export const modelAttemptsMax = 2;
/** Time for a granted action to be decided again, sealed and performed, after its approval's last moment. */
export const grantedMarginMs = 6 * 60 * 1000;
/** No step waits for people longer than this, whatever the terms say. */
export const peopleWaitMaxMs = 7 * 24 * 60 * 60 * 1000;

/** The actor for one agent's name, which stands in every action it requests. */
export const agentActor = (agent: string): Actor<TicketState, AgentInput, AgentEvent> => ({
  initialState: { status: "unopened" },

  decide(input, state, now) {
    switch (state.status) {
      case "closed":
        return []; // G1
      case "unopened":
        return input.type === "ticket.opened.v1" ? opened(agent, input, now) : [];
      case "thinking":
      case "acting":
      case "closing":
        return continued(agent, input, state, now);
    }
  },

  evolve: remember,
});

/** The state key of every input. @throws TypeError for a message that belongs to no ticket. */
export function ticketOf(input: Pick<AgentInput, "type" | "ticket">): string {
  if (input.ticket === undefined) throw new TypeError(`${input.type} names no ticket`);
  return input.ticket;
}

function opened(agent: string, input: Opened, now: Date): AgentEvent[] {
  const { requester, text, seed } = input.data;
  const ticket = { id: ticketOf(input), customer: input.customer, requester, text, seed };
  const open: AgentEvent = { type: "note.opened", data: { ticket } };
  return [open, ...then({ status: "unopened" }, [open], (state) => begunStep(agent, state, now))];
}

function continued(agent: string, input: AgentInput, state: OpenTicket, now: Date): AgentEvent[] {
  switch (input.type) {
    case "ticket.opened.v1":
      return []; // G8
    case "step.due.v1":
      return due(agent, input, state, now);
    case "approval.required.v1":
      return peopleAsked(input, state, now);
    case "action.completed.v1":
    case "action.failed.v1":
    case "action.unknown.v1":
    case "action.denied.v1":
      return ended(agent, input, state, now);
  }
}

// Clocks differ: a timer that comes before the deadline is set again, never lost (G5).
function due(agent: string, input: Due, { memory }: OpenTicket, now: Date): AgentEvent[] {
  if (input.data.step !== memory.step) return [];
  if (now.toISOString() < memory.dueAt) return [stepDue(memory.step, memory.dueAt)];
  return handedOver(agent, memory, {
    code: "step-timeout",
    summary: "A step did not end in time.",
    message: escalationText(memory),
  });
}

function peopleAsked({ data }: PeopleAsked, state: OpenTicket, now: Date): AgentEvent[] {
  const { memory } = state;
  const pending = awaited(state, data.action.id, data.digest);
  if (pending === undefined) return []; // G3
  const { actionId } = pending;
  const untilMs = Math.min(
    Date.parse(data.terms.expiresAt) + grantedMarginMs,
    now.getTime() + peopleWaitMaxMs,
  );
  const until = new Date(untilMs).toISOString();
  const waiting: AgentEvent = { type: "note.waiting", data: { actionId, until } };
  if (memory.waitingFor.includes(actionId)) return [waiting];
  return [waiting, { type: "ticket.waiting.v1", data: { actionId, step: memory.step } }];
}

const awaited = (state: OpenTicket, actionId: string, digest: string): Pending | undefined =>
  pendingIn(state).find((pending) => pending.actionId === actionId && pending.digest === digest);

function ended(agent: string, input: Outcome, state: OpenTicket, now: Date): AgentEvent[] {
  const pending = awaited(state, input.data.actionId, input.data.digest);
  if (pending === undefined) return []; // G3
  switch (state.status) {
    case "thinking":
      return thought(agent, input, state, now);
    case "acting":
      return acted(agent, input, state, pending, now);
    case "closing":
      return told(agent, input, state);
  }
}

function thought(agent: string, input: Outcome, state: Thinking, now: Date): AgentEvent[] {
  const { memory } = state;
  const giveUp = (code: string, summary: string): AgentEvent[] =>
    handedOver(agent, memory, { code, summary, message: escalationText(memory) });
  switch (input.type) {
    case "action.denied.v1":
      return giveUp("model-denied", `The model call was denied: ${input.data.code}.`);
    case "action.unknown.v1":
      return giveUp("model-unknown", "Nobody knows how the model call ended.");
    case "action.failed.v1":
      return state.attempt < modelAttemptsMax && mayAskAgain(input.data.code)
        ? [modelCall(agent, memory)]
        : giveUp("model-failed", `The model call failed: ${input.data.code}.`);
    case "action.completed.v1":
      return answered(agent, input.data.result, state, now);
  }
}

// A content filter answers the same prompt the same way; asking again would only be noise.
const mayAskAgain = (code: string): boolean => !code.includes("content-filter");

function answered(agent: string, result: unknown, state: Thinking, now: Date): AgentEvent[] {
  const { memory } = state;
  const answer = modelAnswer(result);
  if (answer === undefined)
    return handedOver(agent, memory, {
      code: "model-answer-invalid",
      summary: "The model's answer is not of the expected form.",
      message: escalationText(memory),
    });
  const text = textOf(answer);
  if (answer.toolCalls.length === 0) {
    if (text !== undefined) return concluded(agent, memory, text);
    if (memory.said.length > 0) return [resolved(memory, "The requester was told what was done.")];
    return handedOver(agent, memory, {
      code: "model-silent",
      summary: "The model ended without a word.",
      message: escalationText(memory),
    });
  }
  const { calls, requests, escalation } = readCalls(agent, memory, answer);
  const events: AgentEvent[] = [
    { type: "note.answered", data: { text: text ?? null, calls, escalation } },
    ...requests,
  ];
  return [...events, ...then(state, events, (after) => gathered(agent, after, now))];
}

function acted(
  agent: string,
  input: Outcome,
  state: Acting,
  pending: Pending,
  now: Date,
): AgentEvent[] {
  const isReply = pending.tool === TicketReply.name;
  if (isReply && input.type === "action.denied.v1")
    return handedOver(agent, state.memory, {
      code: "reply-denied",
      summary: `The requester may not be answered: ${input.data.code}.`,
    });
  const said = isReply && input.type === "action.completed.v1" ? saidBy(state, pending) : null;
  const outcome: AgentEvent = {
    type: "note.outcome",
    data: { actionId: pending.actionId, result: resultText(input), said },
  };
  return [outcome, ...then(state, [outcome], (after) => gathered(agent, after, now))];
}

/** What the model reads of an outcome: a result of the tool's closed schema, or a code. Never prose. */
function resultText(input: Outcome): string {
  switch (input.type) {
    case "action.completed.v1":
      return canonicalJson(input.data.result);
    case "action.denied.v1":
      return canonicalJson({ denied: input.data.code });
    case "action.failed.v1":
      return canonicalJson({ failed: input.data.code });
    case "action.unknown.v1":
      return canonicalJson({ unknown: "nobody knows whether it happened" });
  }
}

function saidBy(state: Acting, pending: Pending): string | null {
  const call = state.calls.find((one) => one.pending?.actionId === pending.actionId);
  const read = callArguments(call?.call.arguments ?? "");
  const text = read.kind === "object" ? read.arguments["text"] : undefined;
  return typeof text === "string" ? saidDigest(text) : null;
}

/** When all calls of a step have their results: the next step, or the person the model asked for. */
function gathered(agent: string, state: OpenTicket, now: Date): AgentEvent[] {
  if (pendingIn(state).length > 0) return [];
  if (state.status === "acting" && state.escalation !== null)
    return handedOver(agent, state.memory, {
      code: "model-asked",
      summary: state.escalation,
      message: state.escalation,
    });
  return begunStep(agent, state, now);
}

function told(agent: string, input: Outcome, { memory, summary }: Closing): AgentEvent[] {
  const notTold = (code: string, why: string): AgentEvent[] =>
    handedOver(agent, memory, { code, summary: why });
  switch (input.type) {
    case "action.completed.v1":
      return [resolved(memory, summary)]; // G7
    case "action.denied.v1":
      return notTold("reply-denied", `The requester may not be answered: ${input.data.code}.`);
    case "action.failed.v1":
      return notTold("reply-failed", `The requester could not be told: ${input.data.code}.`);
    case "action.unknown.v1":
      return notTold("reply-unknown", "Nobody knows whether the requester was told.");
  }
}

/** What follows from the state after `events`, if the ticket is still open then. */
function then(
  state: TicketState,
  events: readonly AgentEvent[],
  next: (after: OpenTicket) => AgentEvent[],
): AgentEvent[] {
  const after = events.reduce(remember, state);
  return after.status === "unopened" || after.status === "closed" ? [] : next(after);
}
