// Scheduled messages of the whole namespace: kept in the store, delivered when they fall due (T3).

import { limits } from "../limits.ts";
import { rowState } from "../store/row-state.ts";
import type { Store } from "../store/store.ts";
import { parseStored } from "../wire/incoming-message.ts";
import { createAlarm } from "./alarm.ts";
import { type LiveQueue, type LiveTopic, takeInto } from "./live.ts";

export interface Scheduler {
  at(time: number): void;
  /** Withdraws scheduled messages of an entity, all or none; false when one is not scheduled there. */
  cancel(live: LiveQueue | LiveTopic, sequences: readonly number[]): boolean;
  stop(): void;
}

/** `find` answers the entity of a queue number of the store, if it still exists. */
export function createScheduler(
  store: Store,
  clock: () => number,
  find: (queue: number) => LiveQueue | LiveTopic | undefined,
): Scheduler {
  const alarm = createAlarm(clock, enqueueDue);

  function enqueueDue(): void {
    const now = clock();
    if (store.isWriting()) {
      alarm.at(now + 1);
      return;
    }
    for (const stored of store.messages.due(now, limits.expireBatch)) {
      const live = find(stored.queue);
      if (live === undefined) continue;
      // Its place is where it falls due: it gets a new number.
      const message = parseStored(stored.raw);
      const enqueuedSequence = live.kind === "topic" ? store.nextNumber() : undefined;
      const transfer = { message, hops: 0, enqueuedSequence, source: null, body: null };
      takeInto(store, live, transfer, now);
      store.messages.remove(stored);
    }
    store.afterCommit(
      () => setAlarm(now),
      () => alarm.at(clock() + limits.storeRetryMs),
    );
  }
  function setAlarm(now: number): void {
    const next = store.messages.nextDue();
    // What belongs to an entity that is not served stays, and must not ring again at once.
    if (next !== undefined) alarm.at(Math.max(next, now + limits.expirePauseMs));
  }
  alarm.at(store.messages.nextDue() ?? Number.POSITIVE_INFINITY);
  return {
    at: alarm.at,
    stop: alarm.stop,
    cancel(live, sequences) {
      const rows = [...new Set(sequences)].map((sequence) => store.messages.read(sequence));
      const isScheduled = rows.every(
        (row) => row?.queue === live.row.id * 4 && row.state === rowState.scheduled,
      );
      if (!isScheduled) return false;
      for (const row of rows) if (row !== undefined) store.messages.remove(row);
      return true;
    },
  };
}
