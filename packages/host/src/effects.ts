// Effects: what a service's own messages cause outside, under a lease, at most once where that matters.

import type { Subscription } from "@niivo/contracts/topology";
import type { AnyReceived, Binding } from "./binding.ts";

/** The result of an effect: a command to the service's own topic. */
export interface EffectCommand {
  readonly type: string;
  readonly data: unknown;
}

export interface EffectOptions<Input extends AnyReceived> {
  readonly subscriptions: readonly Subscription[];
  /** Every outbound deadline within `perform` is shorter; its signal aborts before the lease ends. */
  readonly leaseMs: number;
  /** May an interrupted effect of this message be done again? */
  readonly repeatSafe: (message: Input) => boolean;
  readonly perform: (message: Input, signal: AbortSignal) => Promise<EffectCommand | undefined>;
  /** The command when it was interrupted and may not, or can no longer, be repeated. */
  readonly interrupted: (message: Input) => EffectCommand | undefined;
}

export function effectBinding<Input extends AnyReceived>(options: EffectOptions<Input>): Binding {
  throw new Error(`not yet ${options.leaseMs}`);
}
