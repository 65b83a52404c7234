// Paired rounds: in each round every contender runs once, in turn, so that what else the machine does
// at a time falls on all of them. Figures are medians; ratios are medians of the rounds' own ratios.

import { usageOf } from "../process-usage.ts";
import type { Job, Times } from "./job.ts";
import type { Peer } from "./peer.ts";

export interface Run {
  readonly perSecond: number;
  readonly eachMs: readonly number[];
  /** CPU of the server for one message, in microseconds. */
  readonly serverMicros: number;
}

export interface Contender {
  readonly name: string;
  readonly run: () => Promise<Run>;
}

interface Figures {
  readonly perSecond: number;
  readonly lowest: number;
  readonly highest: number;
  readonly serverMicros: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
}

export interface Comparison {
  readonly figures: Readonly<Record<string, Figures>>;
  /** Of each contender to the first one. */
  readonly ratios: Readonly<Record<string, number>>;
}

export async function compare(
  rounds: number,
  contenders: readonly Contender[],
): Promise<Comparison> {
  const runs = new Map<string, Run[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    // Every second round goes the other way, so that nobody always runs behind the same one.
    const order = round % 2 === 0 ? contenders : contenders.toReversed();
    for (const { name, run } of order) runs.get(name)?.push(await run());
  }
  const first = runs.get(contenders[0]?.name ?? "") ?? [];
  const entries = [...runs];
  return {
    figures: Object.fromEntries(entries.map(([name, some]) => [name, figuresOf(some)])),
    ratios: Object.fromEntries(
      entries.map(([name, some]) => [
        name,
        median(some.map((run, at) => run.perSecond / (first[at]?.perSecond ?? Number.NaN))),
      ]),
    ),
  };
}

/** One sender and one receiver that begin together, until the last completion. */
export async function sendAndReceive(
  peers: { readonly sender: Peer; readonly receiver: Peer },
  jobs: { readonly send: Job; readonly receive: Job },
  serverPid: number,
): Promise<Run> {
  const before = usageOf({ name: "server", pid: serverPid }).cpuMs;
  const receive = await peers.receiver.prepare(jobs.receive);
  const send = await peers.sender.prepare(jobs.send);
  const [received, sent] = await Promise.all([receive(), send()]);
  const after = usageOf({ name: "server", pid: serverPid }).cpuMs;
  const startedAt = Math.min(sent.startedAt, received.startedAt);
  const endedAt = Math.max(sent.endedAt, received.endedAt);
  return runOf(jobs.send.count, startedAt, endedAt, sent.eachMs, after - before);
}

/** One process alone. */
export async function alone(peer: Peer, job: Job, serverPid?: number): Promise<Run> {
  const cpuMs = () =>
    serverPid === undefined ? 0 : usageOf({ name: "server", pid: serverPid }).cpuMs;
  const before = cpuMs();
  const times: Times = await (await peer.prepare(job))();
  return runOf(job.count, times.startedAt, times.endedAt, times.eachMs, cpuMs() - before);
}

function runOf(
  count: number,
  startedAt: number,
  endedAt: number,
  eachMs: readonly number[],
  cpuMs: number,
): Run {
  return {
    perSecond: count / ((endedAt - startedAt) / 1000),
    eachMs,
    serverMicros: (cpuMs * 1000) / count,
  };
}

function figuresOf(runs: readonly Run[]): Figures {
  const rates = runs.map(({ perSecond }) => perSecond);
  const each = runs.flatMap(({ eachMs }) => eachMs).sort((a, b) => a - b);
  return {
    perSecond: median(rates),
    lowest: Math.min(...rates),
    highest: Math.max(...rates),
    serverMicros: median(runs.map(({ serverMicros }) => serverMicros)),
    p50Ms: each[Math.floor(each.length * 0.5)],
    p99Ms: each[Math.floor(each.length * 0.99)],
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[middle - 1], sorted[middle]];
  if (high === undefined) return Number.NaN;
  return sorted.length % 2 === 1 || low === undefined ? high : (low + high) / 2;
}
