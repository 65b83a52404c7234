// The host loop, H1 to H6: what is decided and published once, whatever happens between.

import { derivedId } from "@niivo/contracts/canonical";
import { inboxHorizonMs, messageBytesMax } from "@niivo/contracts/envelope";
import { expect, test, vi } from "vitest";
import { actorBinding } from "../src/actor-decider.ts";
import { memoryBus } from "../src/memory-bus.ts";
import { memoryStore } from "../src/memory-store.ts";
import { testClock } from "../src/testing/in-process.ts";
import { run, send, told } from "./counters.ts";
import {
  counting,
  countingBinding,
  customer,
  definition,
  events,
  raw,
  startsAt,
  stepDue,
  steps,
  ticketOf,
  timerStep,
} from "./counting.ts";

test("H1: a message stays uncompleted while what it caused is not published", async () => {
  const clock = testClock(startsAt);
  let isAway = true;
  const bus = memoryBus({
    subscriptions: [steps, events],
    now: clock.now,
    publishFault: ([first]) => (isAway && first?.envelope.type !== "step.due.v1" ? "lost" : "none"),
  });
  const service = run({ bus, clock, holdMs: 30 });
  await send(service, stepDue("a", 1));
  await bus.idle();
  expect(bus.waiting("agent/agent")).toBe(1);
  expect(told(service)).toEqual([]);
  isAway = false;
  bus.expireLocks();
  await bus.idle();
  expect(bus.waiting("agent/agent")).toBe(0);
  expect(told(service)).toHaveLength(1);
});

test("H2: two hosts on one store lose no decision and number no event twice", async () => {
  const clock = testClock(startsAt);
  const store = memoryStore({ now: clock.now });
  const hosts = [run({ store, clock }), run({ store, clock })] as const;
  const inputs = Array.from({ length: 20 }, (_, index) => stepDue("a", 1, index));
  await Promise.all(
    inputs.map((input, index) => send(index % 2 === 0 ? hosts[0] : hosts[1], input)),
  );
  await Promise.all(hosts.map(({ bus }) => bus.idle()));
  const state = await store.read(customer, `key:${ticketOf("a")}`);
  expect(state?.body).toMatchObject({ sequence: 20, state: { steps: inputs.map(() => 1) } });
  const numbers = hosts.flatMap((host) => told(host).map(({ sequence = 0 }) => sequence));
  expect(numbers.toSorted((one, two) => one - two)).toEqual(inputs.map((_, index) => index + 1));
});

test("H3: an input that comes twice decides once", async () => {
  const service = run();
  await send(service, stepDue("a", 1), stepDue("a", 1));
  await service.bus.idle();
  await send(service, stepDue("a", 1));
  await service.bus.idle();
  expect(told(service)).toHaveLength(1);
  const state = await service.store.read(customer, `key:${ticketOf("a")}`);
  expect(state?.body).toMatchObject({ sequence: 1, state: { steps: [1] } });
});

test("H3: an input that waits twice behind another is decided once", async () => {
  const service = run({ holdMs: 20 });
  await send(service, stepDue("a", 1), stepDue("a", 2), stepDue("a", 2), stepDue("a", 3));
  await service.bus.idle();
  expect(told(service).map(({ data }) => data)).toMatchObject([1, 2, 3].map((step) => ({ step })));
  expect(service.bus.waiting("agent/agent")).toBe(0);
});

test("H3: an input older than the inbox remembers is refused, one of the same age is not", async () => {
  const service = run();
  service.clock.advance(inboxHorizonMs);
  await send(service, stepDue("a", 1));
  await service.bus.idle();
  expect(told(service)).toHaveLength(1);
  service.clock.advance(1);
  await send(service, stepDue("a", 2));
  await service.bus.idle();
  expect(told(service)).toHaveLength(1);
  expect(service.bus.deadLetters("agent/agent")).toMatchObject([{ reason: "too-old" }]);
});

test("H4: an outgoing id is a function of the publisher, the input's id and the output's index", async () => {
  const service = run();
  const input = stepDue("a", timerStep);
  await send(service, input);
  await service.bus.idle();
  const [, ...outputs] = service.bus.stored("agent");
  expect(outputs.map(({ id }) => id)).toEqual(
    ["0", "1"].map((index) => derivedId("agent", "agent", input.id, index)),
  );
});

test("H5: what is not exactly a message of its subscription never reaches an actor", async () => {
  const decide = vi.fn(counting.decide);
  const service = run({ ...definition([countingBinding({ ...counting, decide })]) });
  const good = stepDue("a", 1);
  const broken: readonly [string, Uint8Array][] = [
    ["unparsable", Buffer.from("{")],
    ["unparsable", Buffer.from("[]")],
    ["unparsable", Buffer.from([0x7b, 0xff, 0x7d])],
    ["unknown-type", raw({ ...good, type: "step.due.v2" }).body],
    ["unknown-type", raw({ ...good, type: "ticket.waiting.v1" }).body],
    ["unknown-type", raw({ ...good, type: "constructor" }).body],
    ["source-mismatch", raw({ ...good, source: "policy" }).body],
    ["invalid-schema", raw({ ...good, extra: 1 }).body],
    ["invalid-schema", raw({ ...good, data: { step: 0 } }).body],
    ["invalid-schema", raw({ ...good, sequence: 1 }).body],
    ["too-large", Buffer.alloc(messageBytesMax + 1, " ")],
  ];
  for (const [, body] of broken) service.bus.inject("agent/agent", { body });
  await service.bus.idle();
  const reasons = service.bus.deadLetters("agent/agent").map(({ reason }) => reason);
  expect(reasons.toSorted()).toEqual(broken.map(([code]) => code).toSorted());
  expect(decide).not.toHaveBeenCalled();
});

test("a message the contract does not know, or refuses, is found before anything is committed", async () => {
  const bad = [
    { type: "ticket.opened.v1", data: {} },
    { type: "ticket.waiting.v1", data: { actionId: "no", step: 1 } },
    { type: "step.due.v1", data: { step: 1 }, notBefore: "tomorrow" },
  ];
  for (const message of bad) {
    const binding = actorBinding({
      actor: { initialState: null, decide: () => [message], evolve: () => null },
      subscriptions: [steps],
      key: () => "all",
    });
    const service = run({ ...definition([binding]) });
    await send(service, stepDue("a", 1));
    await service.bus.idle();
    expect(service.bus.deadLetters("agent/agent")).toMatchObject([{ reason: "invalid-output" }]);
    expect(await service.store.read(customer, "key:all")).toBeUndefined();
  }
});

test("the cause of an event is the event that led to it, through the commands between them", async () => {
  const service = run();
  const cause = derivedId("some", "event");
  await send(service, { ...stepDue("a", 1), causationid: cause }, stepDue("a", 2));
  await service.bus.idle();
  const [first, second] = told(service);
  expect(first).toMatchObject({ causationid: cause, sequence: 1, correlationid: ticketOf("a") });
  expect(second).toMatchObject({ causationid: first?.id, sequence: 2, ticket: ticketOf("a") });
});

test("sequence numbers count the events of a key, not its commands and notes", async () => {
  const service = run();
  await send(service, stepDue("a", timerStep), stepDue("a", 2), stepDue("b", 1));
  await service.bus.idle();
  expect(told(service).map(({ subject, sequence }) => [subject, sequence])).toEqual([
    [ticketOf("a"), 1],
    [ticketOf("b"), 1],
    [ticketOf("a"), 2],
  ]);
  const commands = service.bus.stored("agent").filter(({ type }) => type === "step.due.v1");
  expect(commands.every((command) => !("sequence" in command))).toBe(true);
});

test("what waits for one key is decided together, and keys do not wait for each other", async () => {
  const clock = testClock(startsAt);
  const batches: number[] = [];
  const store = memoryStore({
    now: clock.now,
    fault: (_, operations) => {
      const created = operations.filter(({ id }) => id.startsWith("inbox:"));
      if (operations.some(({ kind }) => kind === "create")) batches.push(created.length);
      return "none";
    },
  });
  const service = run({ store, clock });
  await send(service, ...Array.from({ length: 9 }, (_, index) => stepDue("a", 1, index)));
  await service.bus.idle();
  expect(batches).toEqual([1, 8]);
});

test("a process may not decide on one message in two subscriptions", () => {
  const again = { ...steps, name: "again" };
  const bindings = [
    countingBinding(),
    actorBinding({ actor: counting, subscriptions: [again], key: () => "x" }),
  ];
  expect(() => run({ ...definition(bindings), subscriptions: [steps, again] })).toThrow(
    /two subscriptions decide/,
  );
  expect(() => run({ ...definition([countingBinding(), countingBinding()]) })).toThrow(
    /bound twice/,
  );
  const others = actorBinding({
    actor: counting,
    subscriptions: [{ ...steps, reader: "policy" }],
    key: () => "x",
  });
  expect(() => run({ ...definition([others]) })).toThrow(/not read by agent/);
});
