// Bad input over the bus: every message that is not understood is dead-lettered with a reason code, and the
// refusal is in the chain. Nothing else stops.

import { randomUUID } from "node:crypto";
import type { TopicName } from "@niivo/contracts/envelope";
import { expect, test } from "vitest";
import { contoso, runningSystem } from "../src/running-system.ts";

const { bus, client, auditor, open } = await runningSystem();

const good = (ticket: string, overrides: object = {}) => ({
  specversion: "1.0",
  id: randomUUID(),
  source: "agent",
  type: "action.requested.v1",
  subject: ticket,
  time: new Date().toISOString(),
  customer: "contoso",
  ticket,
  correlationid: ticket,
  sequence: 1,
  data: {},
  ...overrides,
});

async function send(topic: TopicName, body: unknown, type: string) {
  const sender = bus("agent").createSender(topic);
  await sender.sendMessages({
    body,
    messageId: randomUUID(),
    sessionId: randomUUID(),
    applicationProperties: { type },
  });
  await sender.close();
}

/** The dead-letter entry with this code, in the chain of the customer. */
async function refusedIn(customer: string, code: string) {
  const token = await auditor();
  for (let tries = 0; tries < 200; tries += 1) {
    const text = await client.entries(token, customer, 0, 500).catch(() => "");
    const found = text
      .split("\n")
      .find((line) => line.includes("message.dead-lettered") && line.includes(code));
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no refusal ${code} in the chain of ${customer}`);
}

async function deadLetters(subscription: string) {
  const receiver = bus("policy").createReceiver("agent", `${subscription}/$DeadLetterQueue`, {});
  const letters = await receiver.peekMessages(50);
  await receiver.close();
  return letters.map(({ deadLetterReason }) => deadLetterReason);
}

test("H5, H6: a message of the wrong form is dead-lettered and its refusal sealed", async () => {
  const ticket = randomUUID();
  await send("agent", good(ticket), "action.requested.v1");
  await refusedIn("contoso", "invalid-schema");
  expect((await deadLetters("policy")).join()).toContain("invalid-schema");
});

test("H5: what is not JSON at all ends in the platform's chain", async () => {
  await send("agent", Buffer.from("\u0000not json"), "action.requested.v1");
  await refusedIn("platform", "unparsable");
});

test("R1: a message that says it is from another publisher is refused", async () => {
  const ticket = randomUUID();
  await send("agent", good(ticket, { source: "policy" }), "action.requested.v1");
  await refusedIn("contoso", "source-mismatch");
});

test("R12: a message about a customer nobody knows ends in the platform's chain", async () => {
  const ticket = randomUUID();
  await send("agent", good(ticket, { customer: "initech" }), "action.requested.v1");
  await refusedIn("platform", "message.dead-lettered");
});

test("after all that, an honest ticket still ends, and the chains verify", async () => {
  const { id, token } = await open(contoso.lenaFrei, "I forgot my password");
  expect((await client.ticketEnds(token, id, 60_000)).status).toBe("resolved");
  expect((await client.verify(await auditor(), "contoso")).verdict).toBe("OK");
  expect((await client.verify(await auditor(), "platform")).verdict).toBe("OK");
});
