// One timer for the next thing that falls due in an entity.

export interface Alarm {
  /** Rings at `time` (ms since 1970), unless it rings earlier already. */
  at(time: number): void;
  stop(): void;
}

/** So long goes unnoticed that the clock was put forward: timers do not follow it. */
const LOOK_MS = 2_000;

/** `ring` runs at the asked time of `clock`; it must look at the clock and ask again. */
export function createAlarm(clock: () => number, ring: () => void): Alarm {
  let due = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const left = Math.ceil(due - clock());
    if (left > 0) {
      timer = setTimeout(look, Math.min(left, LOOK_MS));
      return;
    }
    due = Number.POSITIVE_INFINITY;
    ring();
  };
  return {
    at(time) {
      if (time >= due) return;
      due = time;
      clearTimeout(timer);
      // Never at once: who asks is not finished yet.
      const left = Math.max(0, Math.ceil(time - clock()));
      timer = setTimeout(look, Math.min(left, LOOK_MS));
    },
    stop() {
      clearTimeout(timer);
      due = Number.NEGATIVE_INFINITY; // Nothing is earlier: the alarm cannot be set again.
    },
  };
}
