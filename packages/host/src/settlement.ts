// What becomes of a delivery, in one table (design 5, "Settlement").
//
//   handled    all it caused is committed and published                    complete
//   poison     it can never be handled, by this process or another         dead-letter, after H6
//   erased     a poison: its ticket was erased                             complete, after H6
//   transient  the store or the bus is away, or others were faster         keep the lock and retry; then release
//   fatal      this process can handle nothing any more                    release, and the process ends
//   lock lost  another process may have it already                         nothing (known to the bus adapter alone)
//
// `release` leaves the message unsettled until its lock runs out. Abandoning it would bring it back at once and
// burn its delivery count, and a store that is away for a minute would send everything to the dead letters.

import type { Settlement } from "./bus.ts";
import { BusUnavailable } from "./bus-unavailable.ts";
import { FatalError } from "./fatal-error.ts";
import { InvalidOutput } from "./outgoing.ts";
import { StoreError } from "./store.ts";

export type PoisonCode =
  | "unparsable"
  | "unknown-type"
  | "source-mismatch"
  | "invalid-schema"
  | "too-old"
  | "erased"
  | "too-large"
  | "decide-threw"
  | "invalid-output";

export interface Poison {
  readonly kind: "poison";
  readonly code: PoisonCode;
  /** Names and paths only: it is published, and no value of the message may be in it. */
  readonly detail: string;
}

export const poison = (code: PoisonCode, detail: string): Poison => ({
  kind: "poison",
  code,
  detail,
});

export interface Transient {
  readonly kind: "transient";
  readonly reason: string;
}

export interface Fatal {
  readonly kind: "fatal";
  readonly error: Error;
}

export type Outcome = { readonly kind: "handled" } | Poison | Transient | Fatal;

export function settlementOf(outcome: Outcome): Settlement {
  switch (outcome.kind) {
    case "handled":
      return { kind: "complete" };
    case "poison":
      // What it says was erased everywhere, and is not to lie among the dead letters. That it came is published.
      return outcome.code === "erased"
        ? { kind: "complete" }
        : { kind: "dead-letter", code: outcome.code, detail: outcome.detail };
    case "transient":
    case "fatal":
      return { kind: "release" };
  }
}

/** A message about what was erased: nothing is decided or done on it. */
export class ErasedError extends Error {
  readonly code = "erased";
  constructor() {
    super("its ticket was erased");
    this.name = "ErasedError";
  }
}

/** What a throw of the store, the bus or a decider means before anything was committed. */
export function outcomeOfThrow(error: unknown): Poison | Transient | Fatal {
  if (error instanceof FatalError) return { kind: "fatal", error };
  if (error instanceof BusUnavailable) return { kind: "transient", reason: error.code };
  if (error instanceof StoreError) {
    if (error.code === "unavailable") return { kind: "transient", reason: "store-unavailable" };
    return poison("too-large", error.code);
  }
  if (error instanceof ErasedError) return poison(error.code, error.message);
  if (error instanceof InvalidOutput) return poison(error.code, error.message);
  const name = error instanceof Error ? error.name : typeof error;
  return poison("decide-threw", `decide threw ${name}`);
}

/** What the same throw means once something is committed: then nothing may be set aside (H1). */
export function outcomeAfterCommit(error: unknown): Transient | Fatal {
  const outcome = outcomeOfThrow(error);
  return outcome.kind === "poison" ? { kind: "transient", reason: outcome.detail } : outcome;
}
