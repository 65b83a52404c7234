// The command: `node src/traces/main.ts --port N [--journal FILE]`. One ready line on stdout, then silence.

import { parseArgs } from "node:util";
import { serve } from "@hono/node-server";
import { tracesApp } from "./receiver.ts";

const { values } = parseArgs({
  options: { port: { type: "string" }, journal: { type: "string" } },
});
const app = tracesApp(values.journal);
const server = serve(
  { fetch: app.fetch, hostname: "127.0.0.1", port: Number(values.port) },
  ({ port }) => process.stdout.write(`traces ready ${port}\n`),
);
const stop = () => {
  server.close();
  if ("closeAllConnections" in server) server.closeAllConnections();
};
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
