// Traffic of real clients, as /metrics tells it.

import { expect, test } from "vitest";
import { startBus } from "./bus.ts";

test("sends, deliveries, settlements and connections are counted", async () => {
  await using bus = await startBus([{ name: "audit" }], { openMetrics: true });
  const read = async () => (await fetch(`http://127.0.0.1:${bus.server.port}/metrics`)).text();
  const client = bus.client();
  await client.createSender("events").sendMessages([{ body: 1 }, { body: 2 }, { body: 3 }]);
  const receiver = client.createReceiver("events", "audit");
  const [first, second, third] = await receiver.receiveMessages(3);
  await receiver.completeMessage(first!);
  await receiver.abandonMessage(second!);
  await receiver.deadLetterMessage(third!);
  const text = await read();
  const entity = 'entity="events/Subscriptions/audit"';
  for (const line of [
    'servicebus_sent_messages_total{entity="events"} 3',
    `servicebus_deliveries_total{${entity}} 3`,
    `servicebus_settlements_total{${entity},outcome="complete"} 1`,
    `servicebus_settlements_total{${entity},outcome="abandon"} 1`,
    `servicebus_settlements_total{${entity},outcome="dead-letter"} 1`,
    "servicebus_connections 1",
    "servicebus_send_commit_seconds_count 1",
  ]) {
    expect(text).toContain(`${line}\n`);
  }
  await client.close();
  await expect.poll(read).toContain("servicebus_connections 0\n");
});
