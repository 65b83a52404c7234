// For how long this process has heard its subscriptions without a break. Who concludes from silence that something was
// never said has to know it: what a dead process had locked, and what an unreachable bus kept, comes only later.

export interface Reception {
  /** From now on it receives. */
  readonly begin: () => void;
  /** A subscription could not be heard: what was sent meanwhile is still on its way. */
  readonly interrupted: () => void;
  /** Milliseconds since the last break, by a clock that is never set; 0 before it receives. */
  readonly receivingMs: () => number;
}

/** @param elapsedMs a clock that only runs forward, of any origin. */
export function reception(elapsedMs: () => number): Reception {
  let sinceMs: number | undefined;
  return {
    begin: () => {
      sinceMs = elapsedMs();
    },
    interrupted: () => {
      if (sinceMs !== undefined) sinceMs = elapsedMs();
    },
    receivingMs: () => (sinceMs === undefined ? 0 : elapsedMs() - sinceMs),
  };
}
