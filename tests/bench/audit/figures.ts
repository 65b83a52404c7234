// What the measurements of evidence share: how long, how much CPU, and what stands in the middle of several rounds.

import { DatabaseSync, type StatementSync } from "node:sqlite";

/** How much is measured, and where its files are. */
export interface Extent {
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly folder: string;
}

export const customer = "contoso";

export const rate = (count: number, ms: number): number => Math.round((count / ms) * 1000);

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** @param sorted ascending. @param part from 0 to 1. */
export const at = (sorted: readonly number[], part: number): number =>
  rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0, 3);

export const ascending = (values: readonly number[]): readonly number[] =>
  [...values].sort((one, other) => one - other);

export const median = (values: readonly number[]): number => at(ascending(values), 0.5);

export interface Spent {
  readonly ms: number;
  /** Of all threads of this process, which other work on the machine does not lengthen by waiting. */
  readonly cpuMicros: number;
}

export async function spent(work: () => Promise<void> | void): Promise<Spent> {
  const [cpu, from] = [process.cpuUsage(), performance.now()];
  await work();
  const ms = performance.now() - from;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMicros: user + system };
}

export function take<T>(source: Iterator<T>, count: number): T[] {
  const taken: T[] = [];
  while (taken.length < count) {
    const { done, value } = source.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}

/** A table of bytes alone, as durable as the store: the least that keeping entries costs. */
export function bareTable(file: string): { raw: DatabaseSync; insert: StatementSync } {
  const raw = new DatabaseSync(file);
  raw.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
  raw.exec("CREATE TABLE entries (seq INTEGER PRIMARY KEY, bytes TEXT NOT NULL) STRICT");
  return { raw, insert: raw.prepare("INSERT INTO entries VALUES (?, ?)") };
}
