// The decider of an actor: decides the waiting inputs of one key one after the other.

import type { Subscription } from "@niivo/contracts/topology";
import type { Actor } from "./actor.ts";
import type { AnyReceived, Binding } from "./binding.ts";

/** A decided message or a note, as an actor's `Event` union has them. */
export interface AnyDecided {
  readonly type: string;
  readonly data: unknown;
  readonly notBefore?: string;
}

/** An actor reads `subscriptions`; its state lives under `key(input)` in the message's customer. */
export function actorBinding<State, Input extends AnyReceived, Event extends AnyDecided>(options: {
  readonly actor: Actor<State, Input, Event>;
  readonly subscriptions: readonly Subscription[];
  readonly key: (input: Input) => string;
}): Binding {
  throw new Error(`not yet ${options.subscriptions.length}`);
}
