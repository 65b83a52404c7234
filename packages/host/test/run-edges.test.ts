// The host loop, H6 to H9: what is set aside, restarts, timers, and batches that are too large.

import { derivedId } from "@niivo/contracts/canonical";
import { messageBytesMax } from "@niivo/contracts/envelope";
import { expect, test } from "vitest";
import { deciderBinding, type TurnResult } from "../src/decider.ts";
import { type Operation, operationsMax } from "../src/store.ts";
import { run, send, told } from "./counters.ts";
import {
  customer,
  definition,
  poisonStep,
  startsAt,
  stepDue,
  steps,
  ticketOf,
  timerMs,
  timerStep,
} from "./counting.ts";

test("H6: every dead-lettering is published, and the others of its batch go on", async () => {
  const service = run();
  const inputs = [1, 2, poisonStep, 4, 5].map((step) => stepDue("a", step));
  await send(service, ...inputs);
  await service.bus.idle();
  expect(told(service).map(({ data }) => data)).toMatchObject(
    [1, 2, 4, 5].map((step) => ({ step })),
  );
  const letters = service.bus.stored("agent").filter(({ type }) => type.startsWith("message."));
  expect(letters).toMatchObject([
    {
      customer,
      ticket: ticketOf("a"),
      subject: "dead-letters",
      sequence: 1,
      data: {
        topic: "agent",
        subscription: "agent",
        messageId: inputs[2]?.id,
        messageType: "step.due.v1",
        code: "decide-threw",
        detail: "decide threw RangeError",
      },
    },
  ]);
});

test("H7: a restart is a redelivery: a new process finishes what an old one left", async () => {
  const before = run();
  before.bus.crash();
  await send(before, stepDue("a", 1));
  await before.bus.idle();
  expect(told(before)).toEqual([]);
  const after = run({ bus: before.bus, store: before.store, clock: before.clock });
  await after.bus.idle();
  expect(told(after)).toHaveLength(1);
  expect(after.bus.waiting("agent/agent")).toBe(0);
});

test("H8: a timer is a message to the own topic that comes when it is due, not before", async () => {
  const service = run();
  await send(service, stepDue("a", timerStep));
  await service.bus.idle();
  service.clock.advance(timerMs - 1);
  await service.bus.idle();
  expect(told(service).map(({ data }) => data)).toMatchObject([{ step: timerStep }]);
  service.clock.advance(1);
  await service.bus.idle();
  expect(told(service).map(({ data }) => data)).toMatchObject([{ step: timerStep }, { step: 12 }]);
});

test("H8: a timer that waited for longer than the inbox remembers is not too old", async () => {
  const service = run();
  await send(service, stepDue("a", timerStep));
  await service.bus.idle();
  const timer = service.bus
    .stored("agent")
    .find(({ id }) => id === derivedId("agent", "agent", stepDue("a", timerStep).id, "1"));
  expect(timer?.time).toBe(new Date(startsAt.getTime() + timerMs).toISOString());
});

test("H9: a batch that is too large to commit is halved until it fits", async () => {
  const padding = Array.from({ length: operationsMax / 4 }, (_, index) => index);
  const binding = deciderBinding<number>({
    subscriptions: [steps],
    key: () => "all",
    initialState: 0,
    turn: async ({ state, inputs }) => ({
      state: state + inputs.length,
      outputs: inputs.map(() => []),
      operations: inputs.flatMap(({ id }) =>
        padding.map((index): Operation => ({ kind: "create", id: `row:${id}:${index}`, body: 0 })),
      ),
    }),
  });
  const service = run({ ...definition([binding]) });
  await send(service, ...Array.from({ length: 30 }, (_, index) => stepDue("a", 1, index)));
  await service.bus.idle();
  expect((await service.store.read(customer, "key:all"))?.body).toMatchObject({ state: 30 });
  expect(service.bus.deadLetters("agent/agent")).toEqual([]);
});

test("H9: one input whose message or commit is too large is set aside", async () => {
  const large = (decided: Partial<Omit<TurnResult<null>, "state">>) =>
    deciderBinding<null>({
      subscriptions: [steps],
      key: () => "all",
      initialState: null,
      turn: async () => ({ state: null, outputs: [[]], operations: [], ...decided }),
    });
  const summary = "x".repeat(messageBytesMax);
  const operations = Array.from(
    { length: operationsMax },
    (_, index): Operation => ({
      kind: "create",
      id: `row:${index}`,
      body: 0,
    }),
  );
  for (const binding of [
    large({ outputs: [[{ type: "ticket.resolved.v1", data: { summary, step: 1 } }]] }),
    large({ operations }),
  ]) {
    const service = run({ ...definition([binding]) });
    await send(service, stepDue("a", 1));
    await service.bus.idle();
    expect(service.bus.deadLetters("agent/agent")).toMatchObject([{ reason: "too-large" }]);
    expect(await service.store.list(customer, { prefix: "row:", limit: 1 })).toEqual([]);
  }
});
