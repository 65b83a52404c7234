// The erasure binding: a service deletes what an order names, then confirms it.
//
// Invariants:
//   F1. It confirms when everything is deleted, and never before: whatever fails is tried again, and an order that
//       cannot be carried out is not confirmed.
//   F2. Deleting twice is deleting once, and is counted once.
//   F3. After it no message changes the state of an erased key, or brings it back: it is refused, and said so (R10).
//   F4. A counter is never restarted.
//   F5. What was deleted is in no file of the store.

import type { Envelope, Received } from "@niivo/contracts/envelope";
import type { ErasureOrdered } from "@niivo/contracts/erasure";
import { retentionDays, type Subscription } from "@niivo/contracts/topology";
import type { z } from "zod";
import { backOffMs, pause } from "./back-off.ts";
import { type AnyReceived, type Binding, type HostParts, receivedOf } from "./binding.ts";
import type { Input, TurnResult } from "./decider.ts";
import { type Erasing, eraseDeadLetters, eraseOutgoing, eraseStates } from "./erase-tickets.ts";
import { commitCounted, countedMax, readTally, tallyId } from "./erasure-tally.ts";
import { receiving } from "./receive.ts";
import { createRun, inboxSeconds } from "./run.ts";
import { type Outcome, outcomeAfterCommit } from "./settlement.ts";
import type { Store } from "./store.ts";
import { keysOf } from "./ticket-keys.ts";

/** An order, as a service sees it. Object and ticket ids may be written in either case elsewhere. */
export interface SweepOrder {
  readonly customer: string;
  readonly erasure: string;
  readonly part: number;
  /** Entra object id. */
  readonly person: string;
  readonly tickets: readonly string[];
}

export interface SweepParts {
  /** The service's own store; the order's documents are in the partition of its customer. */
  readonly store: Store;
  readonly now: () => Date;
  /** The state keys that a ticket had in this service, and the ticket itself. */
  readonly keysOf: (ticket: string) => Promise<readonly string[]>;
  /** Deletes documents of the service's own store, and counts those that were there (F2). */
  readonly forget: (ids: readonly string[]) => Promise<void>;
}

/**
 * Deletes what a service keeps beside the host's documents. It may be called again for the same order.
 * @returns how many documents it deleted elsewhere than with `forget`.
 */
export type Sweep = (
  order: SweepOrder,
  parts: SweepParts,
) => Promise<{ readonly documents: number }>;

type Ordered = Received<z.infer<typeof ErasureOrdered>>;

/** Every service has one: it reads the orders and answers with `erasure.confirmed.v1`. */
export function erasureBinding(options: {
  readonly subscriptions: readonly Subscription[];
  readonly sweep?: Sweep;
}): Binding {
  const { subscriptions, sweep = async () => ({ documents: 0 }) } = options;
  return {
    subscriptions,
    decides: true,
    open: (parts) => {
      const keptDays = Math.max(...subscriptions.map(({ reader }) => retentionDays[reader]));
      const run = createRun<null>(parts, {
        initialState: null,
        keptDays,
        key: (input) => `erasure:${orderOf(input.envelope).data.erasure}`,
        turn: ({ inputs, store, customer }) => confirmed(inputs, customer, store),
      });
      return receiving(parts, async (envelope, traceparent) => {
        const swept = await underLock(parts, () => sweepAll(parts, sweep, envelope, keptDays));
        if (swept.kind !== "handled") return swept;
        const input: Input = { ...receivedOf<AnyReceived>(envelope), envelope };
        return run({ input, traceparent, rememberSeconds: inboxSeconds });
      });
    },
  };
}

const orderOf = (envelope: Envelope): Ordered => receivedOf<Ordered>(envelope);

/** Tries until it is done, or until the message's hold is over: then the message comes again. Never throws. */
async function underLock(parts: HostParts, work: () => Promise<void>): Promise<Outcome> {
  const until = performance.now() + parts.holdMs;
  for (let failures = 0; ; failures++) {
    try {
      await work();
      return { kind: "handled" };
    } catch (error) {
      // F1. Part of it may be deleted already, so nothing is set aside here.
      const outcome = outcomeAfterCommit(error);
      const waitMs = backOffMs(failures);
      parts.log.warn({ err: error }, "an erasure is not done yet");
      if (outcome.kind === "fatal" || parts.closing.aborted) return outcome;
      if (performance.now() + waitMs > until) return outcome;
      await pause(waitMs, parts.closing);
    }
  }
}

const daySeconds = 24 * 60 * 60;

async function sweepAll(
  parts: HostParts,
  sweep: Sweep,
  envelope: Envelope,
  keptDays: number,
): Promise<void> {
  const { customer, data } = orderOf(envelope);
  const { erasure, part, person, tickets } = data;
  const { store, now } = parts;
  const tally = tallyId(erasure, part);
  const keptSeconds = keptDays * daySeconds;
  const about = { customer, erasure, person, tickets };
  const erasing: Erasing = { ...about, order: envelope.id, tally, keptSeconds };
  // F3. First nothing can change any more; then what is left can be deleted.
  for (const ticket of tickets) await eraseStates(parts, erasing, ticket);
  await parts.marks.flush(); // What is known to be published need not be published again.
  await eraseOutgoing(parts, erasing);
  const { documents } = await sweep(
    { ...about, part },
    {
      store,
      now,
      keysOf: (ticket) => keysOf(store, customer, ticket),
      forget: (ids) => forget(parts, erasing, ids),
    },
  );
  if (documents > 0) await commitCounted(store, customer, tally, [], { documents });
  await eraseDeadLetters(parts, erasing);
  await store.scrub(); // F5
}

async function forget(
  { store }: HostParts,
  { customer, tally }: Erasing,
  ids: readonly string[],
): Promise<void> {
  for (let at = 0; at < ids.length; at += countedMax) {
    const found = await Promise.all(
      ids.slice(at, at + countedMax).map((id) => store.read(customer, id)),
    );
    const there = found.flatMap((one) => (one === undefined ? [] : [one.id]));
    if (there.length === 0) continue;
    const deletions = there.map((id) => ({ kind: "delete", id }) as const);
    await commitCounted(store, customer, tally, deletions, { documents: there.length });
  }
}

async function confirmed(
  inputs: readonly Input[],
  customer: string,
  store: Pick<Store, "read">,
): Promise<TurnResult<null>> {
  const told = await Promise.all(
    inputs.map(async ({ envelope }) => {
      const { erasure, part } = orderOf(envelope).data;
      const id = tallyId(erasure, part);
      const { counts } = await readTally(store, customer, id);
      const { states, documents, letters } = counts;
      const data = { erasure, part, states, documents, deadLetters: letters.length };
      return { id, message: { type: "erasure.confirmed.v1", data } };
    }),
  );
  return {
    state: null,
    outputs: told.map(({ message }) => [message]),
    operations: told.map(({ id }) => ({ kind: "delete", id })),
  };
}
