// A preload for processes that use the Service Bus SDK: `node --import <this file> main.ts`.
//
// The SDK leaves Nagle's algorithm on and gives no option, so small frames wait up to 40 ms for the
// other side's delayed acknowledgement. The server turns it off for its side; with only one side
// changed it gets worse, so do both or neither.

import { subscribe } from "node:diagnostics_channel";
import { Socket } from "node:net";

subscribe("net.client.socket", (message) => {
  if (typeof message !== "object" || message === null || !("socket" in message)) return;
  const { socket } = message;
  if (socket instanceof Socket) socket.once("connect", () => socket.setNoDelay(true));
});
