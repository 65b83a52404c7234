// `npm run bench:bus`: what the local Service Bus can do, each figure beside the limit measured in the same
// run: the same clients against the same server without a store, node:sqlite by itself, and RabbitMQ
// with the same plain AMQP clients. Server, sender and receiver are processes of their own.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { backlogs } from "./bus/backlogs.ts";
import { startPeer } from "./bus/peer.ts";
import { plainClients } from "./bus/plain-clients.ts";
import { table } from "./bus/report.ts";
import { sdkClients } from "./bus/scenarios.ts";
import { startServer } from "./bus/servers.ts";
import { machineOf } from "./machine.ts";

const program = new Command("npm run bench:bus --")
  .description(
    "Measures the local Service Bus: through the SDK, beside RabbitMQ, with many waiting.",
  )
  .option("--quick", "one round, a tenth of the messages, 100,000 waiting: to see that it works")
  .option("--rounds <n>", "paired rounds of each comparison", Number, 5)
  .option("--waiting <n>", "messages that wait in the large backlog", Number, 1_000_000)
  .parse();
const given = program.opts<{ quick?: boolean; rounds: number; waiting: number }>();
const options =
  given.quick === true
    ? { rounds: 1, waiting: Math.min(given.waiting, 100_000), scale: 0.1 }
    : { rounds: given.rounds, waiting: given.waiting, scale: 1 };

const machine = machineOf();
const startedAt = Date.now();
const folder = mkdtempSync(join(tmpdir(), "niivo-bench-bus-"));
const peers = { sender: startPeer(), receiver: startPeer() };
try {
  const durable = await startServer(folder, "durable", "durable");
  const memory = await startServer(folder, "memory", "memory");
  const servers = { durable, memory };
  const sdk = await sdkClients(peers, servers, folder, options);
  const amqp = await plainClients(peers, servers, folder, options);
  await memory.stop();
  await durable.stop();
  const waiting = await backlogs(peers, folder, options);
  const at = new Date(startedAt).toISOString();
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  const result = { at, seconds, machine, options, sdk, amqp, waiting };
  process.stdout.write(`${table(result)}\n${JSON.stringify(result, rounded)}\n`);
} finally {
  await Promise.all([peers.sender.stop(), peers.receiver.stop()]);
  rmSync(folder, { recursive: true, force: true });
}

/** Four significant digits: more would be noise. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value)
    ? Number(value.toPrecision(4))
    : value;
}
