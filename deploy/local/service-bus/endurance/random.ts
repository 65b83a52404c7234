// A seeded generator. A failure's text has its seed; `SERVICE_BUS_TEST_SEED=<seed>` makes the same choices
// again (the moments at which processes run remain their own).

import { randomInt } from "node:crypto";

export interface Random {
  readonly seed: number;
  /** A whole number from 0 to `below` - 1. */
  readonly below: (below: number) => number;
  readonly isOneIn: (many: number) => boolean;
}

const newSeed = (): number => {
  const given = process.env["SERVICE_BUS_TEST_SEED"];
  return given === undefined ? randomInt(2 ** 31) : Number(given);
};

/** mulberry32: small, and good enough to choose test inputs with. */
function createRandom(seed: number): Random {
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
