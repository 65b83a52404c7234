// The command: `node src/main.ts --config FILE` runs the bus until it is told to stop.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ConfigError, parseConfig } from "./config.ts";
import { startServiceBus } from "./server.ts";

try {
  const server = await startServiceBus(readConfig());
  console.log(`service-bus ready on 127.0.0.1:${server.port}`);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => void server.close().then(() => process.exit(0), fail));
  }
} catch (error) {
  fail(error);
}

function readConfig() {
  const { config: file } = parseArgs({ options: { config: { type: "string" } } }).values;
  if (file === undefined) throw new ConfigError("give a configuration: --config FILE");
  return parseConfig(parseFile(file));
}

function parseFile(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    // The parser's own message may quote the file, and with it a key.
    const reason = cause instanceof SyntaxError ? "is not JSON" : "cannot be read";
    throw new ConfigError(`the configuration ${file} ${reason}`, { cause });
  }
}

function fail(error: unknown): never {
  const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  const reason = error instanceof Error ? error.message : String(error);
  console.error(
    `service-bus: ${isTaken ? `the port is taken (${reason})` : reason}`.split("\n")[0],
  );
  process.exit(1);
}
