// A topic: takes messages, keeps scheduled ones until their time, and copies each to the
// subscriptions whose rules match it.
//
// Invariants:
//   T1. A send is answered after the message and all its copies are durable; a batch as one.
//   T2. Subscriptions get messages in the order in which they were accepted.
//   T3. A scheduled message is delivered to nobody before its time.

import type { Store } from "../store.ts";
import type { IncomingMessage } from "../wire/incoming-message.ts";
import { createAlarm } from "./alarm.ts";
import type { StoredMessage } from "./queue.ts";
import type { Subscription } from "./subscription.ts";

export interface Topic {
  readonly name: string;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  /** Accepts messages together and numbers them; `done` is called when they are durable (T1). */
  publish(messages: readonly IncomingMessage[], done: () => void): number[];
  /** Withdraws scheduled messages, all or none; false when one of them is not scheduled here. */
  cancel(sequences: readonly number[]): boolean;
  restore(stored: StoredMessage, scheduledFor: number): void;
  stop(): void;
}

interface Scheduled {
  readonly stored: StoredMessage;
  readonly at: number;
}

export function createTopic(
  name: string,
  subscriptions: ReadonlyMap<string, Subscription>,
  store: Store,
  clock: () => number,
): Topic {
  const scheduled = new Map<number, Scheduled>();
  const alarm = createAlarm(clock, () => enqueueDue());

  /** Copies a stored message; the answer hands the copies to their queues. */
  function copy(stored: StoredMessage, sequence: number, enqueuedAt: number): (() => void)[] {
    return [...subscriptions.values()]
      .filter((subscription) => subscription.wants(stored.message))
      .map((subscription) => subscription.accept(stored, sequence, enqueuedAt));
  }
  function enqueueDue(): void {
    const now = clock();
    const due = [...scheduled].filter(([, { at }]) => at <= now);
    for (const [id, { stored }] of due.sort(([, left], [, right]) => left.at - right.at)) {
      scheduled.delete(id);
      const ready = copy(stored, store.nextNumber(), now);
      if (ready.length === 0) store.deleteMessage(id);
      else store.clearSchedule(id);
      store.afterCommit(() => run(ready));
    }
    for (const { at } of scheduled.values()) alarm.at(at); // T3
  }
  function accept(message: IncomingMessage, now: number): { id: number; ready: (() => void)[] } {
    const id = store.nextNumber();
    const stored: StoredMessage = { id, message, references: 0 };
    const at = message.scheduledFor;
    if (at !== undefined && at > now) {
      store.putMessage({ id, topic: name, scheduledFor: at, raw: message.raw });
      return { id, ready: [() => keep(stored, at)] };
    }
    const ready = copy(stored, id, now);
    // A message that no subscription wants is accepted and kept nowhere, as in the cloud.
    if (ready.length > 0)
      store.putMessage({ id, topic: name, scheduledFor: null, raw: message.raw });
    return { id, ready };
  }
  function keep(stored: StoredMessage, at: number): void {
    scheduled.set(stored.id, { stored, at });
    alarm.at(at);
  }
  return {
    name,
    subscriptions,
    publish(messages, done) {
      const now = clock();
      const accepted = messages.map((message) => accept(message, now));
      for (const { raw } of messages) {
        store.journal(() => ({ topic: name, at: now, base64: raw.toString("base64") }));
      }
      store.afterCommit(() => {
        for (const { ready } of accepted) run(ready); // T2
        done();
      });
      return accepted.map(({ id }) => id);
    },
    cancel(sequences) {
      if (!sequences.every((id) => scheduled.has(id))) return false;
      for (const id of sequences) {
        scheduled.delete(id);
        store.deleteMessage(id);
      }
      return true;
    },
    restore: keep,
    stop: () => alarm.stop(),
  };
}

function run(actions: readonly (() => void)[]): void {
  for (const action of actions) action();
}
