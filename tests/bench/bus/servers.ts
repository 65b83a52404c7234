// The bus under measurement, as a process of its own: with its store on disk, or with none.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChild } from "@niivo/local/processes";
import { nodeFlags } from "@niivo/service-bus/node-flags";

const main = fileURLToPath(import.meta.resolve("@niivo/service-bus/main"));
const key = { name: "bench", key: "key-of-the-bench" };

export interface BusServer {
  readonly kind: "durable" | "memory";
  readonly pid: number;
  readonly port: number;
  readonly connectionString: string;
  readonly key: { readonly name: string; readonly key: string };
  readonly startMs: number;
  readonly stop: () => Promise<void>;
}

/** @param name its files are called so; a name used before starts on what that server left. */
export async function startServer(
  folder: string,
  name: string,
  kind: BusServer["kind"],
): Promise<BusServer> {
  const configFile = join(folder, `${name}.json`);
  const dataDir = kind === "durable" ? { dataDir: join(folder, name) } : {};
  writeFileSync(configFile, JSON.stringify({ ...configOf(), ...dataDir }), { mode: 0o600 });
  const from = performance.now();
  const child = startChild({
    name,
    arguments: [...nodeFlags, main, "--config", configFile],
    environment: {},
    logFile: join(folder, `${name}.log`),
    ready: { line: "service-bus ready on 127.0.0.1:" },
  });
  const port = Number(await child.ready);
  return {
    kind,
    pid: child.pid,
    port,
    key,
    startMs: performance.now() - from,
    connectionString: `Endpoint=sb://127.0.0.1:${port};SharedAccessKeyName=${key.name};SharedAccessKey=${key.key};UseDevelopmentEmulator=true;`,
    stop: child.stop,
  };
}

/** The names to send to and to receive from. */
export const plain = { send: "plain", receive: "plain/Subscriptions/all" } as const;
export const withSessions = { send: "sessions", receive: "sessions/Subscriptions/all" } as const;

const configOf = () => ({
  port: 0,
  topics: [
    { name: "plain", subscriptions: [{ name: "all" }] },
    { name: "sessions", subscriptions: [{ name: "all", requiresSession: true }] },
  ],
  keys: [{ ...key, send: ["plain", "sessions"], listen: ["plain/all", "sessions/all"] }],
});
