// The shapes of a message queue: a queue proper, a subscription, or a dead-letter queue of either.
// The functions over it are in lanes.ts (what is in memory), dispatch.ts (delivery), settlement.ts,
// expiry.ts, sessions.ts, browse.ts (peek, deferred messages) and transfer.ts (moving away).
//
// Invariants:
//   Q1. A message is held by at most one receiver at a time, under a lock that ends.
//   Q2. Only the holder of a live lock settles a message; a lost lock settles nothing.
//   Q3. Within a session there is one receiver, and messages come in the order of their numbers.
//   Q4. A message leaves only by being completed, dead-lettered, forwarded or expired. A delivery that
//       failed `maxDeliveryCount` times is dead-lettered, never dropped.
//   Q5. A settlement is answered after it is durable.
//   Q6. Memory never says more than the disk: what a write changes is changed in memory when it is
//       durable, and not at all when it failed. Locks are the exception: they live in memory alone.
//   Q7. A bounded number of waiting messages is in memory; the store has all of them.

import type { MessageRow, StoredMessage } from "../store/message-store.ts";
import type { Store } from "../store/store.ts";
import type { IncomingMessage } from "../wire/incoming-message.ts";
import type { LockTokens } from "../wire/lock-token.ts";
import type { Alarm } from "./alarm.ts";
import type { WaitingLine } from "./waiting-line.ts";

/** A message of the queue that is in memory. */
export interface Entry {
  readonly sequence: number;
  readonly row: MessageRow;
  /** Absent when only the store has the bytes. */
  message: IncomingMessage | undefined;
  deliveryCount: number;
  modified: Buffer | null;
  /** `leaving`: a write about it is under way. `gone`: no longer in memory. */
  status: "waiting" | "locked" | "leaving" | "gone";
}

/** One delivery under a lock. */
export interface Lock {
  readonly id: number;
  readonly token: Buffer;
  readonly entry: Entry;
  readonly lane: Lane;
  /** In a session the session's lock counts instead. */
  until: number;
}

/** What receives: a link with credit. */
export interface Consumer {
  readonly mode: "peekLock" | "receiveAndDelete";
  /** How many deliveries may be handed over now. */
  room(): number;
  /** `lock` is absent in receiveAndDelete. */
  deliver(encoded: Buffer, lock: Lock | undefined): void;
  /** Deliveries that are decided and wait for their commit (receiveAndDelete). */
  reserved: number;
}

/** The waiting messages of one session; without sessions a queue has a single lane. */
export interface Lane {
  readonly key: string;
  readonly sessionId: string | undefined;
  readonly waiting: WaitingLine;
  /** Every waiting message up to this number is in memory; later ones are if `hasMore` is false. */
  cursor: number;
  hasMore: boolean;
  /** A page is asked for, after the commit that is under way. */
  isLoading: boolean;
  readonly consumers: Consumer[];
  readonly locks: Set<Lock>;
  nextConsumer: number;
  /** Settlements whose write is under way. */
  pending: number;
  /** Those of them that bring their message back: in a session the next ones wait for it (Q3). */
  returning: number;
  hold: SessionHold | undefined;
}

/** A session lock. */
export interface SessionHold {
  readonly lane: Lane;
  /** Who holds it: settlements and session requests must come from the same connection. */
  readonly owner: object;
  until: number;
  /** Told once when the lock expires. */
  readonly onLost: () => void;
}

/** A receiver that waits for any free session. */
export interface SessionWaiter {
  readonly owner: object;
  readonly onLost: () => void;
  readonly granted: (hold: SessionHold) => void;
}

/** What the owner may change while the queue runs. */
export interface QueuePolicy {
  readonly requiresSession: boolean;
  readonly lockMs: number;
  /** Infinity for a dead-letter queue, from which nothing is dead-lettered again. */
  readonly maxDeliveryCount: number;
  readonly deadLetterOnExpiration: boolean;
  /** Time to live is not observed in a dead-letter queue. */
  readonly isMortal: boolean;
}

export interface Queue {
  /** The key in the store. */
  readonly id: number;
  /** The path as configured, shown in `x-opt-deadletter-source`. */
  readonly path: string;
  policy: QueuePolicy;
  /** Takes a message that is dead-lettered here; undefined in a dead-letter queue. */
  readonly deadLetter: ((message: StoredMessage, why: DeadLetterReason) => void) | undefined;
  readonly store: Store;
  readonly clock: () => number;
  readonly tokens: LockTokens;
  readonly alarm: Alarm;
  /** Everything in memory: waiting, locked or leaving. */
  readonly entries: Map<number, Entry>;
  readonly locks: Map<number, Lock>;
  readonly lanes: Map<string, Lane>;
  /** Sessions with waiting messages that nobody holds, in the order they became so. */
  readonly ready: Set<string>;
  /** There may be ready sessions that are not in `ready`. */
  hasMoreReady: boolean;
  readonly waiters: Set<SessionWaiter>;
}

export interface DeadLetterReason {
  readonly reason: string;
  readonly description: string;
}
