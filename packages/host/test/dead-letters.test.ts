// H6 in detail: what is told of a dead letter, to whom, once, and what happens when it cannot be told.

import { sha256 } from "@niivo/contracts/canonical";
import { platformCustomer } from "@niivo/contracts/envelope";
import { expect, test, vi } from "vitest";
import { deciderBinding } from "../src/decider.ts";
import { memoryBus } from "../src/memory-bus.ts";
import { inProcess, testClock } from "../src/testing/in-process.ts";
import {
  contoso,
  countingBinding,
  customer,
  definition,
  events,
  poisonStep,
  raw,
  startsAt,
  stepDue,
  steps,
} from "./counting.ts";

type Options = Partial<Parameters<typeof inProcess>[0]>;
const run = (options: Options = {}) =>
  inProcess({
    ...definition(),
    ...{ customers: [contoso], subscriptions: [steps, events], startsAt, holdMs: 30 },
    ...options,
  });
const letters = ({ bus }: ReturnType<typeof run>) =>
  bus.stored("agent").filter(({ type }) => type === "message.dead-lettered.v1");

test("H6: what nobody can read is told to the platform's chain, by digest and size alone", async () => {
  const service = run();
  const body = Buffer.from('{"password": "hunter2"');
  service.bus.inject("agent/agent", { body, messageId: "m-1" });
  await service.bus.idle();
  const [letter] = letters(service);
  expect(letter).toMatchObject({
    customer: platformCustomer,
    sequence: 1,
    data: { messageId: "m-1", code: "unparsable", digest: sha256(body), bytes: body.byteLength },
  });
  expect(letter).not.toHaveProperty("causationid");
  expect(JSON.stringify(letter)).not.toContain("hunter2");
  await service.drain();
});

test("H6: a refused message is told to its customer's chain only if the customer is known", async () => {
  const service = run();
  for (const claimed of [customer, "somebody-else", "No Name", 7])
    service.bus.inject("agent/agent", raw({ ...stepDue("a", 1), customer: claimed, extra: 1 }));
  await service.bus.idle();
  expect(
    letters(service)
      .map((letter) => letter.customer)
      .toSorted(),
  ).toEqual([customer, platformCustomer, platformCustomer, platformCustomer].toSorted());
  await service.drain();
});

test("H6: the values of a refused message are in no part of what is told", async () => {
  const service = run();
  const secret = "Summer2026!";
  service.bus.inject(
    "agent/agent",
    raw({ ...stepDue("a", 1), data: { step: secret, [secret]: 1 } }),
  );
  await service.bus.idle();
  expect(letters(service)).toMatchObject([
    { data: { code: "invalid-schema", messageType: "step.due.v1" } },
  ]);
  expect(JSON.stringify(letters(service))).not.toContain(secret);
  await service.drain();
});

test("H6: a letter that cannot be published is not set aside, and is told when the bus is back", async () => {
  const clock = testClock(startsAt);
  let isAway = true;
  const bus = memoryBus({
    subscriptions: [steps, events],
    now: clock.now,
    publishFault: () => (isAway ? "lost" : "none"),
  });
  const service = run({ bus, clock });
  bus.inject("agent/agent", raw({ ...stepDue("a", 1), extra: 1 }));
  await bus.idle();
  expect(bus.deadLetters("agent/agent")).toEqual([]);
  expect(bus.waiting("agent/agent")).toBe(1);
  isAway = false;
  bus.expireLocks();
  await bus.idle();
  expect(bus.deadLetters("agent/agent")).toHaveLength(1);
  expect(letters(service)).toHaveLength(1);
  await service.drain();
});

test("H6: the same message set aside again is the same event, published once", async () => {
  const service = run();
  const broken = raw(stepDue("a", poisonStep), "m-1");
  service.bus.inject("agent/agent", broken);
  await service.bus.idle();
  service.bus.inject("agent/agent", broken);
  await service.bus.idle();
  expect(service.bus.deadLetters("agent/agent")).toHaveLength(2);
  expect(letters(service)).toHaveLength(1);
  await service.drain();
});

test("H6: what the bus set aside by itself is told once, also by a process that starts later", async () => {
  const clock = testClock(startsAt);
  let isAway = true;
  const bus = memoryBus({
    subscriptions: [steps, events],
    now: clock.now,
    publishFault: ([first]) => (isAway && first?.envelope.type !== "step.due.v1" ? "lost" : "none"),
  });
  const first = run({ bus, clock, holdMs: 1 });
  await bus.publisher("agent").publish([{ envelope: stepDue("a", 1) }]);
  for (let delivery = 0; delivery < 10; delivery++) {
    await bus.idle();
    bus.expireLocks();
  }
  expect(bus.deadLetters("agent/agent")).toMatchObject([{ reason: "MaxDeliveryCountExceeded" }]);
  await first.drain();
  isAway = false;
  for (let start = 0; start < 2; start++) {
    const next = run({ bus, clock, store: first.store });
    await vi.waitFor(() => expect(letters(next)).toHaveLength(1));
    await next.drain();
  }
  expect(letters(first)).toMatchObject([
    { customer, data: { code: "max-delivery-count-exceeded", messageId: stepDue("a", 1).id } },
  ]);
});

test("H6: no letter is written about a letter of one's own", async () => {
  const hearing = deciderBinding<null>({
    subscriptions: [events],
    key: () => "letters",
    initialState: null,
    turn: async ({ inputs }) => ({ state: null, outputs: inputs.map(() => []), operations: [] }),
  });
  const service = run(definition([countingBinding(), hearing]));
  service.bus.inject("agent/intake", {
    body: Buffer.from("{}"),
    messageId: "m-1",
    type: "message.dead-lettered.v1",
  });
  await service.bus.idle();
  expect(service.bus.deadLetters("agent/intake")).toHaveLength(1);
  expect(letters(service)).toEqual([]);
  await service.drain();
});
