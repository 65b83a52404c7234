// The `agent` topic. Published by the agent service alone. It asks, and says how a ticket stands:
// it has no other power (R2).

import { z } from "zod";
import { Action } from "./action.ts";
import {
  command,
  event,
  Hex256,
  Id,
  MessageDeadLettered,
  Prose,
  ReasonCode,
  type TopicContract,
} from "./envelope.ts";
import { ErasureConfirmed } from "./erasure.ts";

/** A ticket that is not done after this many model steps goes to a person. */
export const stepsMax = 12;

const step = z
  .int()
  .min(1)
  .max(stepsMax + 1);

export const ActionRequested = event("action.requested.v1", {
  action: Action,
  digest: Hex256,
  /** Why the agent wants it, in its own words. Shown to approvers as the agent's claim. */
  reason: Prose,
  step,
});

/** An action of the ticket waits for people. */
export const TicketWaiting = event("ticket.waiting.v1", { actionId: Id, step });

export const TicketResolved = event("ticket.resolved.v1", { summary: Prose, step });

/** A person takes over. */
export const TicketEscalated = event("ticket.escalated.v1", {
  code: ReasonCode,
  summary: Prose,
  step,
});

/** Timer: the step's actions should have ended by now. */
export const StepDue = command("step.due.v1", { step });

export const agent = {
  topic: "agent",
  events: {
    [ActionRequested.shape.type.value]: ActionRequested,
    [TicketWaiting.shape.type.value]: TicketWaiting,
    [TicketResolved.shape.type.value]: TicketResolved,
    [TicketEscalated.shape.type.value]: TicketEscalated,
    [ErasureConfirmed.shape.type.value]: ErasureConfirmed,
    [MessageDeadLettered.shape.type.value]: MessageDeadLettered,
  },
  commands: { [StepDue.shape.type.value]: StepDue },
} as const satisfies TopicContract;
