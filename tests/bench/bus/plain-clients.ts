// The same plain AMQP clients against this bus and against RabbitMQ: durable messages, settled one by one.

import { join } from "node:path";
import type { Amqp } from "./job.ts";
import { startRabbit } from "./rabbit.ts";
import { type Comparison, type Contender, compare, sendAndReceive } from "./rounds.ts";
import type { Options, Peers, Servers } from "./scenarios.ts";
import { type BusServer, plain } from "./servers.ts";

const flights = [
  { inFlight: 1, count: 2_000 },
  { inFlight: 100, count: 15_000 },
  { inFlight: 1_000, count: 15_000 },
];

export interface PlainFigures {
  /** Why RabbitMQ is not among the figures. */
  readonly rabbit: string;
  readonly inFlight: Readonly<Record<string, Comparison>>;
}

export async function plainClients(
  peers: Peers,
  { durable, memory }: Servers,
  folder: string,
  { rounds, scale }: Options,
): Promise<PlainFigures> {
  const rabbit = await startRabbit(join(folder, "rabbit"));
  const inFlight: Record<string, Comparison> = {};
  try {
    for (const flight of flights) {
      const count = Math.ceil(flight.count * scale);
      const contender = (name: string, pid: number, send: Amqp, receive: Amqp): Contender => ({
        name,
        run: () =>
          sendAndReceive(
            peers,
            {
              send: { kind: "rhea-send", inFlight: flight.inFlight, count, amqp: send },
              receive: { kind: "rhea-receive", count, amqp: receive },
            },
            pid,
          ),
      });
      const ours = ({ kind, pid, port, key }: BusServer) =>
        contender(
          kind,
          pid,
          { port, address: plain.send, sas: key },
          { port, address: plain.receive, sas: key },
        );
      const contenders = [ours(durable), ours(memory)];
      if (typeof rabbit !== "string") {
        const amqp = { port: rabbit.port, address: "/queue/bench" };
        contenders.unshift(contender("RabbitMQ", rabbit.pid, amqp, amqp));
      }
      await compare(1, contenders);
      inFlight[String(flight.inFlight)] = await compare(rounds, contenders);
    }
  } finally {
    if (typeof rabbit !== "string") await rabbit.stop();
  }
  return { rabbit: typeof rabbit === "string" ? rabbit : "compared", inFlight };
}
