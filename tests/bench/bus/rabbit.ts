// RabbitMQ from Debian with its AMQP 1.0 plugin, as a plain process of the bench: own folder, own ports,
// loopback only, stopped by its process id.

import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const program = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const readyMs = 60_000;

export interface Rabbit {
  readonly port: number;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** @returns why it cannot be compared with, where it is not installed. */
export async function startRabbit(folder: string): Promise<Rabbit | string> {
  if (!existsSync(program)) return "skipped: rabbitmq-server is not installed";
  mkdirSync(folder);
  const [port, distribution, names] = [await freePort(), await freePort(), await freePort()];
  const pidFile = join(folder, "pid");
  writeFileSync(join(folder, "plugins"), "[rabbitmq_amqp1_0].\n");
  const environment = environmentOf(folder, port, distribution, names);
  const child = spawn(program, { env: environment, stdio: ["ignore", "pipe", "ignore"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const gone = once(child, "exit");
  const stop = async () => {
    if (existsSync(pidFile)) process.kill(Number(readFileSync(pidFile, "utf8")), "SIGTERM");
    else child.kill();
    await gone;
    // The name daemon that Erlang started for this node alone, on a port of its own.
    spawnSync("/usr/bin/epmd", ["-kill"], { env: environment });
  };
  const endsAt = Date.now() + readyMs;
  while (!output.includes("completed with")) {
    if (Date.now() > endsAt || child.exitCode !== null) {
      await stop();
      return `skipped: rabbitmq-server did not start: ${output.slice(-300)}`;
    }
    await delay(100);
  }
  return { port, pid: Number(readFileSync(pidFile, "utf8")), stop };
}

const environmentOf = (folder: string, port: number, distribution: number, names: number) => ({
  PATH: "/usr/bin:/bin:/usr/sbin:/sbin",
  HOME: folder,
  RABBITMQ_NODENAME: "bench@localhost",
  RABBITMQ_MNESIA_BASE: join(folder, "data"),
  RABBITMQ_LOG_BASE: join(folder, "log"),
  RABBITMQ_PID_FILE: join(folder, "pid"),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "plugins"),
  RABBITMQ_CONFIG_FILE: join(folder, "none"),
  RABBITMQ_CONF_ENV_FILE: join(folder, "none"),
  RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
  RABBITMQ_NODE_PORT: String(port),
  RABBITMQ_DIST_PORT: String(distribution),
  ERL_EPMD_PORT: String(names),
  ERL_EPMD_ADDRESS: "127.0.0.1",
  // Without busy waiting it does not take CPU from the others while it has nothing to do.
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
    "+sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
