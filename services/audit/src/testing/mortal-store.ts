// A store whose process dies at a chosen step: from then on nothing it is asked is ever answered.

import { memoryStore } from "@niivo/host/memory-store";
import type { Store } from "@niivo/host/store";

export interface MortalStore {
  /** As the process sees it. */
  readonly store: Store;
  /** What it left, as its successor finds it. */
  readonly left: Store;
  /** Resolves when it died. */
  readonly died: Promise<void>;
  /** Reads, lists and commits so far. */
  readonly steps: () => number;
  /** Which of them were commits. */
  readonly commits: () => readonly number[];
}

/**
 * @param diesAt the number of the read, list or commit that is never answered; `Infinity` for none.
 * @param isApplied whether a commit at which it dies is on the disk all the same.
 */
export function mortalStore(
  left: Store = memoryStore(),
  diesAt = Number.POSITIVE_INFINITY,
  isApplied = false,
): MortalStore {
  const { promise: died, resolve } = Promise.withResolvers<void>();
  let steps = 0;
  const commits: number[] = [];
  const step = async <Answer>(work: () => Promise<Answer>, isCommit = false): Promise<Answer> => {
    steps += 1;
    if (isCommit) commits.push(steps);
    if (steps < diesAt) return work();
    if (steps === diesAt && isCommit && isApplied) await work();
    resolve();
    return new Promise<never>(() => {});
  };
  return {
    store: {
      read: (partition, id) => step(() => left.read(partition, id)),
      list: (partition, query) => step(() => left.list(partition, query)),
      scrub: () => step(() => left.scrub(), true),
      commit: (partition, operations) => step(() => left.commit(partition, operations), true),
      close: async () => {},
    },
    left,
    died,
    steps: () => steps,
    commits: () => commits,
  };
}
