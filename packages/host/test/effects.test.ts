// Effects: at most once where that matters, again where it is safe, and never silently neither.

import type { StepDue } from "@niivo/contracts/agent";
import { derivedId } from "@niivo/contracts/canonical";
import type { Received } from "@niivo/contracts/envelope";
import type { Subscription } from "@niivo/contracts/topology";
import { expect, test, vi } from "vitest";
import type { z } from "zod";
import { type EffectCommand, type EffectOptions, effectBinding } from "../src/effects.ts";
import { memoryBus } from "../src/memory-bus.ts";
import { memoryStore, type WriteFault } from "../src/memory-store.ts";
import { inProcess, testClock } from "../src/testing/in-process.ts";
import { contoso, customer, definition, startsAt, stepDue } from "./counting.ts";

type Step = Received<z.infer<typeof StepDue>>;
const effects: Subscription = {
  topic: "agent",
  name: "agent-effects",
  reader: "agent",
  sessions: false,
  types: ["step.due.v1"],
};
const input = stepDue("a", 1);
const leaseMs = 60_000;
const done: EffectCommand = { type: "step.due.v1", data: { step: 2 } };
const unknown: EffectCommand = { type: "step.due.v1", data: { step: 3 } };

/** A service with one effect, on a bus that others can share. The command is not read again here. */
function run(
  effect: Partial<EffectOptions<Step>>,
  shared: Partial<Parameters<typeof inProcess>[0]> = {},
) {
  const clock = shared.clock ?? testClock(startsAt);
  const perform = vi.fn(effect.perform ?? (async () => done));
  const binding = effectBinding<Step>({
    subscriptions: [effects],
    leaseMs,
    repeatSafe: () => false,
    interrupted: () => unknown,
    ...effect,
    perform: async (message, signal) =>
      message.data.step === 1 ? perform(message, signal) : undefined,
  });
  const service = inProcess({
    ...definition([binding]),
    ...{ customers: [contoso], subscriptions: [effects], startsAt, clock, holdMs: 100 },
    ...shared,
  });
  const results = () =>
    service.bus.stored("agent").filter(({ id }) => id === derivedId(input.id, "effect"));
  return { ...service, perform, results };
}

const begin = ({ bus }: ReturnType<typeof run>) =>
  bus.publisher("agent").publish([{ envelope: input }]);

test("the result of an effect is a command to the own topic, with a derived id and the message's cause", async () => {
  const service = run({});
  await begin(service);
  await service.bus.idle();
  expect(service.perform).toHaveBeenCalledTimes(1);
  expect(service.results()).toMatchObject([
    { ...done, source: "agent", subject: input.subject, customer, ticket: input.ticket },
  ]);
  expect(service.bus.waiting("agent/agent-effects")).toBe(0);
});

test("an effect without a result leaves no command and is not performed again", async () => {
  const service = run({ perform: async () => undefined });
  await begin(service);
  await begin(service);
  await service.bus.idle();
  expect(service.perform).toHaveBeenCalledTimes(1);
  expect(service.results()).toEqual([]);
});

test("a redelivery publishes the first result again and performs nothing", async () => {
  const service = run({});
  await begin(service);
  await service.bus.idle();
  await begin(service);
  await service.bus.idle();
  expect(service.perform).toHaveBeenCalledTimes(1);
  const [first, second] = service.results();
  expect(second).toEqual(first);
});

/** A process that ends between the effect and the storing of its result, and its successor. */
async function interruptedRun(repeatSafe: boolean) {
  const clock = testClock(startsAt);
  const store = memoryStore({ now: clock.now });
  const bus = memoryBus({ subscriptions: [effects], now: clock.now });
  const begun = Promise.withResolvers<void>();
  const never = new Promise<undefined>(() => {});
  const perform = () => {
    begun.resolve();
    return never;
  };
  const first = run({ perform }, { clock, store, bus });
  await begin(first);
  const working = bus.idle();
  await begun.promise;
  bus.crash();
  await Promise.race([working, Promise.resolve()]);
  const second = run({ repeatSafe: () => repeatSafe }, { clock, store, bus });
  await bus.idle();
  expect(second.perform).not.toHaveBeenCalled();
  expect(second.results()).toEqual([]);
  clock.advance(leaseMs);
  bus.expireLocks();
  await bus.idle();
  expect(bus.waiting("agent/agent-effects")).toBe(0);
  return second;
}

test("interrupted and not safe to repeat: it waits for the lease, then says so, and performs nothing", async () => {
  const second = await interruptedRun(false);
  expect(second.perform).not.toHaveBeenCalled();
  expect(second.results()).toMatchObject([unknown]);
});

test("interrupted and safe to repeat: it waits for the lease, then performs it under a new one", async () => {
  const second = await interruptedRun(true);
  expect(second.perform).toHaveBeenCalledTimes(1);
  expect(second.results()).toMatchObject([done]);
});

test("an effect that throws is repeated a bounded number of times where that is safe", async () => {
  const failing = { perform: () => Promise.reject(new Error("away")) };
  const service = run({ ...failing, repeatSafe: () => true }, { holdMs: 20_000 });
  await begin(service);
  await service.bus.idle();
  expect(service.perform).toHaveBeenCalledTimes(5);
  expect(service.results()).toMatchObject([unknown]);
});

test("an effect that throws is not repeated where that is not safe", async () => {
  const service = run({ perform: () => Promise.reject(new Error("away")) });
  await begin(service);
  await service.bus.idle();
  expect(service.perform).toHaveBeenCalledTimes(1);
  expect(service.results()).toMatchObject([unknown]);
});

test("the signal aborts before the lease ends, and an effect that does not heed it is given up", async () => {
  const signals: AbortSignal[] = [];
  const perform = (_: Step, signal: AbortSignal) => {
    signals.push(signal);
    return new Promise<undefined>(() => {});
  };
  const service = run({ perform, leaseMs: 200 }, { holdMs: 5000 });
  await begin(service);
  await service.bus.idle();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  expect(service.results()).toMatchObject([unknown]);
});

const faults: readonly WriteFault[] = ["lost", "lost-but-applied"];
test.each(["lease", "result"] as const)(
  "a %s whose answer is lost is not performed twice",
  async (write) => {
    for (const fault of faults) {
      const clock = testClock(startsAt);
      let isDue = true;
      const store = memoryStore({
        now: clock.now,
        fault: (_, [operation]) => {
          const isLease = operation?.kind === "create";
          if (!isDue || isLease !== (write === "lease")) return "none";
          isDue = false;
          return fault;
        },
      });
      const service = run({}, { store, clock, holdMs: 2000 });
      await begin(service);
      await service.bus.idle();
      expect(isDue).toBe(false);
      expect(service.perform, fault).toHaveBeenCalledTimes(1);
      expect(service.results(), fault).toMatchObject([done]);
    }
  },
);

test("a result that its own contract refuses makes the message poison", async () => {
  const service = run({ perform: async () => ({ type: "step.due.v1", data: { step: 0 } }) });
  await begin(service);
  await service.bus.idle();
  expect(service.bus.deadLetters("agent/agent-effects")).toMatchObject([
    { reason: "invalid-output" },
  ]);
});
