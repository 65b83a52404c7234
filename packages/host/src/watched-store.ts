// The store, watched: a process whose commits fail says so at /readyz and in one line of its log, and says in
// another when they succeed again. It tries by itself, with back-off: it may have no message to try with.
//
// Nothing else changes. What failed is repeated by whoever asked for it, and nothing is acknowledged until then (H1).

import { backOffMs, pause } from "./back-off.ts";
import type { Logger } from "./logger.ts";
import { type Store, StoreError } from "./store.ts";

export interface WatchedStore {
  readonly store: Store;
  /** Why commits fail, in one line for the person who runs it; undefined while they do not. */
  readonly problem: () => string | undefined;
}

/** Written by the tries alone. It is no customer's partition, and nothing reads it. */
const probePartition = "store-probe";
const probeSeconds = 60;
/** A disk with less room than this is as good as full: a small commit may find some where a large one did not. */
const probe = { padding: "-".repeat(1024 * 1024) };
/** The back-off begins here: a file that was held for a moment is tried again before anybody asks. */
const firstFailures = 2;

export function watchedStore(store: Store, log: Logger): WatchedStore {
  const closing = new AbortController();
  let problem: string | undefined;

  const heard = (error: unknown): void => {
    if (!(error instanceof StoreError) || error.code !== "unavailable") return;
    if (problem !== undefined || closing.signal.aborted) return;
    problem = error.message;
    log.error({ err: error }, `the store fails: ${problem}; everything waits until it does not`);
    void tryAgain();
  };
  const tryAgain = async (): Promise<void> => {
    const since = performance.now();
    for (let failures = firstFailures; problem !== undefined; failures++) {
      await pause(backOffMs(failures), closing.signal);
      if (closing.signal.aborted) return;
      try {
        await store.commit(probePartition, [
          { kind: "upsert", id: "probe", body: probe, ttlSeconds: probeSeconds },
        ]);
        problem = undefined;
        const seconds = Math.ceil((performance.now() - since) / 1000);
        log.info({ seconds }, "the store can be written again");
      } catch (error) {
        if (error instanceof StoreError) problem = error.message; // It may be another by now.
      }
    }
  };
  const watched = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await work();
    } catch (error) {
      heard(error);
      throw error;
    }
  };

  return {
    problem: () => problem,
    store: {
      read: (partition, id) => watched(() => store.read(partition, id)),
      list: (partition, query) => watched(() => store.list(partition, query)),
      commit: (partition, operations) => watched(() => store.commit(partition, operations)),
      scrub: () => watched(() => store.scrub()),
      close: async () => {
        closing.abort();
        await store.close();
      },
    },
  };
}
