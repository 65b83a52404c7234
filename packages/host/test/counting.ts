// A small service for the tests of the engine: an actor that counts the steps of a ticket, on the agent's topic.

import type { StepDue, TicketWaiting } from "@niivo/contracts/agent";
import { agent } from "@niivo/contracts/agent";
import { derivedId } from "@niivo/contracts/canonical";
import type { Customer } from "@niivo/contracts/customers";
import type { Decided, Envelope, Received } from "@niivo/contracts/envelope";
import type { Subscription } from "@niivo/contracts/topology";
import type { z } from "zod";
import type { Actor, Note } from "../src/actor.ts";
import { actorBinding } from "../src/actor-decider.ts";
import type { Binding } from "../src/binding.ts";
import type { ServiceDefinition } from "../src/compose.ts";

export const startsAt = new Date("2026-03-01T08:00:00.000Z");
export const ticketOf = (name: string): string => derivedId("ticket", name);
export const customer = "contoso";

/** Commands come in here; every step leads to an event and, while there are few, to a timer. */
export const steps: Subscription = {
  topic: "agent",
  name: "agent",
  reader: "agent",
  sessions: false,
  types: ["step.due.v1"],
};
/** What a neighbour would read: the events. */
export const events: Subscription = {
  topic: "agent",
  name: "intake",
  reader: "agent",
  sessions: false,
  types: ["ticket.waiting.v1", "ticket.resolved.v1", "message.dead-lettered.v1"],
};

type Step = Received<z.infer<typeof StepDue>>;
type Counted = Decided<z.infer<typeof TicketWaiting> | z.infer<typeof StepDue>> | Note;
export interface Count {
  readonly steps: readonly number[];
}

export const timerMs = 60_000;
/** A step that `decide` cannot bear. */
export const poisonStep = 13;
/** A step that starts a timer for the last one. */
export const timerStep = 11;
const lastStep = 12;

export const counting: Actor<Count, Step, Counted> = {
  initialState: { steps: [] },
  decide: ({ id, data: { step } }, _, now) => {
    if (step === poisonStep) throw new RangeError("thirteen");
    const waiting = { type: "ticket.waiting.v1", data: { actionId: id, step } } as const;
    if (step !== timerStep) return [{ type: "note.step", data: step }, waiting];
    const notBefore = new Date(now.getTime() + timerMs).toISOString();
    return [waiting, { type: "step.due.v1", data: { step: lastStep }, notBefore }];
  },
  evolve: (state, { type, data }) =>
    type === "ticket.waiting.v1" ? { steps: [...state.steps, data.step] } : state,
};

export const countingBinding = (actor: typeof counting = counting): Binding =>
  actorBinding({ actor, subscriptions: [steps], key: ({ ticket = "none" }) => ticket });

export const definition = (
  bindings: readonly Binding[] = [countingBinding()],
): ServiceDefinition => ({ name: "agent", contract: agent, bindings: () => bindings });

/** A command to count `step` of the ticket called `name`; one `id` per name, step and `again`. */
export const stepDue = (name: string, step: number, again = 0): Envelope => {
  const ticket = ticketOf(name);
  const id = derivedId("step", name, String(step), String(again));
  return {
    specversion: "1.0",
    id,
    source: "agent",
    type: "step.due.v1",
    subject: ticket,
    time: startsAt.toISOString(),
    customer,
    ticket,
    correlationid: ticket,
    data: { step },
  };
};

export const raw = (envelope: object, messageId?: string) => ({
  body: Buffer.from(JSON.stringify(envelope)),
  ...(messageId === undefined ? {} : { messageId }),
});

export const contoso: Customer = {
  id: customer,
  displayName: "Contoso",
  tenantId: "11111111-1111-4111-8111-111111111111",
  vaultUrl: "https://vault.example",
  agents: [],
  factsReader: { name: "facts", clientId: "22222222-2222-4222-8222-222222222222", secret: "facts" },
  groups: {
    identityApprovers: "33333333-3333-4333-8333-333333333333",
    vip: "44444444-4444-4444-8444-444444444444",
  },
  model: { endpoint: "https://model.example", deployment: "small", secret: "model" },
};
