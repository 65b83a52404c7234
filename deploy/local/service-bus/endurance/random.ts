// A seeded generator: a failed run can be had again by its seed, which is part of the failure's text.

import { randomInt } from "node:crypto";

export interface Random {
  readonly seed: number;
  /** A whole number from 0 to `below` - 1. */
  readonly below: (below: number) => number;
  readonly isOneIn: (many: number) => boolean;
}

export const newSeed = (): number => randomInt(2 ** 31);

/** mulberry32: small, and good enough to choose test inputs with. */
export function createRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { seed, below, isOneIn: (many) => below(many) === 0 };
}

/** Runs with a new seed and names it in the error, should there be one. */
export async function withSeed(run: (random: Random) => Promise<void>): Promise<void> {
  const seed = newSeed();
  try {
    await run(createRandom(seed));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`seed ${seed}: ${reason}`, { cause });
  }
}
