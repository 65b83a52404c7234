// Everything a run leaves behind or shows, except the places where a secret belongs: the emulated tenants
// (they are the world: the vault is in there), the key files, and the federated token files.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { identities } from "@niivo/contracts/topology";
import { readCanaries } from "@niivo/tenant/canaries";
import { readShown } from "@niivo/tenant/shown";
import { type Canary, fileSinks, journalSinks, type Sink } from "./leaks.ts";
import { serviceFiles } from "./service-environment.ts";

/** Every secret of a run: what the tenants made or saw, and the bus keys. */
export function runCanaries(dataDir: string): readonly Canary[] {
  const files = serviceFiles(dataDir);
  return [
    ...readCanaries(join(dataDir, "tenant")),
    ...identities.map((identity) => ({
      kind: "bus-key",
      value: readFileSync(files.busKey(identity), "utf8").trim(),
    })),
  ];
}

/** @param chains the exported entries, by customer. */
export function runSinks(dataDir: string, chains: ReadonlyMap<string, string>): readonly Sink[] {
  const files = serviceFiles(dataDir);
  const shown = readShown(join(dataDir, "tenant"));
  const text = (name: string, content: string): Sink => ({ name, bytes: Buffer.from(content) });
  return [
    ...journalSinks(files.journal),
    ...fileSinks("bus", join(dataDir, "bus")).filter(({ name }) => !name.endsWith(".jsonl")),
    ...fileSinks("store", join(dataDir, "stores")),
    ...fileSinks("log", join(dataDir, "logs")),
    text("telemetry", readFileSync(files.tracesJournal, "utf8")),
    text("configuration: customers", readFileSync(files.customers, "utf8")),
    text("configuration: bus", readFileSync(files.busConfig, "utf8")),
    text("prompts", shown.prompts.join("\n")),
    text("chats and cards", shown.chats.join("\n")),
    ...[...chains].map(([customer, entries]) => text(`chain: ${customer}`, entries)),
  ];
}

/** The environment and command line of processes, where the system lets us read them (Linux). */
export function processSinks(processes: readonly { name: string; pid: number }[]): readonly Sink[] {
  if (process.platform !== "linux") return [];
  return processes.flatMap(({ name, pid }) => [
    { name: `environment: ${name}`, bytes: readFileSync(`/proc/${pid}/environ`) },
    { name: `command line: ${name}`, bytes: readFileSync(`/proc/${pid}/cmdline`) },
  ]);
}
