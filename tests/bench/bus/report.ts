// The bench's figures as a table for people; the JSON line beside it is for programs.

import type { Machine } from "../machine.ts";
import type { BacklogFigures } from "./backlogs.ts";
import type { PlainFigures } from "./plain-clients.ts";
import type { Comparison } from "./rounds.ts";
import type { SdkFigures } from "./scenarios.ts";

export interface Result {
  readonly at: string;
  readonly seconds: number;
  readonly machine: Machine;
  readonly sdk: SdkFigures;
  readonly amqp: PlainFigures;
  readonly waiting: BacklogFigures;
}

export function table({ at, seconds, machine, sdk, amqp, waiting }: Result): string {
  const { residentMiB, restart } = waiting;
  return [
    `${at}, ${seconds} s, ${machine.cores} cores, Node ${machine.node}, load before: ${machine.load}`,
    "",
    row(
      "messages a second, @azure/service-bus",
      "median",
      "lowest",
      "highest",
      "of first",
      "p50 ms",
      "p99 ms",
      "CPU µs",
    ),
    ...rows("awaited single sends", sdk.awaited),
    ...rows("100 single sends at once", sdk.concurrent),
    ...rows("batches of 100", sdk.batch),
    ...rows("session cycles, one worker", sdk.sessions),
    ...rows("node:sqlite alone, rows in and out", sdk.sqlite),
    "",
    row(
      `plain AMQP clients; RabbitMQ: ${amqp.rabbit}`,
      "median",
      "lowest",
      "highest",
      "of first",
      "",
      "",
      "CPU µs",
    ),
    ...Object.entries(amqp.inFlight).flatMap(([width, one]) => rows(`${width} in flight`, one)),
    "",
    row(
      `${waiting.waiting} messages waiting`,
      "median",
      "lowest",
      "highest",
      "of first",
      "",
      "",
      "CPU µs",
    ),
    ...rows("100 single sends at once", waiting.throughput),
    row("filling, messages a second", waiting.fillPerSecond),
    row("resident MiB: few, many, peak", residentMiB.few, residentMiB.many, residentMiB.peak),
    row("restart: ms, resident MiB", restart.ms, restart.residentMiB),
    "",
  ].join("\n");
}

const rows = (name: string, { figures, ratios }: Comparison): string[] => [
  name,
  ...Object.entries(figures).map(([contender, one]) =>
    row(
      `  ${contender}`,
      one.perSecond,
      one.lowest,
      one.highest,
      `${Math.round((ratios[contender] ?? Number.NaN) * 100)} %`,
      one.p50Ms ?? "",
      one.p99Ms ?? "",
      one.serverMicros,
    ),
  ),
];

const row = (name: string, ...cells: readonly (string | number)[]): string =>
  [name.padEnd(46), ...cells.map((cell) => shown(cell).padStart(10))].join("");

const shown = (cell: string | number): string =>
  typeof cell === "string" ? cell : cell.toFixed(cell < 100 ? 1 : 0);
