// The bus as a process of its own, which a test may kill without warning and ask for its memory.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Footprint } from "./footprint.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const reportMemory = fileURLToPath(new URL("./report-memory.ts", import.meta.url));

export interface BusProcess {
  readonly port: number;
  /** All that it said: one line for each connection that broke the protocol, and its last words. */
  readonly output: () => string;
  readonly isAlive: () => boolean;
  readonly footprint: () => Promise<Footprint>;
  /** SIGKILL, as a power cut is to a process. */
  readonly kill: () => Promise<void>;
}

export interface BusFolder extends AsyncDisposable {
  /** Starts the bus on the data that the last one left. */
  readonly start: () => Promise<BusProcess>;
}

/**
 * A folder for one bus; disposing it ends what runs on it and removes it.
 * @param config in any of the formats of the command's configuration file.
 */
export function createBusFolder(config: object): BusFolder {
  const folder = mkdtempSync(join(tmpdir(), "service-bus-endurance-"));
  const children: ChildProcess[] = [];
  return {
    start: async () => {
      const file = join(folder, "config.json");
      writeFileSync(file, JSON.stringify(config));
      const preloads = ["--expose-gc", "--import", reportMemory];
      const options = ["--config", file, "--data", join(folder, "store")];
      const child = spawn(process.execPath, [...preloads, main, ...options], {
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      });
      children.push(child);
      return started(child);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(children.map(kill));
      rmSync(folder, { recursive: true });
    },
  };
}

async function started(child: ChildProcess): Promise<BusProcess> {
  if (child.stdout === null || child.stderr === null) throw new Error("no output");
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-100_000);
  });
  const died = once(child, "exit").then(() => {
    throw new Error(`the bus ended: ${output}`);
  });
  died.catch(() => undefined);
  const lines = createInterface(child.stdout);
  const [line] = await Promise.race([once(lines, "line"), died]);
  return {
    port: Number(/ready on 127\.0\.0\.1:(\d+)/.exec(line)?.[1]),
    output: () => output,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    footprint: async () => {
      const answered = once(child, "message");
      child.send("footprint");
      const [answer] = await Promise.race([answered, died]);
      return Footprint.parse(answer);
    },
    kill: () => kill(child),
  };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
