// Bytes that no client should send: cut off, changed, repeated, out of order, and plain noise.

import { connect as connectSocket } from "node:net";
import { expect, test } from "vitest";
import { configOf, connect } from "../test/bus.ts";
import { type BusProcess, createBusFolder } from "./bus-process.ts";
import type { Footprint } from "./footprint.ts";
import { type Random, withSeed } from "./random.ts";
import { type Piece, recordClient } from "./recorded-client.ts";

const warmUp = 300;
const attempts = 1_200;
const atOnce = 20;
const lingerMs = 15;
/** What the collector, the SQLite cache and compiled code may still take; a leak of 10 KB is 12 MB. */
const growthMiB = 6;

test("hostile bytes end their own connection at most: nothing crashes and nothing is kept of them", () =>
  withSeed(async (random) => {
    await using folder = createBusFolder(configOf([{ name: "plain", maxDeliveryCount: 2_000 }]));
    const bus = await folder.start();
    const pieces = await recordClient(bus.port);
    expect(pieces.length).toBeGreaterThan(30);
    await attack(bus, pieces, random, warmUp);
    const before = await atRest(bus);
    await attack(bus, pieces, random, attempts);
    const after = await atRest(bus);
    expect(bus.isAlive()).toBe(true);
    expect(after.sockets).toBeLessThanOrEqual(before.sockets);
    expect(after.timers).toBeLessThanOrEqual(before.timers + 2);
    const grown = after.heapMiB + after.externalMiB - before.heapMiB - before.externalMiB;
    expect(grown).toBeLessThan(growthMiB);
    // A token of the recorded client must not be found in what the bus says of broken connections.
    expect(bus.output()).not.toMatch(/SharedAccessSignature|sig=/);
  }));

async function attack(
  bus: BusProcess,
  pieces: readonly Piece[],
  random: Random,
  count: number,
): Promise<void> {
  for (let done = 0; done < count; done += atOnce) {
    const inputs = Array.from({ length: atOnce }, () => hostile(pieces, random));
    await Promise.all(inputs.map((chunks) => throwAt(bus.port, chunks)));
    if (!bus.isAlive()) throw new Error(`the bus died: ${bus.output()}`);
  }
  await works(bus);
}

/** Sends the chunks, lets the bus chew on them, and goes away without a word. */
async function throwAt(port: number, chunks: readonly Buffer[]): Promise<void> {
  const socket = connectSocket(port, "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  // The bus may well cut such a client off while it is still writing.
  socket.on("error", () => undefined);
  socket.resume();
  for (const chunk of chunks) socket.write(chunk);
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, lingerMs))]);
  socket.destroy();
}

/** A real client is served, and takes away what hostile clients managed to send. */
async function works(bus: BusProcess): Promise<void> {
  const client = connect(bus.port);
  await client.createSender("events").sendMessages({ body: "canary" });
  for (const subQueueType of [undefined, "deadLetter"] as const) {
    const receiver = client.createReceiver("events", "plain", {
      receiveMode: "receiveAndDelete",
      ...(subQueueType === undefined ? {} : { subQueueType }),
    });
    let taken = 0;
    for (;;) {
      const some = await receiver.receiveMessages(500, { maxWaitTimeInMs: 300 });
      if (some.length === 0) break;
      taken += some.length;
    }
    if (subQueueType === undefined) expect(taken).toBeGreaterThan(0);
  }
  await client.close();
}

/** Its footprint once the connections of the attack have been noticed to be gone. */
async function atRest(bus: BusProcess): Promise<Footprint> {
  let last = await bus.footprint();
  for (let look = 0; look < 20; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = await bus.footprint();
    if (now.sockets <= last.sockets && now.sockets <= 1) return now;
    last = now;
  }
  return last;
}

/** One hostile input, cut into chunks anywhere. */
function hostile(pieces: readonly Piece[], random: Random): Buffer[] {
  const kinds = [truncated, changed, reordered, missized, noisy, noise];
  const kind = kinds[random.below(kinds.length)] ?? noise;
  return chunked(kind(pieces, random), random);
}

type Hostile = (pieces: readonly Piece[], random: Random) => Buffer;

const truncated: Hostile = (pieces, random) => {
  const all = Buffer.concat(pieces);
  return all.subarray(0, random.below(all.length));
};

const changed: Hostile = (pieces, random) => {
  const all = Buffer.concat(pieces);
  for (let left = 1 + random.below(16); left > 0; left -= 1) {
    // Most of the bytes are one message's body: near the front is where the protocol is.
    const at = random.below(random.isOneIn(2) ? all.length : Math.min(6_000, all.length));
    all[at] = random.below(256);
  }
  return all;
};

const reordered: Hostile = (pieces, random) => {
  const some = [...pieces];
  for (let left = 1 + random.below(6); left > 0; left -= 1) {
    const [from, to] = [random.below(some.length), random.below(some.length)];
    const [piece] = some.slice(from, from + 1);
    if (piece === undefined) continue;
    if (random.isOneIn(3))
      some.splice(from, 1); // Left out.
    else some.splice(to, random.below(2), piece); // Repeated, over another one or beside it.
  }
  return Buffer.concat(some);
};

const sizes = [0, 1, 7, 8, 9, 255, 65_535, 65_537, 0x7fff_ffff, 0xffff_ffff];

const missized: Hostile = (pieces, random) => {
  const some = pieces.map((piece) => Buffer.from(piece));
  const piece = some[random.below(some.length)];
  if (piece === undefined || piece.length < 8) return Buffer.concat(some);
  if (random.isOneIn(3))
    piece[4] = random.below(256); // The offset of the frame's body.
  else piece.writeUInt32BE(sizes[random.below(sizes.length)] ?? 0, 0);
  return Buffer.concat(some);
};

const noisy: Hostile = (pieces, random) => {
  const upTo = random.below(pieces.length);
  const rest = pieces.slice(upTo);
  return Buffer.concat([...pieces.slice(0, upTo), bytes(1 + random.below(300), random), ...rest]);
};

const noise: Hostile = (_pieces, random) =>
  Buffer.concat([
    random.isOneIn(2)
      ? Buffer.from([0x41, 0x4d, 0x51, 0x50, random.below(4), 1, 0, 0])
      : Buffer.alloc(0),
    bytes(random.below(2_000), random),
  ]);

const bytes = (count: number, random: Random) =>
  Buffer.from(Array.from({ length: count }, () => random.below(256)));

function chunked(all: Buffer, random: Random): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < all.length; ) {
    const size = 1 + random.below(random.isOneIn(4) ? 16 : 40_000);
    chunks.push(all.subarray(at, at + size));
    at += size;
    if (chunks.length > 50) {
      chunks.push(all.subarray(at));
      break;
    }
  }
  return chunks;
}
