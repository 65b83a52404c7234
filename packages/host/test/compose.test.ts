// A service as a whole: its own commands, its traces, its fatal errors and its drain.

import { afterAll, expect, test } from "vitest";
import { BusUnavailable } from "../src/bus-unavailable.ts";
import { FatalError } from "../src/fatal-error.ts";
import { memoryBus } from "../src/memory-bus.ts";
import { startTelemetry } from "../src/telemetry.ts";
import { inProcess, testClock } from "../src/testing/in-process.ts";
import {
  contoso,
  countingBinding,
  definition,
  events,
  startsAt,
  stepDue,
  steps,
  ticketOf,
} from "./counting.ts";

const telemetry = startTelemetry("test", undefined);
afterAll(() => telemetry.close());

type Options = Partial<Parameters<typeof inProcess>[0]>;
const run = (options: Options = {}) =>
  inProcess({
    ...definition(),
    ...{ customers: [contoso], subscriptions: [steps, events], startsAt },
    ...options,
  });
const { id, type, data, customer, ticket = "", subject } = stepDue("a", 1);
const command = { id, type, data, customer, ticket, subject };
const told = ({ bus }: ReturnType<typeof run>) =>
  bus.stored("agent").filter((message) => message.type === "ticket.waiting.v1");

test("a command of the service's own goes to its own topic and is decided there", async () => {
  const service = run();
  await service.host.send(command);
  expect(service.bus.stored("agent")).toMatchObject([
    { ...command, source: "agent", correlationid: ticketOf("a"), time: startsAt.toISOString() },
  ]);
  await service.bus.idle();
  expect(told(service)).toHaveLength(1);
});

test("a command without a ticket is its own story", async () => {
  const { host, bus } = run();
  const { ticket: _, ...without } = command;
  await host.send(without);
  expect(bus.stored("agent")).toMatchObject([{ correlationid: id }]);
});

test("a command its schema refuses, and an event, are not sent", async () => {
  const { host, bus } = run();
  await expect(host.send({ ...command, data: { step: 0 } })).rejects.toMatchObject({
    code: "invalid-output",
  });
  await expect(host.send({ ...command, type: "ticket.opened.v1" })).rejects.toMatchObject({
    code: "invalid-output",
  });
  const waiting = { ...command, type: "ticket.resolved.v1", data: { summary: "x", step: 1 } };
  await expect(host.send(waiting)).rejects.toThrow();
  expect(bus.stored("agent")).toEqual([]);
});

test("a send that is not confirmed is repeated under its id, and in the end says so", async () => {
  const clock = testClock(startsAt);
  let losses = 2;
  const publishFault = () => (losses-- > 0 ? "lost-but-applied" : "none");
  const bus = memoryBus({ subscriptions: [steps, events], now: clock.now, publishFault });
  const service = run({ bus, clock });
  await service.host.send(command);
  await bus.idle();
  expect(bus.stored("agent").filter((message) => message.id === id)).toHaveLength(3);
  expect(told(service)).toHaveLength(1);
  await service.drain();
  losses = 1;
  await expect(service.host.send(command)).rejects.toThrow(BusUnavailable);
});

test("what a timer leads to goes on in the trace in which the timer was set", async () => {
  const service = run();
  const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
  await service.bus.publisher("agent").publish([{ envelope: { ...stepDue("a", 1), traceparent } }]);
  await service.bus.idle();
  const [, , spanId, flags] = told(service)[0]?.traceparent?.split("-") ?? [];
  expect(told(service)[0]?.traceparent).toContain(`00-${"a".repeat(32)}-`);
  expect(spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(spanId).toBe("b".repeat(16));
  expect(flags).toBe("01");
});

test("a fatal error ends the process, and the message stays for the next one", async () => {
  const clock = testClock(startsAt);
  const bus = memoryBus({ subscriptions: [steps, events], now: clock.now });
  const refused = new FatalError("the bus refuses agent: UnauthorizedAccess");
  const service = run({
    clock,
    bus: {
      ...bus,
      publisher: (topic) => ({ ...bus.publisher(topic), publish: () => Promise.reject(refused) }),
    },
  });
  await bus.publisher("agent").publish([{ envelope: stepDue("a", 1) }]);
  await bus.idle();
  expect(service.fatal).toEqual([refused]);
  expect(bus.waiting("agent/agent")).toBe(1);
});

test("a drain lets what is handled end, gives up what waits, and is not ready meanwhile", async () => {
  const clock = testClock(startsAt);
  const bus = memoryBus({ subscriptions: [steps, events], now: clock.now });
  const reached = Promise.withResolvers<void>();
  const isAway = { value: true };
  const service = run({
    ...definition([countingBinding()]),
    clock,
    holdMs: 60_000,
    bus: {
      ...bus,
      publisher: (topic) => ({
        ...bus.publisher(topic),
        publish: async () => {
          reached.resolve();
          if (isAway.value) throw new BusUnavailable("away");
        },
      }),
    },
  });
  expect((await service.app.request("/readyz")).status).toBe(200);
  await bus.publisher("agent").publish([{ envelope: stepDue("a", 1) }]);
  const working = bus.idle();
  await reached.promise;
  const drained = service.drain();
  expect((await service.app.request("/readyz")).status).toBe(503);
  await drained;
  await working;
  expect(bus.waiting("agent/agent")).toBe(1);
  await bus.publisher("agent").publish([{ envelope: stepDue("a", 2) }]);
  await bus.idle();
  expect(bus.waiting("agent/agent")).toBe(2);
});
