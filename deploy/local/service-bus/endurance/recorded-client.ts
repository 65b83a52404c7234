// The bytes of a real client, as they were sent: what hostile input is made of, because only bytes
// that are nearly right get past the first checks. The tokens in them stay good for the whole test.

import { once } from "node:events";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { connect, KEY } from "../test/bus.ts";

/** A protocol header or one frame, whole. */
export type Piece = Buffer;

/** Runs an SDK client against the bus through a proxy that writes down what it sends. */
export async function recordClient(port: number): Promise<readonly Piece[]> {
  const sent: Buffer[] = [];
  const sockets: Socket[] = [];
  const proxy = createServer((from) => {
    const to = connectSocket(port, "127.0.0.1");
    sockets.push(from, to);
    from.on("data", (chunk) => sent.push(chunk));
    from.pipe(to);
    to.pipe(from);
    for (const socket of [from, to]) socket.on("error", () => socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const client = connect(address.port, KEY);
  const sender = client.createSender("events");
  await sender.sendMessages([{ body: "a", messageId: "a" }, { body: "b" }, { body: "c" }]);
  await sender.sendMessages({ body: Buffer.alloc(100_000), applicationProperties: { n: 1 } });
  const receiver = client.createReceiver("events", "plain", { maxAutoLockRenewalDurationInMs: 0 });
  const [first, second, third] = await receiver.receiveMessages(3);
  if (first === undefined || second === undefined || third === undefined)
    throw new Error("no messages");
  await receiver.renewMessageLock(first);
  await receiver.completeMessage(first);
  await receiver.abandonMessage(second, { again: true });
  await receiver.deadLetterMessage(third, {
    deadLetterReason: "r",
    deadLetterErrorDescription: "d",
  });
  await receiver.peekMessages(2);
  await client.close();
  for (const socket of sockets) socket.destroy();
  proxy.close();
  return piecesOf(Buffer.concat(sent));
}

function piecesOf(bytes: Buffer): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < bytes.length) {
    const isHeader = bytes.toString("latin1", at, at + 4) === "AMQP";
    const size = isHeader ? 8 : bytes.readUInt32BE(at);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
