// Numbers by name, for many millions of names: 40 bytes a name at most, whatever the names' length. It keeps 64 bits
// of each name's hash instead of the name.
//
// Two names with the same hash would be taken for one. The hash is seeded at random, so nobody can choose names that
// collide, and among ten million names the chance that any two do is one in some hundred thousand.

import { randomBytes } from "node:crypto";

export interface NumberTable {
  /** The two numbers of this name, if it was put before. They are integers from 0 to 2^53−1. */
  readonly get: (name: string) => readonly [number, number] | undefined;
  readonly put: (name: string, first: number, second: number) => void;
}

const sizeAtFirst = 1024;

interface Slots {
  readonly size: number;
  readonly high: Uint32Array;
  readonly low: Uint32Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

const slotsOf = (size: number): Slots => ({
  size,
  high: new Uint32Array(size),
  low: new Uint32Array(size),
  first: new Float64Array(size),
  second: new Float64Array(size),
});

export function numberTable(): NumberTable {
  const seeds = randomBytes(8);
  const [seedHigh, seedLow] = [seeds.readUInt32LE(0), seeds.readUInt32LE(4)];
  let slots = slotsOf(sizeAtFirst);
  let count = 0;

  const grow = (): void => {
    const old = slots;
    slots = slotsOf(old.size * 2);
    for (let at = 0; at < old.size; at += 1) {
      const [high = 0, low = 0] = [old.high[at], old.low[at]];
      if (high === 0 && low === 0) continue;
      const to = placeOf(slots, high, low);
      slots.high[to] = high;
      slots.low[to] = low;
      slots.first[to] = old.first[at] ?? 0;
      slots.second[to] = old.second[at] ?? 0;
    }
  };

  return {
    get: (name) => {
      const at = placeOf(slots, hashed(name, seedHigh), hashed(name, seedLow) | 1);
      if (slots.low[at] === 0) return undefined;
      return [slots.first[at] ?? 0, slots.second[at] ?? 0];
    },
    put: (name, first, second) => {
      // The lowest bit is always set, so that no name looks like an empty place.
      const [high, low] = [hashed(name, seedHigh), (hashed(name, seedLow) | 1) >>> 0];
      const at = placeOf(slots, high, low);
      const isNew = slots.low[at] === 0;
      slots.high[at] = high;
      slots.low[at] = low;
      slots.first[at] = first;
      slots.second[at] = second;
      if (!isNew) return;
      count += 1;
      if (count * 2 > slots.size) grow();
    },
  };
}

// The place of a hash, or the empty one where it would be.
function placeOf({ size, high, low }: Slots, wantedHigh: number, wantedLow: number): number {
  const bits = wantedLow >>> 0;
  let at = (wantedHigh ^ bits) & (size - 1);
  while (low[at] !== 0 && (low[at] !== bits || high[at] !== wantedHigh)) at = (at + 1) & (size - 1);
  return at;
}

// A multiplicative hash with a final mix, of 32 bits.
function hashed(name: string, seed: number): number {
  let hash = seed ^ name.length;
  for (let at = 0; at < name.length; at += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(at), 0x9e3779b1);
    hash = (hash << 13) | (hash >>> 19);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
