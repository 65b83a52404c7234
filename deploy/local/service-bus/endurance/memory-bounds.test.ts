// Memory stays bounded whatever a client does: one that does not read, and one that sends faster than
// disks write.

import { once } from "node:events";
import type { Socket } from "node:net";
import rhea, { type Connection, type Receiver, type Sender } from "rhea";
import { expect, test } from "vitest";
import { configOf, connect, KEY } from "../test/bus.ts";
import { type BusProcess, createBusFolder } from "./bus-process.ts";
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
  const watch = watchResident(bus);
  const total = 2_000; // 400 MB, all at once.
  await Promise.all(Array.from({ length: total }, () => sender.sendMessages({ body })));
  expect(await watch.most()).toBeLessThan(300);
  await client.close();
});

test("a plain client that uses all its credit for large messages at once costs no memory either", async () => {
  await using folder = createBusFolder(configOf([{ name: "plain" }]));
  const bus = await folder.start();
  const connection = await connectPlain(bus.port, ["events"]);
  const sender: Sender = connection.open_sender({ target: { address: "events" } });
  await once(sender, "sendable");
  const message = { body: rhea.message.data_section(Buffer.alloc(200_000, "x")) };
  const total = 2_000; // 400 MB, as many as the credit allows.
  let [sent, accepted] = [0, 0];
  const all = Promise.withResolvers<void>();
  sender.on("accepted", () => {
    accepted += 1;
    if (accepted === total) all.resolve();
  });
  sender.on("rejected", () => all.reject(new Error("a message was rejected")));
  const fill = () => {
    while (sent < total && sender.sendable()) {
      sender.send(message);
      sent += 1;
    }
  };
  sender.on("sendable", fill);
  fill();
  const watch = watchResident(bus);
  await all.promise;
  expect(await watch.most()).toBeLessThan(300);
  await closed(connection);
});

/** Looks at the resident memory again and again; `most` ends it. */
function watchResident(bus: BusProcess): { readonly most: () => Promise<number> } {
  let isDone = false;
  const watching = (async () => {
    let most = 0;
    while (!isDone) {
      most = Math.max(most, (await bus.footprint()).residentMiB);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return most;
  })();
  return {
    most: () => {
      isDone = true;
      return watching;
    },
  };
}

async function closed(connection: Connection): Promise<void> {
  const gone = once(connection, "connection_close");
  connection.close();
  await gone;
}

// rhea keeps the socket in a field that its definitions leave out (lib/connection.js).
const socketOf = (connection: Connection): Socket => Reflect.get(connection, "socket");
