// Unwrapped keys in memory: few, for a short time, and overwritten when they go.
//
// Invariant: K4. A key of a value lies unwrapped in this memory only: of so many at a time, each for so long.

/** More than the people of the tickets that are worked on at one time. */
export const keysHeldMax = 1000;
/** After that the vault is asked again. */
export const keyHeldMs = 10 * 60 * 1000;

export interface KeyMemory {
  /** A copy, for one use. */
  readonly get: (name: string) => Uint8Array | undefined;
  readonly put: (name: string, key: Uint8Array) => void;
  readonly forget: (name: string) => void;
  readonly size: () => number;
}

interface Held {
  readonly key: Uint8Array;
  readonly untilMs: number;
}

/** @param now in milliseconds; it may not run backwards. */
export function keyMemory(now: () => number = () => performance.now()): KeyMemory {
  /** In the order in which they end. */
  const held = new Map<string, Held>();
  let isTimed = false;

  const forget = (name: string): void => {
    held.get(name)?.key.fill(0);
    held.delete(name);
  };
  const sweep = (): void => {
    for (const [name, { untilMs }] of held) {
      if (untilMs > now()) break;
      forget(name);
    }
  };
  const sweepLater = (): void => {
    if (isTimed) return;
    isTimed = true;
    setTimeout(() => {
      isTimed = false;
      sweep();
      if (held.size > 0) sweepLater();
    }, keyHeldMs).unref();
  };
  return {
    get: (name) => {
      sweep();
      const found = held.get(name);
      return found === undefined ? undefined : Uint8Array.from(found.key);
    },
    put: (name, key) => {
      forget(name);
      const [oldest] = held.keys();
      if (held.size >= keysHeldMax && oldest !== undefined) forget(oldest);
      held.set(name, { key: Uint8Array.from(key), untilMs: now() + keyHeldMs });
      sweepLater();
    },
    forget,
    size: () => held.size,
  };
}
