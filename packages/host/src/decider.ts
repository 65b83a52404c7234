// A decider: the general form under an actor. It sees all waiting inputs of one key at once, reads the
// store, and may add document operations to the commit that stores its decision.

import type { Envelope } from "@niivo/contracts/envelope";
import type { Subscription } from "@niivo/contracts/topology";
import { type AnyReceived, type Binding, receivedOf } from "./binding.ts";
import { receiving } from "./receive.ts";
import { createRun, inboxSeconds } from "./run.ts";
import type { Operation, StoreReader } from "./store.ts";

/** One message a decider decides on, with the envelope it came in. */
export type Input = AnyReceived & { readonly envelope: Envelope };

/** What a decider publishes; the host adds the envelope. With `notBefore` it is a timer (H8). */
export interface DecidedMessage {
  readonly type: string;
  readonly data: unknown;
  readonly notBefore?: string;
}

export interface Turn<State> {
  readonly customer: string;
  readonly key: string;
  readonly state: State;
  readonly inputs: readonly Input[];
  readonly store: StoreReader;
  readonly now: Date;
}

export interface TurnResult<State> {
  readonly state: State;
  /** One array per input, in the order of the inputs. */
  readonly outputs: readonly (readonly DecidedMessage[])[];
  /** Written in the same commit, in the same partition (the customer). */
  readonly operations: readonly Operation[];
  /** Called once when it is known to be committed; for measuring only, nothing may depend on it. */
  readonly committed?: () => void;
}

export interface Decider<State> {
  readonly initialState: State;
  /** The state key of an input, within its customer. */
  readonly key: (input: Input) => string;
  /**
   * Its keys are about tickets: they are emptied when their ticket is erased, and forgotten when nothing came for so
   * many days (at least as long as any message of theirs can come). Without it they are kept for ever.
   */
  readonly keptDays?: number;
  /** May run again for the same inputs, so it changes nothing outside its result. */
  readonly turn: (turn: Turn<State>) => Promise<TurnResult<State>>;
}

/** The decider reads `subscriptions`; its state lives under `key(input)` in the message's customer. */
export function deciderBinding<State>(
  options: Decider<State> & { readonly subscriptions: readonly Subscription[] },
): Binding {
  return {
    subscriptions: options.subscriptions,
    decides: true,
    open: (parts) => {
      const run = createRun(parts, options);
      return receiving(parts, (envelope, traceparent) => {
        const input: Input = { ...receivedOf<AnyReceived>(envelope), envelope };
        return run({ input, traceparent, rememberSeconds: inboxSeconds });
      });
    },
  };
}
