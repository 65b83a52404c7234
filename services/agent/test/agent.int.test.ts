import type { Json } from "@niivo/contracts/canonical";
import type { Envelope, TopicName } from "@niivo/contracts/envelope";
import { subscriptions, topics } from "@niivo/contracts/topology";
import { memoryBus } from "@niivo/host/memory-bus";
import { inProcess, testClock } from "@niivo/host/testing/in-process";
import { beforeEach, expect, test } from "vitest";
import { agentService } from "../src/agent-service.ts";
import { stepMs } from "../src/steps.ts";
import { customers, lena, tenants } from "./people.ts";

const ticket = "6f1c1d5e-8d9b-4b7e-9a55-0d7d7f0a0001";
let service: ReturnType<typeof started>;
let sequence = 0;

beforeEach(() => {
  service = started();
  return () => service.drain();
});

function started() {
  const clock = testClock(new Date("2026-01-01T08:00:00.000Z"));
  const bus = memoryBus({ subscriptions, now: clock.now });
  const definition = agentService("niivo-l1-desk");
  return inProcess({ ...definition, customers, subscriptions, startsAt: clock.now(), bus, clock });
}

/** Another service says something; it has to be of its contract. */
async function says(topic: TopicName, type: string, data: unknown): Promise<void> {
  sequence += 1;
  const schema = Object.entries(topics[topic].events).find(([name]) => name === type)?.[1];
  const envelope = schema?.parse({
    specversion: "1.0",
    id: crypto.randomUUID(),
    source: topic,
    type,
    subject: ticket,
    time: service.clock.now().toISOString(),
    customer: "contoso",
    ticket,
    correlationid: ticket,
    sequence,
    data,
  });
  await service.bus.publisher(topic).publish([{ envelope: envelope! }]);
  await service.bus.idle();
}

const opens = () =>
  says("tickets", "ticket.opened.v1", {
    requester: {
      objectId: lena,
      tenantId: tenants.contoso,
      displayName: "Lena Frei",
      userPrincipalName: "lena.frei@contoso.example",
      assurance: "verified",
      multifactor: true,
    },
    channel: "portal",
    text: "I forgot my password",
    seed: "5e".repeat(32),
  });

const events = (): readonly Envelope[] =>
  service.bus.stored("agent").filter((envelope) => envelope.sequence !== undefined);
const last = () => JSON.parse(JSON.stringify(events().at(-1)?.data));
const completes = (result: { readonly [name: string]: Json }) => {
  const { action, digest } = last();
  const about = { actionId: action.id, digest, tool: action.tool };
  return says("broker", "action.completed.v1", { ...about, mode: "log", result, costMicroChf: 0 });
};
const answers = (text: string | null, ...calls: readonly object[]) =>
  completes({
    text,
    toolCalls: calls.map((call, index) => ({ id: `c${index}`, ...call })),
    model: "m",
    promptTokens: 1,
    completionTokens: 1,
  });

test("a whole ticket: model, tool, model, reply, resolved", async () => {
  const user = "lena.frei@contoso.example";
  await opens();
  await answers(null, { name: "password_reset", arguments: JSON.stringify({ user }) });
  expect(last().action).toMatchObject({ tool: "password.reset", arguments: { user } });
  await completes({ delivered: "one-time-link", recipient: "person" });
  await answers("Done.");
  await completes({ delivered: true, channel: "teams" });
  expect(events().map(({ type }) => type)).toEqual([
    ...Array.from({ length: 4 }, () => "action.requested.v1"),
    "ticket.resolved.v1",
  ]);
  expect(events().map((envelope) => envelope.sequence)).toEqual([1, 2, 3, 4, 5]);
});

test("G5: when nothing answers, the timer hands the ticket to a person", async () => {
  await opens();
  service.clock.advance(stepMs);
  await service.bus.idle();
  expect(events().at(-1)).toMatchObject({ type: "ticket.escalated.v1" });
  expect(last().code).toBe("step-timeout");
});

test("G9: of a closed ticket no text is kept in the state", async () => {
  await opens();
  const state = async () =>
    JSON.stringify((await service.store.read("contoso", `key:${ticket}`))?.body);
  expect(await state()).toContain("I forgot my password");
  service.clock.advance(stepMs);
  await service.bus.idle();
  expect(await state()).not.toContain("I forgot my password");
});
