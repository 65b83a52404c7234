// How many messages each queue has, and how large they are: counted once at the start, then kept up.

import type { DatabaseSync } from "node:sqlite";
import { type RowState, rowState } from "./row-state.ts";

export interface QueueCounts {
  active: number;
  deferred: number;
  scheduled: number;
  bytes: number;
}

interface Counted {
  readonly queue: number;
  readonly state: RowState;
  readonly size: number;
}

export function createCounts(database: DatabaseSync) {
  const counted = new Map<number, QueueCounts>();
  const totals = database.prepare(
    "SELECT queue, state, COUNT(*) AS count, SUM(size) AS bytes FROM messages GROUP BY queue, state",
  );
  const countsOf = (queue: number): QueueCounts => {
    const known = counted.get(queue);
    if (known !== undefined) return known;
    const made = { active: 0, deferred: 0, scheduled: 0, bytes: 0 };
    counted.set(queue, made);
    return made;
  };
  const add = (queue: number, state: number, messages: number, bytes: number): void => {
    const counts = countsOf(queue);
    if (state === rowState.active) counts.active += messages;
    else if (state === rowState.deferred) counts.deferred += messages;
    else counts.scheduled += messages;
    counts.bytes += bytes;
  };
  const recount = (): void => {
    for (const counts of counted.values()) {
      Object.assign(counts, { active: 0, deferred: 0, scheduled: 0, bytes: 0 });
    }
    for (const row of totals.iterate()) {
      const number = (name: string) => Number(row[name]);
      add(number("queue"), number("state"), number("count"), number("bytes"));
    }
  };
  recount();
  return {
    countsOf,
    recount,
    count: ({ queue, state, size }: Counted, by: 1 | -1) => add(queue, state, by, by * size),
    forget: (queue: number) => void counted.delete(queue),
  };
}
