// Times of actions, read from the evidence: every entry carries when its publisher decided it, to the
// millisecond. A cycle begins when the agent decides to ask and ends when the agent, having its outcome,
// decides what comes next; so it holds every commit, send and delivery between.

import { Entry } from "@niivo/contracts/evidence";

export interface Cycle {
  readonly tool: string;
  readonly requestedAt: number;
  readonly endedAt: number;
  /** Milliseconds from one event of the action to the next, in their order. */
  readonly hops: readonly { readonly hop: string; readonly ms: number }[];
}

/** @param jsonl canonical entries, one a line, in the order of the chain. */
export function cyclesOf(jsonl: string): readonly Cycle[] {
  const entries = jsonl
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Entry.parse(JSON.parse(line)));
  const tickets = Map.groupBy(entries, ({ ticket }) => ticket?.id ?? "");
  tickets.delete("");
  return [...tickets.values()].flatMap(cyclesOfTicket);
}

const steps = new Set([
  "action.requested.v1",
  "facts.requested.v1",
  "facts.attested.v1",
  "action.allowed.v1",
  "action.started.v1",
  "action.completed.v1",
]);
const turnTypes = new Set(["action.requested.v1", "ticket.resolved.v1"]);

function cyclesOfTicket(entries: readonly Entry[]): readonly Cycle[] {
  const turns = entries.filter(({ type }) => turnTypes.has(type));
  return turns.flatMap((requested, index): readonly Cycle[] => {
    const next = turns[index + 1];
    const { tool, id } = requested.action ?? {};
    if (next === undefined || tool === undefined) return [];
    const own = entries.filter(({ action, type }) => action?.id === id && steps.has(type));
    if (own.at(-1)?.type !== "action.completed.v1") return [];
    const path = [...own, { type: "agent goes on", occurredAt: next.occurredAt }];
    const hops = path.slice(1).map((to, at) => {
      const from = path[at] ?? to;
      const ms = Date.parse(to.occurredAt) - Date.parse(from.occurredAt);
      return { hop: `${shortName(from.type)} > ${shortName(to.type)}`, ms };
    });
    const requestedAt = Date.parse(requested.occurredAt);
    return [{ tool, requestedAt, endedAt: Date.parse(next.occurredAt), hops }];
  });
}

const shortName = (type: string): string => type.replace(/\.v\d+$/, "");

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** Nearest-rank percentiles. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, two) => one - two);
  const at = (part: number) =>
    sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

export const cycleSpread = (cycles: readonly Cycle[]): Spread =>
  spreadOf(cycles.map(({ requestedAt, endedAt }) => endedAt - requestedAt));

/** Actions per second between the first request and the last outcome. */
export function ratePerSecond(cycles: readonly Cycle[]): number {
  const from = Math.min(...cycles.map(({ requestedAt }) => requestedAt));
  const to = Math.max(...cycles.map(({ endedAt }) => endedAt));
  return (cycles.length / (to - from)) * 1000;
}
