// Frames of one turn leave the process in one system call. The AMQP library writes every frame by itself, and
// half of what the bus has to say (a transfer, its disposition, credit) falls into the same turn.

import type { Socket } from "node:net";

/** Corks the socket at the first write of a turn and uncorks it when the turn is over. Order is unchanged. */
export function gatherWrites(socket: Pick<Socket, "write" | "cork" | "uncork">): void {
  const write = socket.write.bind(socket);
  let isGathering = false;
  const gather = () => {
    if (isGathering) return;
    isGathering = true;
    socket.cork();
    setImmediate(() => {
      isGathering = false;
      socket.uncork();
    });
  };
  // The library calls it with a buffer alone.
  socket.write = (chunk: string | Uint8Array) => {
    gather();
    return write(chunk);
  };
}
