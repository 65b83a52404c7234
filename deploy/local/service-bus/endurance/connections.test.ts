// Two thousand connections, each with a token and a receiver, that do nothing.

import { once } from "node:events";
import type { Connection } from "rhea";
import { expect, test } from "vitest";
import { configOf, connect } from "../test/bus.ts";
import { createBusFolder } from "./bus-process.ts";
import { connectPlain } from "./plain-client.ts";

const count = 2_000;
const atOnce = 100;
const address = "events/Subscriptions/idle";
/** Heap and buffers for one idle connection with its three links. */
const perConnectionKiB = 100;

test("2,000 idle connections are held, cost little, slow nobody down, and leave nothing behind", async () => {
  await using folder = createBusFolder(configOf([{ name: "plain" }, { name: "idle" }]));
  const bus = await folder.start();
  await roundTrip(bus.port);
  const before = await bus.footprint();
  // The round trip's own connection may still be closing.
  const connections: Connection[] = [];
  let lost = 0;
  let isClosing = false;
  while (connections.length < count) {
    const some = await Promise.all(
      Array.from({ length: atOnce }, async () => {
        const connection = await connectPlain(bus.port, [address]);
        connection.on("disconnected", () => {
          if (!isClosing) lost += 1;
        });
        const receiver = connection.open_receiver({ source: { address }, credit_window: 1 });
        await once(receiver, "receiver_open");
        return connection;
      }),
    );
    connections.push(...some);
  }
  const held = await bus.footprint();
  expect(held.sockets).toBeGreaterThanOrEqual(count);
  expect(held.sockets).toBeLessThanOrEqual(count + before.sockets);
  const grownMiB = held.heapMiB + held.externalMiB - before.heapMiB - before.externalMiB;
  expect((grownMiB * 1_024) / count).toBeLessThan(perConnectionKiB);
  await roundTrip(bus.port);
  expect(lost).toBe(0);
  isClosing = true;
  await Promise.all(
    connections.map((connection) => {
      const gone = once(connection, "connection_close");
      connection.close();
      return gone;
    }),
  );
  await roundTrip(bus.port);
  const after = await bus.footprint();
  expect(after.sockets).toBeLessThanOrEqual(before.sockets + 1);
  expect(after.timers).toBeLessThanOrEqual(before.timers + 2);
  expect(after.heapMiB - before.heapMiB).toBeLessThan(10);
});

async function roundTrip(port: number): Promise<void> {
  const client = connect(port);
  await client.createSender("events").sendMessages({ body: "ping" });
  const receiver = client.createReceiver("events", "plain");
  const [message] = await receiver.receiveMessages(1);
  if (message === undefined) throw new Error("nothing was received");
  await receiver.completeMessage(message);
  await client.close();
}
