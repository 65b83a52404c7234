// Erasure by an order: what a service has of a ticket is gone, it says so once, and nothing brings it back.

import { expect, test } from "vitest";
import { customer, poisonStep, raw, stepDue, ticketOf } from "./counting.ts";
import { confirmations, erasureId, order, send, serving, start } from "./erasing.ts";

const keyDocument = async (service: ReturnType<typeof start>, key: string) =>
  (await service.store.read(customer, `key:${key}`))?.body;

test("F1: a service deletes the state of the ordered tickets, then confirms it with the count", async () => {
  const service = start();
  await send(service.bus, stepDue("a", 1), stepDue("a", 2), stepDue("b", 1));
  await service.bus.idle();
  await send(service.bus, order("e", [ticketOf("a"), ticketOf("never")]));
  await service.bus.idle();
  expect(confirmations(service.bus)).toMatchObject([
    {
      ...{ source: "agent", customer, subject: `erasure:${erasureId("e")}`, sequence: 1 },
      causationid: order("e", []).id,
      data: { erasure: erasureId("e"), part: 1, states: 1, deadLetters: 0 },
    },
  ]);
  expect(await keyDocument(service, ticketOf("a"))).toMatchObject({
    ...{ sequence: 2, state: null, erased: erasureId("e") }, // F4
  });
  expect(await keyDocument(service, ticketOf("b"))).toMatchObject({ state: { steps: [1] } });
  await service.drain();
});

test("F3: a message that comes later is refused, told of, and kept nowhere", async () => {
  const service = start();
  await send(service.bus, stepDue("a", 1), order("e", [ticketOf("a"), ticketOf("never")]));
  await service.bus.idle();
  const before = await keyDocument(service, ticketOf("a"));
  await send(service.bus, stepDue("a", 2), stepDue("never", 1));
  await service.bus.idle();
  expect(await keyDocument(service, ticketOf("a"))).toEqual(before);
  expect(service.bus.deadLetters("agent/agent")).toEqual([]);
  expect(service.bus.waiting("agent/agent")).toBe(0);
  const told = service.bus.stored("agent").filter(({ type }) => type.startsWith("message.dead"));
  expect(told).toMatchObject([{ data: { code: "erased" } }, { data: { code: "erased" } }]);
  await service.drain();
});

test("F3: every key of a ticket is found, and no new one comes up", async () => {
  const key = (step: number, ticket: string) => `${ticket}.${step}`;
  const service = start(serving(undefined, key));
  await send(service.bus, stepDue("a", 1), stepDue("a", 2), stepDue("b", 1));
  await service.bus.idle();
  await send(service.bus, order("e", [ticketOf("a")]));
  await service.bus.idle();
  expect(confirmations(service.bus)).toMatchObject([{ data: { states: 2 } }]);
  await send(service.bus, stepDue("a", 3));
  await service.bus.idle();
  expect(await keyDocument(service, `${ticketOf("a")}.3`)).toBeUndefined();
  expect(await keyDocument(service, `${ticketOf("b")}.1`)).toMatchObject({ state: { steps: [1] } });
  await service.drain();
});

test("a letter set aside that names the ticket is told of and deleted; another's stays", async () => {
  const service = start();
  await send(service.bus, stepDue("a", poisonStep), stepDue("b", poisonStep));
  service.bus.inject("agent/agent", raw({ ...stepDue("a", 2), extra: "planted" }, "m"));
  await service.bus.idle();
  expect(service.bus.deadLetters("agent/agent")).toHaveLength(3);
  await send(service.bus, order("e", [ticketOf("a")]));
  await service.bus.idle();
  expect(service.bus.deadLetters("agent/agent")).toMatchObject([
    { messageId: stepDue("b", poisonStep).id },
  ]);
  expect(confirmations(service.bus)).toMatchObject([{ data: { deadLetters: 2 } }]);
  await service.drain();
});
