// What is measured through @azure/service-bus: each way of sending, and session cycles, with and
// without a store; and what SQLite alone can do in the meantime.

import type { Peer } from "./peer.ts";
import { alone, type Comparison, compare, type Run, sendAndReceive } from "./rounds.ts";
import { type BusServer, plain, withSessions } from "./servers.ts";

export interface Options {
  readonly rounds: number;
  readonly waiting: number;
  /** Of the message counts below. */
  readonly scale: number;
}
export interface Peers {
  readonly sender: Peer;
  readonly receiver: Peer;
}
export interface Servers {
  readonly durable: BusServer;
  readonly memory: BusServer;
}

/** About one to two seconds a run on two cores. */
const counts = { awaited: 1_500, concurrent: 10_000, batch: 15_000, sessions: 300, sqlite: 20_000 };
const sqliteGroups = [1, 10, 100];

export interface SdkFigures {
  readonly awaited: Comparison;
  readonly concurrent: Comparison;
  readonly batch: Comparison;
  readonly sessions: Comparison;
  readonly sqlite: Comparison;
}

export async function sdkClients(
  peers: Peers,
  servers: Servers,
  folder: string,
  { rounds, scale }: Options,
): Promise<SdkFigures> {
  const both = (count: number, run: (server: BusServer, count: number) => Promise<Run>) =>
    [servers.memory, servers.durable].map((server) => ({
      name: server.kind,
      run: () => run(server, Math.ceil(count * scale)),
    }));
  const sends = (how: "awaited" | "concurrent" | "batch") =>
    both(counts[how], (server, count) => throughSdk(peers, server, how, count));
  const sessions = both(counts.sessions, (server, count) => cycles(peers, server, count));
  const sqlite = sqliteGroups.map((group) => ({
    name: `${group} a commit`,
    run: () => alone(peers.sender, { kind: "sqlite", folder, group, count: rowsOf(group, scale) }),
  }));
  // The first runs compile the code of four processes; they count for nobody.
  await compare(1, [
    ...both(2_000, (server, count) => throughSdk(peers, server, "concurrent", count)),
  ]);
  return {
    awaited: await compare(rounds, sends("awaited")),
    concurrent: await compare(rounds, sends("concurrent")),
    batch: await compare(rounds, sends("batch")),
    sessions: await compare(rounds, sessions),
    sqlite: await compare(rounds, sqlite),
  };
}

// One row a commit costs a disk flush each: a tenth of the rows says as much.
const rowsOf = (group: number, scale: number) =>
  Math.ceil((counts.sqlite * scale * (group === 1 ? 0.1 : 1)) / group) * group;

export function throughSdk(
  peers: Peers,
  { connectionString, pid }: BusServer,
  how: "awaited" | "concurrent" | "batch",
  count: number,
): Promise<Run> {
  const send = { kind: "sdk-send", how, connectionString, queue: plain.send, count } as const;
  const receive = { kind: "sdk-receive", connectionString, queue: plain.receive, count } as const;
  return sendAndReceive(peers, { send, receive }, pid);
}

async function cycles(peers: Peers, server: BusServer, count: number): Promise<Run> {
  const { connectionString, pid } = server;
  const fill = await peers.sender.prepare({
    kind: "sdk-fill",
    withSessions: true,
    connectionString,
    queue: withSessions.send,
    count,
  });
  await fill();
  const queue = withSessions.receive;
  return alone(peers.receiver, { kind: "sdk-sessions", connectionString, queue, count }, pid);
}
