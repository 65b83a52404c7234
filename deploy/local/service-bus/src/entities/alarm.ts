// One timer for the next thing that falls due in an entity.

export interface Alarm {
  /** Rings at `time` (ms since 1970), unless it rings earlier already. */
  at(time: number): void;
  stop(): void;
}

const TIMER_MAX_MS = 2_147_483_647;

/** `ring` runs at or a little before the asked time; it must look at the clock and ask again. */
export function createAlarm(clock: () => number, ring: () => void): Alarm {
  let due = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  return {
    at(time) {
      if (time >= due) return;
      due = time;
      clearTimeout(timer);
      const delay = Math.min(Math.max(0, Math.ceil(time - clock())), TIMER_MAX_MS);
      timer = setTimeout(() => {
        due = Number.POSITIVE_INFINITY;
        ring();
      }, delay);
    },
    stop() {
      clearTimeout(timer);
      due = Number.NEGATIVE_INFINITY; // Nothing is earlier: the alarm cannot be set again.
    },
  };
}
