// A binding: which subscriptions a service reads, and what handles their messages. Services make them with
// `actorBinding`, `deciderBinding` and `effectBinding`; only the host opens them.

import type { Envelope, TopicContract, TopicName } from "@niivo/contracts/envelope";
import type { Subscription } from "@niivo/contracts/topology";
import type { Delivery, Publisher, Receiver, Settlement } from "./bus.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { Logger } from "./logger.ts";
import type { Marks } from "./marks.ts";
import type { Store } from "./store.ts";

/** The inside of any message: what every `Received<…>` is assignable to. */
export interface AnyReceived {
  readonly type: string;
  readonly data: unknown;
  readonly id: string;
  readonly source: TopicName;
  readonly customer: string;
  readonly ticket: string | undefined;
  readonly time: string;
}

/** What the engine works with. */
export interface EngineParts {
  /** What this process may publish, and where. */
  readonly contract: TopicContract;
  readonly publisher: Publisher;
  readonly store: Store;
  readonly marks: Marks;
  readonly now: () => Date;
  readonly log: Logger;
  /** Aborted when the process drains: whoever waits gives up its lock instead. */
  readonly closing: AbortSignal;
  /** A transient failure is retried under the lock for at most this long, then the lock is given up. */
  readonly holdMs: number;
}

/** What the host hands to bindings. */
export interface HostParts extends EngineParts {
  readonly deadLetters: DeadLetters;
  /** What this process has set aside: to be looked at, and deleted. */
  readonly letters: Pick<Receiver, "peekDeadLetters" | "removeDeadLetters">;
  /** Everything this process reads. */
  readonly reads: readonly Subscription[];
  /** The process must end: a refused credential, a wrong configuration. */
  readonly onFatal: (error: Error) => void;
}

export type Handle = (subscription: Subscription, delivery: Delivery) => Promise<Settlement>;

export interface Binding {
  readonly subscriptions: readonly Subscription[];
  /** `decides`: its inputs are remembered by id, so two of these may not read one message. */
  readonly decides: boolean;
  readonly open: (parts: HostParts) => Handle;
}

/**
 * The inside of a parsed message, as the binding's author declared it.
 *
 * The one place where a declared input type meets a parsed message: the schema of the subscription
 * (`schemasOf`) has accepted it, and a test compares every actor's inputs with the topology.
 */
export function receivedOf<Input extends AnyReceived>(envelope: Envelope): Input {
  const { type, data, id, source, customer, ticket, time } = envelope;
  const received: AnyReceived = { type, data, id, source, customer, ticket, time };
  return received as Input; // True because of the two checks named above.
}
