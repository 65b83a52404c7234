// Memory stays bounded whatever a client does: one that does not read, and one that sends faster than
// disks write.

import { once } from "node:events";
import type { Socket } from "node:net";
import type { Connection, Receiver } from "rhea";
import { expect, test } from "vitest";
import { configOf, connect, KEY } from "../test/bus.ts";
import { createBusFolder } from "./bus-process.ts";
import { fill } from "./fill.ts";
import { connectPlain } from "./plain-client.ts";

const plain = "events/Subscriptions/plain";

test("a client that asks for everything and reads nothing does not fill the bus's memory", async () => {
  await using folder = createBusFolder(configOf([{ name: "plain" }]));
  const bus = await folder.start();
  await fill(bus.port, 3_000, 60_000);
  const before = await bus.footprint();
  const connection = await connectPlain(bus.port, [plain]);
  const receiver: Receiver = connection.open_receiver({
    source: { address: plain },
    credit_window: 0,
    autoaccept: false,
  });
  await once(receiver, "receiver_open");
  const socket = socketOf(connection);
  receiver.add_credit(100_000);
  // The credit must have left before reading stops.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  socket.pause();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const after = await bus.footprint();
  const grown = after.heapMiB + after.externalMiB - before.heapMiB - before.externalMiB;
  expect(grown).toBeLessThan(64); // 180 MB wait.
  socket.destroy();
});

test("a sender that is faster than the disk is held back, and costs no memory", async () => {
  await using folder = createBusFolder(configOf([{ name: "plain" }]));
  const bus = await folder.start();
  const client = connect(bus.port, KEY, { timeoutInMs: 60_000 });
  const sender = client.createSender("events");
  const body = Buffer.alloc(200_000, "x");
  await sender.sendMessages({ body });
  let most = 0;
  let isDone = false;
  const watching = (async () => {
    while (!isDone) {
      const { residentMiB } = await bus.footprint();
      most = Math.max(most, residentMiB);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  const total = 2_000; // 400 MB, all at once.
  await Promise.all(Array.from({ length: total }, () => sender.sendMessages({ body })));
  isDone = true;
  await watching;
  expect(most).toBeLessThan(300);
  await client.close();
});

// rhea keeps the socket in a field that its definitions leave out (lib/connection.js).
const socketOf = (connection: Connection): Socket => Reflect.get(connection, "socket");
