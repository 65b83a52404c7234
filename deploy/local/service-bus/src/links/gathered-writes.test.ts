import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { gatherWrites } from "./gathered-writes.ts";

test("what is written in one turn arrives in order, and as one piece", async () => {
  const server = createServer((socket: Socket) => {
    gatherWrites(socket);
    for (const piece of ["one ", "two ", "three"]) socket.write(Buffer.from(piece));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const client = connect(typeof address === "object" ? (address?.port ?? 0) : 0, "127.0.0.1");
  const [first] = await once(client, "data");
  expect(String(first)).toBe("one two three");
  client.destroy();
  server.close();
});
