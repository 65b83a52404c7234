// Erasure and effects: what an effect has to tell is told and then forgotten, what is at work is waited for, and
// nothing is done any more about an erased ticket.

import type { StepDue } from "@niivo/contracts/agent";
import type { Received } from "@niivo/contracts/envelope";
import type { Subscription } from "@niivo/contracts/topology";
import { expect, test, vi } from "vitest";
import type { z } from "zod";
import { effectBinding } from "../src/effects.ts";
import { erasureBinding } from "../src/erasure.ts";
import { memoryBus } from "../src/memory-bus.ts";
import { memoryStore } from "../src/memory-store.ts";
import type { Store } from "../src/store.ts";
import { inProcess, testClock } from "../src/testing/in-process.ts";
import { contoso, customer, definition, events, startsAt, stepDue, ticketOf } from "./counting.ts";
import { confirmations, erasures, order, send } from "./erasing.ts";

type Step = Received<z.infer<typeof StepDue>>;
const effects: Subscription = {
  topic: "agent",
  name: "agent-effects",
  reader: "agent",
  sessions: false,
  types: ["step.due.v1"],
};
const leaseMs = 60_000;
const subscriptions = [effects, events, erasures];

function run(perform: () => Promise<void>, isPublishing = () => true) {
  const clock = testClock(startsAt);
  const publishFault = () => (isPublishing() ? "none" : "lost");
  const bus = memoryBus({ subscriptions, now: clock.now, publishFault });
  const binding = effectBinding<Step>({
    subscriptions: [effects],
    leaseMs,
    repeatSafe: () => false,
    interrupted: () => undefined,
    perform: async ({ data }) => {
      if (data.step !== 1) return undefined; // Its own command.
      await perform();
      return { type: "step.due.v1", data: { step: 2 } };
    },
  });
  const memory = memoryStore({ now: clock.now });
  let looks = 0;
  const store: Store = {
    ...memory,
    list: (partition, query) => {
      if (query.prefix === "effect:") looks += 1;
      return memory.list(partition, query);
    },
  };
  const service = inProcess({
    ...definition([binding, erasureBinding({ subscriptions: [erasures] })]),
    ...{ customers: [contoso], subscriptions, startsAt, clock, bus, store, holdMs: 2000 },
  });
  return { ...service, looks: () => looks };
}

const kept = async ({ store }: ReturnType<typeof run>) =>
  JSON.stringify(await store.list(customer, { prefix: "effect:", limit: 10 }));

test("the result of an effect is forgotten once it is published", async () => {
  const service = run(async () => {});
  await send(service.bus, stepDue("a", 1));
  await service.bus.idle();
  await vi.waitFor(async () => expect(await kept(service)).not.toContain(ticketOf("a")));
  expect(await kept(service)).toContain('"outgoing":null');
  await service.drain();
});

test("H1: a result that could not be published is published by the erasure, then forgotten", async () => {
  let isAway = false;
  const service = run(
    async () => {
      isAway = true;
    },
    () => !isAway,
  );
  await send(service.bus, stepDue("a", 1));
  await service.bus.idle();
  expect(await kept(service)).toContain(ticketOf("a"));
  isAway = false;
  await send(service.bus, order("e", [ticketOf("a")]));
  await service.bus.idle();
  const results = service.bus.stored("agent").filter(({ data }) => isStep(data, 2));
  expect(results).toHaveLength(1);
  expect(await kept(service)).not.toContain(ticketOf("a"));
  expect(confirmations(service.bus)).toHaveLength(1);
  await service.drain();
});

test("F3: an effect of an erased ticket is not performed, and that is told", async () => {
  const perform = vi.fn(async () => {});
  const service = run(perform);
  await send(service.bus, order("e", [ticketOf("a")]));
  await service.bus.idle();
  await send(service.bus, stepDue("a", 1), stepDue("b", 1));
  await service.bus.idle();
  expect(perform).toHaveBeenCalledTimes(1);
  expect(service.bus.deadLetters("agent/agent-effects")).toEqual([]);
  const told = service.bus.stored("agent").filter(({ type }) => type.startsWith("message.dead"));
  expect(told).toMatchObject([{ ticket: ticketOf("a"), data: { code: "erased" } }]);
  await service.drain();
});

test("F1: an effect that is at work is waited for", async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const service = run(() => {
    begin();
    return ended;
  });
  await send(service.bus, stepDue("a", 1));
  const idle = service.bus.idle();
  await begun;
  await send(service.bus, order("e", [ticketOf("a")]));
  const erasing = service.bus.idle();
  // It looks again and again, and stops there.
  await vi.waitFor(() => expect(service.looks()).toBeGreaterThan(2));
  expect(confirmations(service.bus)).toEqual([]);
  end();
  await Promise.all([idle, erasing]);
  service.bus.expireLocks();
  await service.bus.idle();
  expect(confirmations(service.bus)).toHaveLength(1);
  expect(await kept(service)).not.toContain(ticketOf("a"));
  await service.drain();
});

const isStep = (data: unknown, step: number): boolean =>
  typeof data === "object" && data !== null && "step" in data && data.step === step;
