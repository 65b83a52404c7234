// Clients that take slowly or never settle: they keep nobody else from what there is.

import { once } from "node:events";
import type { Connection, Delivery, Receiver } from "rhea";
import { expect, test } from "vitest";
import { configOf, connect } from "../test/bus.ts";
import { createBusFolder } from "./bus-process.ts";
import { fill } from "./fill.ts";
import { connectPlain } from "./plain-client.ts";

const plain = "events/Subscriptions/plain";

test("a slow consumer gets what it asked for and no more, and keeps nobody else waiting", async () => {
  await using folder = createBusFolder(configOf([{ name: "plain" }]));
  const bus = await folder.start();
  const connection = await connectPlain(bus.port, [plain]);
  const slow: Receiver = connection.open_receiver({
    source: { address: plain },
    credit_window: 0,
    autoaccept: false,
  });
  let delivered = 0;
  slow.on("message", () => {
    delivered += 1;
  });
  await once(slow, "receiver_open");
  slow.add_credit(3);
  await fill(bus.port, 2_000, 100);
  const client = connect(bus.port);
  const receiver = client.createReceiver("events", "plain", { receiveMode: "receiveAndDelete" });
  let taken = 0;
  while (taken < 2_000 - 3) {
    taken += (await receiver.receiveMessages(500, { maxWaitTimeInMs: 500 })).length;
  }
  expect(taken).toBe(2_000 - 3);
  expect(delivered).toBe(3);
  await client.close();
  await closed(connection);
});

test("a client that never settles loses its messages to others, lock by lock, and then for good", async () => {
  await using folder = createBusFolder(
    configOf([{ name: "plain", lockDurationMs: 300, maxDeliveryCount: 3 }]),
  );
  const bus = await folder.start();
  const connection = await connectPlain(bus.port, [plain]);
  const hoarder: Receiver = connection.open_receiver({
    source: { address: plain },
    credit_window: 0,
    autoaccept: false,
    autosettle: false,
  });
  const deliveries: Delivery[] = [];
  hoarder.on("message", ({ delivery }) => void deliveries.push(delivery));
  await once(hoarder, "receiver_open");
  hoarder.add_credit(1_000_000);
  const total = 3_000; // Above the 2,048 that a client's window holds.
  await fill(bus.port, total, 100);
  const client = connect(bus.port);
  const letters = client.createReceiver("events", "plain", {
    subQueueType: "deadLetter",
    receiveMode: "receiveAndDelete",
  });
  const receiver = client.createReceiver("events", "plain", { receiveMode: "receiveAndDelete" });
  let [dead, taken] = [0, 0];
  const endsAt = Date.now() + 30_000;
  while (dead + taken < total && Date.now() < endsAt) {
    dead += (await letters.receiveMessages(1_000, { maxWaitTimeInMs: 400 })).length;
    taken += (await receiver.receiveMessages(100, { maxWaitTimeInMs: 100 })).length;
  }
  expect(dead + taken).toBe(total);
  expect(deliveries.length).toBeGreaterThan(1_000);
  await client.close();
  await closed(connection);
});

async function closed(connection: Connection): Promise<void> {
  const gone = once(connection, "connection_close");
  connection.close();
  await gone;
}
