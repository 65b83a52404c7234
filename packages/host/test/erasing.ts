// The counting service with its erasure binding: what the tests of erasure share.

import { derivedId } from "@niivo/contracts/canonical";
import type { Envelope } from "@niivo/contracts/envelope";
import type { Subscription } from "@niivo/contracts/topology";
import { actorBinding } from "../src/actor-decider.ts";
import { erasureBinding, type Sweep } from "../src/erasure.ts";
import type { memoryBus } from "../src/memory-bus.ts";
import { type InProcessOptions, inProcess } from "../src/testing/in-process.ts";
import { contoso, counting, customer, definition, events, startsAt, steps } from "./counting.ts";

export const erasures: Subscription = {
  topic: "audit",
  name: "agent-erasures",
  reader: "agent",
  sessions: false,
  types: ["erasure.ordered.v1"],
};

export const all = [steps, events, erasures];
const person = "aaaaaaaa-1111-4111-8111-111111111111";
export const erasureId = (name: string): string => derivedId("erasure", name);

/** @param key of a step: the ticket, or where given another key of that ticket. */
export const serving = (
  sweep?: Sweep,
  key: (step: number, ticket: string) => string = (_, ticket) => ticket,
) =>
  definition([
    actorBinding({
      actor: counting,
      subscriptions: [steps],
      key: ({ ticket = "none", data }) => key(data.step, ticket),
      keptDays: 90,
    }),
    erasureBinding({ subscriptions: [erasures], ...(sweep === undefined ? {} : { sweep }) }),
  ]);

export const start = (options: Partial<InProcessOptions> = {}) =>
  inProcess({
    ...serving(),
    ...{ customers: [contoso], subscriptions: all, startsAt, holdMs: 100 },
    ...options,
  });

export const order = (name: string, tickets: readonly string[], part = 1): Envelope => ({
  specversion: "1.0",
  id: derivedId("order", name, String(part)),
  source: "audit",
  type: "erasure.ordered.v1",
  subject: customer,
  time: startsAt.toISOString(),
  customer,
  correlationid: erasureId(name),
  sequence: part,
  data: { erasure: erasureId(name), part, parts: part, person, tickets },
});

export const send = (bus: ReturnType<typeof memoryBus>, ...envelopes: readonly Envelope[]) =>
  Promise.all(envelopes.map((envelope) => bus.publisher(envelope.source).publish([{ envelope }])));

export const confirmations = (bus: ReturnType<typeof memoryBus>) =>
  bus.stored("agent").filter(({ type }) => type === "erasure.confirmed.v1");
