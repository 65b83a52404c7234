// What the demo tells: progress while it runs, then a summary for people and one JSON line for machines.

import colors from "picocolors";
import type { Verification } from "./client.ts";
import type { Search } from "./leaks.ts";
import type { Outcome } from "./scenarios.ts";

export interface Results {
  readonly outcomes: readonly Outcome[];
  readonly chains: ReadonlyMap<string, Verification>;
  /** Of the replies that reached a chat. */
  readonly languages: readonly string[];
  readonly search: Search;
  /** Tickets whose spans form one connected trace. */
  readonly traces: number;
  readonly json: boolean;
  readonly durationMs: number;
}

export function step(text: string): void {
  process.stdout.write(`  ${colors.dim("·")} ${text}\n`);
}

/** Prints the summary. True when everything was as expected. */
export function report(results: Results): boolean {
  const { outcomes, chains, search } = results;
  const verified = [...chains.values()].every(({ verdict }) => verdict === "OK");
  const expected = outcomes.every(({ problems }) => problems.length === 0);
  const traced = results.traces === outcomes.length;
  const ok = verified && expected && traced && search.leaks.length === 0;
  process.stdout.write(`${summary(results, ok).join("\n")}\n`);
  if (results.json) process.stdout.write(`${JSON.stringify(figures(results, verified))}\n`);
  return ok;
}

function figures(results: Results, verified: boolean) {
  const { outcomes, chains, languages, search, traces, durationMs } = results;
  const trail = outcomes.flatMap((outcome) => outcome.trail);
  const count = (type: string) => trail.filter((entry) => entry.type.startsWith(type)).length;
  return {
    tickets: outcomes.length,
    resolved: outcomes.filter(({ status }) => status.status === "resolved").length,
    escalated: outcomes.filter(({ status }) => status.status === "escalated").length,
    denied: count("action.denied"),
    approved: count("approval.granted"),
    refused: count("approval.refused"),
    languages,
    notified: count("notice.posted"),
    unverified: count("reply.recorded"),
    entries: [...chains.values()].reduce((sum, { entries }) => sum + entries, 0),
    verify: verified ? "ok" : "broken",
    traces,
    leaks: search.leaks.length,
    canaries: search.canaries,
    sinks: search.sinks,
    searchedBytes: search.searchedBytes,
    durationMs,
  };
}

function summary(results: Results, ok: boolean): readonly string[] {
  const { outcomes, chains, search } = results;
  const shown = outcomes.find(({ trail }) =>
    trail.some(({ type }) => type.startsWith("approval.granted")),
  );
  const shownOutcomes = outcomes.length > 12 ? outcomes.filter(isNotable) : outcomes;
  return [
    "",
    ...(shown === undefined
      ? []
      : [
          colors.bold(`The trail of "${shown.name}"`),
          ...shown.trail.map(({ line }) => `  ${line}`),
          "",
        ]),
    colors.bold("Tickets"),
    ...shownOutcomes.flatMap((outcome) => [
      `  ${mark(outcome.problems.length === 0)} ${outcome.name}: ${outcome.status.status}`,
      ...outcome.problems.map((problem) => `      ${colors.red(problem)}`),
    ]),
    ...(shownOutcomes.length < outcomes.length
      ? [`  ${mark(true)} and ${outcomes.length - shownOutcomes.length} more that ended`]
      : []),
    "",
    colors.bold("Chains"),
    ...[...chains].flatMap(([customer, { verdict, entries, findings }]) => [
      `  ${mark(verdict === "OK")} ${customer}: ${verdict}, ${entries} entries`,
      ...(verdict === "OK" ? [] : findings).map(
        (one) => `      ${colors.red(`entry ${one.from}: ${one.code} ${one.detail}`)}`,
      ),
    ]),
    "",
    colors.bold("Traces"),
    `  ${mark(results.traces === outcomes.length)} ${results.traces} of ${outcomes.length} tickets are one connected trace`,
    "",
    colors.bold("Secrets"),
    `  ${mark(search.leaks.length === 0)} ${search.canaries} secrets searched for in ${search.sinks} places (${(search.searchedBytes / 1e6).toFixed(1)} MB): ${search.leaks.length} found`,
    ...search.leaks.map(({ kind, sink }) => `      ${colors.red(`${kind} in ${sink}`)}`),
    "",
    ok
      ? colors.green(`All as expected, in ${(results.durationMs / 1000).toFixed(1)} s.`)
      : colors.red("NOT as expected: see above."),
  ];
}

const isNotable = ({ problems, name }: Outcome) =>
  problems.length > 0 || !name.startsWith("ticket ");
const mark = (good: boolean) => (good ? colors.green("✓") : colors.red("✗"));
