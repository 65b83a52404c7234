// The bus port: what the host needs of Azure Service Bus, in its words.
//
// Durability: `publish` resolves when the bus has stored every message.
// Ordering: messages of one session are delivered one after the other, in the order of their storing.
// Concurrency: a session is delivered to one process at a time; without sessions, deliveries overlap.
// Retry: a publish may have been stored although it threw; ids make the repeat harmless.

import type { Envelope, TopicName } from "@niivo/contracts/envelope";
import type { Subscription } from "@niivo/contracts/topology";

export interface Outgoing {
  readonly envelope: Envelope;
  /** The bus hands it out at this time at the earliest (H8). */
  readonly notBefore?: string;
}

export interface Publisher {
  readonly topic: TopicName;
  readonly publish: (messages: readonly Outgoing[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** One delivery of one message, under a lock that the adapter renews while the handler works. */
export interface Delivery {
  readonly messageId: string | undefined;
  /** The application property `type`. */
  readonly type: string | undefined;
  readonly body: Uint8Array;
  readonly deliveryCount: number;
}

/** What the handler wants done with a delivery. `release` closes unsettled: the lock runs out by itself. */
export type Settlement =
  | { readonly kind: "complete" }
  | { readonly kind: "dead-letter"; readonly code: string; readonly detail: string }
  | { readonly kind: "release" };

export interface Receiving {
  /** Stops taking new messages, lets handlers end, then closes. */
  readonly close: () => Promise<void>;
}

export interface Receiver {
  /**
   * @param onFatal a refused credential or a missing subscription: the process must end.
   * @param onInterrupted whenever the subscription could not be heard; it is taken up again by itself.
   */
  readonly receive: (
    subscription: Subscription,
    handle: (delivery: Delivery) => Promise<Settlement>,
    onFatal: (error: Error) => void,
    onInterrupted?: () => void,
  ) => Receiving;
  /** Looks at dead letters without taking them, from a sequence number on. */
  readonly peekDeadLetters: (
    subscription: Subscription,
    fromSequenceNumber: bigint,
  ) => Promise<readonly DeadLetter[]>;
  /**
   * Takes these dead letters out of their queue, for good; all others stay.
   * @returns how many of them it took; fewer than asked for where others hold some of them.
   */
  readonly removeDeadLetters: (
    subscription: Subscription,
    sequenceNumbers: ReadonlySet<bigint>,
  ) => Promise<number>;
}

export interface DeadLetter extends Delivery {
  readonly sequenceNumber: bigint;
  readonly reason: string | undefined;
}
