// R1: each process can send to its own topic and listen to its own subscriptions, and to nothing else.

import { ServiceBusError } from "@azure/service-bus";
import { topicNames } from "@niivo/contracts/envelope";
import { identities, pathOf, publishers, subscriptions } from "@niivo/contracts/topology";
import { expect, test } from "vitest";
import { runningSystem } from "../src/running-system.ts";

const { bus } = await runningSystem();

const outcome = (attempt: Promise<unknown>) =>
  attempt.then(
    () => "allowed",
    (error: unknown) => (error instanceof ServiceBusError ? error.code : String(error)),
  );

test.each(identities)("R1: %s can send to its own topic and to no other", async (identity) => {
  const client = bus(identity);
  for (const topic of topicNames) {
    const sender = client.createSender(topic);
    // Of a type nobody filters for: the right is tested, and no service is disturbed.
    const sent = await outcome(
      sender.sendMessages({ body: {}, sessionId: "x", applicationProperties: { type: "none" } }),
    );
    expect(sent, topic).toBe(publishers[topic] === identity ? "allowed" : "UnauthorizedAccess");
    await sender.close();
  }
});

test.each(identities)("R1: %s can listen to its own subscriptions only", async (identity) => {
  const client = bus(identity);
  for (const one of subscriptions) {
    // Peeking needs Listen and takes nothing.
    const receiver = client.createReceiver(one.topic, `${one.name}/$DeadLetterQueue`, {});
    const peeked = await outcome(receiver.peekMessages(1));
    expect(peeked, pathOf(one)).toBe(one.reader === identity ? "allowed" : "UnauthorizedAccess");
    await receiver.close();
  }
});

test("R1: a wrong key opens nothing", async () => {
  const client = bus("policy", Buffer.from("not the key of policy at all, sir").toString("base64"));
  const sent = await outcome(client.createSender("policy").sendMessages({ body: {} }));
  expect(sent).toBe("UnauthorizedAccess");
});
