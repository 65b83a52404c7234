// The decider of an actor: decides the waiting inputs of one key one after the other.

import type { Subscription } from "@niivo/contracts/topology";
import type { Actor } from "./actor.ts";
import { type AnyReceived, type Binding, receivedOf } from "./binding.ts";
import { deciderBinding, type Turn, type TurnResult } from "./decider.ts";

const notePrefix = "note.";

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
  readonly keptDays?: number;
}): Binding {
  const { keptDays } = options;
  return deciderBinding<State>({
    ...(keptDays === undefined ? {} : { keptDays }),
    subscriptions: options.subscriptions,
    initialState: options.actor.initialState,
    key: ({ envelope }) => options.key(receivedOf<Input>(envelope)),
    turn: async (turn) => turnOf(options.actor, turn),
  });
}

/** Decides input after input, each on the state that the one before left. */
function turnOf<State, Input extends AnyReceived, Event extends AnyDecided>(
  actor: Actor<State, Input, Event>,
  { state, inputs, now }: Turn<State>,
): TurnResult<State> {
  let current = state;
  const outputs = inputs.map(({ envelope }) => {
    const decided = actor.decide(receivedOf<Input>(envelope), current, now);
    current = decided.reduce(actor.evolve, current);
    return decided.filter(({ type }) => !type.startsWith(notePrefix));
  });
  return { state: current, outputs, operations: [] };
}
