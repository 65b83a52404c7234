// A long queue: what waiting messages cost in memory, and what they cost those that pass through.

import { readFileSync } from "node:fs";
import { alone, type Comparison, compare } from "./rounds.ts";
import { type Options, type Peers, throughSdk } from "./scenarios.ts";
import { type BusServer, plain, startServer } from "./servers.ts";

const few = 1_000;
const passing = 10_000;

export interface BacklogFigures {
  readonly waiting: number;
  readonly fillPerSecond: number;
  readonly residentMiB: { readonly few: number; readonly many: number; readonly peak: number };
  readonly throughput: Comparison;
  /** A start with everything waiting, until it says that it is ready, and its memory then. */
  readonly restart: { readonly ms: number; readonly residentMiB: number };
}

export async function backlogs(
  peers: Peers,
  folder: string,
  { rounds, waiting, scale }: Options,
): Promise<BacklogFigures> {
  const short = await startServer(folder, "few", "durable");
  const long = await startServer(folder, "many", "durable");
  const contender = (name: string, server: BusServer) => ({
    name,
    run: () => throughSdk(peers, server, "concurrent", Math.ceil(passing * scale)),
  });
  try {
    // Both have done the same work before, so that what differs is the backlog.
    await fill(peers, short, few);
    await fill(peers, long, few);
    const contenders = [contender("few", short), contender("many", long)];
    await compare(1, contenders);
    const fewMiB = memoryOf(long).resident;
    const fillPerSecond = await fill(peers, long, waiting - few);
    const throughput = await compare(rounds, contenders);
    const { resident, peak } = memoryOf(long);
    await long.stop();
    const again = await startServer(folder, "many", "durable");
    const restart = { ms: again.startMs, residentMiB: memoryOf(again).resident };
    await again.stop();
    const residentMiB = { few: fewMiB, many: resident, peak };
    return { waiting, fillPerSecond, residentMiB, throughput, restart };
  } finally {
    await short.stop();
    await long.stop();
  }
}

async function fill(peers: Peers, server: BusServer, count: number): Promise<number> {
  const { connectionString } = server;
  const queue = plain.send;
  const job = { kind: "sdk-fill", withSessions: false, connectionString, queue, count } as const;
  return (await alone(peers.sender, job)).perSecond;
}

function memoryOf({ pid }: BusServer): { readonly resident: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const mib = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
  return { resident: mib("VmRSS"), peak: mib("VmHWM") };
}
