// The witness's commands: `serve`, which is what it does when nothing else is said, reads which logs it shall witness,
// opens key and memory, and listens; `add-log` tells it of one more, also while it runs.

import { serve } from "@hono/node-server";
import { Command, InvalidArgumentError } from "commander";
import { witnessApp } from "./app.ts";
import { addLogs, followedLogs, LogsError } from "./logs.ts";
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

const program = new Command("niivo-witness").description(
  "Cosigns the checkpoints of audit chains, and refuses forks and roll-backs.",
);
program
  .command("serve", { isDefault: true })
  .description("listen, and cosign what continues")
  .requiredOption("--data <folder>", "where its key and its memory live")
  .requiredOption("--name <name>", "its name in cosignatures, such as witness.example.ch/w1")
  .requiredOption("--logs <file>", "the logs it witnesses: a verifier key a line, # for remarks")
  .option("--host <address>", "where it listens", "127.0.0.1")
  .option("--port <number>", "0 takes a free one", portOf, 7680)
  .action((options: Options) => attempt(() => start(options)));
program
  .command("add-log")
  .description("witness one more log; a witness that runs knows it with its next request")
  .argument("<key...>", "verifier keys of logs, as their operators name them")
  .requiredOption("--logs <file>", "the file that the witness was started with")
  .action((keys: readonly string[], { logs }: Pick<Options, "logs">) =>
    attempt(() => {
      for (const { name } of addLogs(logs, keys)) process.stdout.write(`added ${name}\n`);
    }),
  );
program.parse();

function attempt(act: () => void): void {
  try {
    act();
  } catch (error) {
    const isOurs = [LogsError, MemoryError, WitnessKeyError].some((kind) => error instanceof kind);
    endWith(error, isOurs ? exitUsage : 1);
  }
}

function start({ data, name, logs, host, port }: Options): void {
  const log = (line: string) => process.stdout.write(`${line}\n`);
  const known = followedLogs(logs, log);
  const key = openWitnessKey(data, name);
  const memory = openMemory(data);
  const app = witnessApp({ logs: known, memory, key, now: () => new Date(), log });
  const server = serve({ fetch: app.fetch, hostname: host, port }, (address) => {
    log(`witness ready on http://${host}:${address.port}`);
    log(key.vkey);
    if (known().length === 0) log(`${logs} names no log yet: see add-log`);
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
