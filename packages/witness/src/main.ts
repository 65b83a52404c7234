// The witness's command: reads which logs it shall witness, opens key and memory, and listens.

import { serve } from "@hono/node-server";
import { Command, InvalidArgumentError } from "commander";
import { witnessApp } from "./app.ts";
import { LogsError, readLogs } from "./logs.ts";
import { MemoryError, openMemory } from "./memory.ts";
import { openWitnessKey, WitnessKeyError } from "./witness-key.ts";

const portMax = 65_535;
const requestMs = 10_000;
const connectionsMax = 200;
const exitUsage = 2;

interface Options {
  readonly data: string;
  readonly name: string;
  readonly logs: string;
  readonly host: string;
  readonly port: number;
}

const program = new Command("niivo-witness")
  .description("Cosigns the checkpoints of audit chains, and refuses forks and roll-backs.")
  .requiredOption("--data <folder>", "where its key and its memory live")
  .requiredOption("--name <name>", "its name in cosignatures, such as witness.example.ch/w1")
  .requiredOption("--logs <file>", "the logs it witnesses: a verifier key a line, # for remarks")
  .option("--host <address>", "where it listens", "127.0.0.1")
  .option("--port <number>", "0 takes a free one", portOf, 7680)
  .parse();

try {
  start(program.opts<Options>());
} catch (error) {
  const isOurs = [LogsError, MemoryError, WitnessKeyError].some((kind) => error instanceof kind);
  endWith(error, isOurs ? exitUsage : 1);
}

function start({ data, name, logs, host, port }: Options): void {
  const known = readLogs(logs);
  const key = openWitnessKey(data, name);
  const memory = openMemory(data);
  const log = (line: string) => process.stdout.write(`${line}\n`);
  const app = witnessApp({ logs: known, memory, key, now: () => new Date(), log });
  const server = serve({ fetch: app.fetch, hostname: host, port }, (address) => {
    log(`witness ready on http://${host}:${address.port}`);
    log(key.vkey);
  });
  if ("requestTimeout" in server) {
    server.requestTimeout = requestMs;
    server.headersTimeout = requestMs;
    server.maxConnections = connectionsMax;
  }
  server.once("error", (error) => endWith(error, 1));
  const end = () => {
    server.close(() => {
      memory.close();
      process.exit(0);
    });
    if ("closeIdleConnections" in server) server.closeIdleConnections();
  };
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
}

function endWith(error: unknown, code: number): never {
  process.stderr.write(
    `niivo-witness: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exit(code);
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : -1;
  if (port < 0 || port > portMax) throw new InvalidArgumentError("A port is 0 to 65535.");
  return port;
}
