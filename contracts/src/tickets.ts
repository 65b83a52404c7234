// The `tickets` topic. Published by intake alone, in an identity apart from the process that handles
// model output: who asked, and how surely we know them, is not the agent's word.

import { z } from "zod";
import { Requester } from "./action.ts";
import { command, event, Hex256, MessageDeadLettered, type TopicContract } from "./envelope.ts";
import { ErasureConfirmed } from "./erasure.ts";

/** A ticket's text, after credentials pasted into it were replaced. */
export const ticketTextMax = 8000;

/** The name of a ticket in another system, such as INC0012345. */
export const TicketReference = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

const ticket = {
  requester: Requester,
  channel: z.enum(["portal", "teams", "inbound"]),
  text: z.string().min(1).max(ticketTextMax),
  /** The number of the ticket in the system that brought it. */
  reference: TicketReference.optional(),
  /** 256 random bits from which the nonces of this ticket's actions are computed. */
  seed: Hex256,
};

/** Command: the HTTP door hands over a validated ticket; the actor decides. */
export const TicketSubmit = command("ticket.submit.v1", ticket);

/** The root of everything about a ticket; of one written in Teams, `ticket.submitted` is its cause. */
export const TicketOpened = event("ticket.opened.v1", ticket);

export const tickets = {
  topic: "tickets",
  events: {
    [TicketOpened.shape.type.value]: TicketOpened,
    [ErasureConfirmed.shape.type.value]: ErasureConfirmed,
    [MessageDeadLettered.shape.type.value]: MessageDeadLettered,
  },
  commands: { [TicketSubmit.shape.type.value]: TicketSubmit },
} as const satisfies TopicContract;
