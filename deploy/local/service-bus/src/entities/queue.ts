// The shapes of a message queue: a subscription, its dead-letter queue, and later a queue proper.
// The functions over it are in dispatch.ts (delivery), settlement.ts, expiry.ts, sessions.ts and
// browse.ts (peek, deferred messages).
//
// Invariants:
//   Q1. A message is held by at most one receiver at a time, under a lock that ends.
//   Q2. Only the holder of a live lock settles a message; a lost lock settles nothing.
//   Q3. Within a session there is one receiver, and messages come in the order of their numbers.
//   Q4. A message leaves only by being completed, dead-lettered or expired. A delivery that failed
//       `maxDeliveryCount` times is dead-lettered, never dropped.
//   Q5. A settlement is answered after it is durable.

import type { Store } from "../store.ts";
import type { IncomingMessage } from "../wire/incoming-message.ts";
import type { LockTokens } from "../wire/lock-token.ts";
import type { Alarm } from "./alarm.ts";
import type { WaitingLine } from "./waiting-line.ts";

/** The part of the store a queue writes. */
export type QueueStore = Pick<
  Store,
  "putCopy" | "deleteCopy" | "deleteMessage" | "putSessionState" | "sessionState" | "afterCommit"
>;

/** A stored message. Its bytes are shared by the copies of all subscriptions. */
export interface StoredMessage {
  readonly id: number;
  readonly message: IncomingMessage;
  /** Copies that still need the bytes. */
  references: number;
}

/** One subscription's copy of a message. */
export interface Entry {
  readonly sequenceNumber: number;
  readonly stored: StoredMessage;
  readonly enqueuedAt: number;
  /** Infinity when it does not expire. */
  readonly expiresAt: number;
  deliveryCount: number;
  status: "available" | "locked" | "deferred" | "gone";
  /** Application properties set by settlements and by dead-lettering, encoded. */
  modified: ReadonlyMap<string, Buffer>;
}

/** One delivery under a lock. */
export interface Lock {
  readonly id: number;
  readonly token: Buffer;
  readonly entry: Entry;
  readonly lane: Lane;
  /** In a session the session's lock counts instead. */
  until: number;
  /** Whether the entry goes back to deferred, not to available, when this delivery fails. */
  readonly wasDeferred: boolean;
}

/** What receives: a link with credit. */
export interface Consumer {
  readonly mode: "peekLock" | "receiveAndDelete";
  /** How many deliveries may be handed over now. */
  room(): number;
  /** `lock` is absent in receiveAndDelete. */
  deliver(encoded: Buffer, lock: Lock | undefined): void;
}

/** The waiting messages of one session; without sessions a queue has a single lane. */
export interface Lane {
  readonly sessionId: string | undefined;
  readonly waiting: WaitingLine;
  readonly consumers: Consumer[];
  readonly locks: Set<Lock>;
  nextConsumer: number;
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

export interface QueuePolicy {
  readonly requiresSession: boolean;
  readonly lockMs: number;
  /** Infinity for a dead-letter queue, from which nothing is dead-lettered again. */
  readonly maxDeliveryCount: number;
  readonly deadLetterOnExpiration: boolean;
}

export interface Queue {
  /** `topic/subscription` in lower case: the key of the store. */
  readonly entity: string;
  /** The path as configured, shown in `x-opt-deadletter-source`. */
  readonly path: string;
  readonly policy: QueuePolicy;
  /** Where dead letters go; undefined in a dead-letter queue. */
  readonly deadLetters: Queue | undefined;
  readonly store: QueueStore;
  readonly clock: () => number;
  readonly tokens: LockTokens;
  readonly alarm: Alarm;
  readonly entries: Map<number, Entry>;
  readonly locks: Map<number, Lock>;
  readonly lanes: Map<string, Lane>;
  /** Sessions with waiting messages that nobody holds, in the order they became so. */
  readonly readyLanes: Set<Lane>;
  readonly waiters: Set<SessionWaiter>;
}
