// The moves an agent can make on a ticket: begin a step, tell the requester the end, hand over to a person.
// Each is a list of events; none depends on what the model wants. Pure.

import { stepsMax } from "@niivo/contracts/agent";
import { sha256 } from "@niivo/contracts/canonical";
import { cut } from "@niivo/contracts/text";
import { ModelRespond, replyTextMax, TicketReply } from "@niivo/contracts/tools";
import { escalationText } from "./answer.ts";
import { buildPrompt } from "./prompt.ts";
import { nextStep } from "./remember.ts";
import { proseMax, type RequestedAction, requested } from "./requesting.ts";
import type { AgentEvent } from "./ticket-messages.ts";
import type { Memory, OpenTicket } from "./ticket-state.ts";
import { offeredTools } from "./tools.ts";

/** A step ends after this time, unless people are asked. */
export const stepMs = 10 * 60 * 1000;

/** Asks the model for the next step, or hands over when there have been enough (G4). */
export function begunStep(agent: string, state: OpenTicket, now: Date): AgentEvent[] {
  const memory = nextStep(state);
  if (memory.step > stepsMax)
    return handedOver(agent, state.memory, {
      code: "too-many-steps",
      summary: `Not done after ${stepsMax} steps.`,
      message: escalationText(memory),
    });
  return [
    { type: "note.step-begun", data: { step: memory.step } },
    stepDue(memory.step, new Date(now.getTime() + stepMs).toISOString()), // G5
    modelCall(agent, memory),
  ];
}

/** The step's model call; asked again it is another action with the same question. */
export function modelCall(agent: string, memory: Memory): RequestedAction {
  const { requester, text, seed } = memory.ticket;
  return requested(agent, memory, memory.asked, {
    tool: ModelRespond.name,
    arguments: {
      messages: buildPrompt({ agent, requester, text, seed, transcript: memory.transcript }),
      tools: offeredTools(requester),
    },
    reason: "Asks the model for the next step of this ticket.",
  });
}

/** The timer of a step. */
export const stepDue = (step: number, notBefore: string): AgentEvent => ({
  type: "step.due.v1",
  data: { step },
  notBefore,
});

/** Ends the ticket with the model's last words, after the requester has read them (G7). */
export function concluded(agent: string, memory: Memory, text: string): AgentEvent[] {
  if (memory.said.includes(saidDigest(text))) return [resolved(memory, text)];
  return [
    { type: "note.closing", data: { summary: cut(text, proseMax) } },
    reply(agent, memory, text),
  ];
}

export const resolved = ({ step }: Memory, summary: string): AgentEvent => ({
  type: "ticket.resolved.v1",
  data: { summary: cut(summary, proseMax), step },
});

export interface Handover {
  readonly code: string;
  readonly summary: string;
  /** Absent where the requester cannot be reached. */
  readonly message?: string;
}

/** A person takes over. The requester is told if that is possible, and nothing waits for it. */
export function handedOver(agent: string, memory: Memory, handover: Handover): AgentEvent[] {
  const { code, summary, message } = handover;
  const told = message === undefined || memory.said.includes(saidDigest(message));
  return [
    ...(told ? [] : [reply(agent, memory, message)]),
    {
      type: "ticket.escalated.v1",
      data: { code, summary: cut(summary, proseMax), step: memory.step },
    },
  ];
}

const reply = (agent: string, memory: Memory, text: string): RequestedAction =>
  requested(agent, memory, memory.asked, {
    tool: TicketReply.name,
    arguments: { text: cut(text, replyTextMax) },
    reason: "Tells the requester how their ticket stands.",
  });

/** By what a text that reached the requester is recognised. */
export const saidDigest = (text: string): string => sha256(text.toWellFormed().trim());
