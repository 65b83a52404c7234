// The mailbox of each state key: deliveries of one key wait in order and are settled together, while keys do
// not wait for each other. There is no timer: a batch is what has come in while the one before was settled.
//
// A transient failure keeps the batch at the head of its key until each item's hold is over.

import { backOffMs, pause } from "./back-off.ts";
import type { Outcome } from "./settlement.ts";

export interface MailboxOptions<Item> {
  readonly itemsMax: number;
  readonly holdMs: number;
  readonly closing: AbortSignal;
  /** Items of one id are never in one batch: the second has to find what the first committed. */
  readonly idOf: (item: Item) => string;
  /** One outcome per item, in order. It does not throw. */
  readonly settle: (items: readonly Item[]) => Promise<readonly Outcome[]>;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly until: number;
  readonly resolve: (outcome: Outcome) => void;
}

/** Puts an item into the mailbox of `name`; resolves when it is settled or its hold is over. */
export function createMailboxes<Item>(
  options: MailboxOptions<Item>,
): (name: string, item: Item) => Promise<Outcome> {
  const boxes = new Map<string, Waiting<Item>[]>();
  return (name, item) =>
    new Promise((resolve) => {
      const waiting = { item, until: performance.now() + options.holdMs, resolve };
      const box = boxes.get(name);
      if (box !== undefined) {
        box.push(waiting);
        return;
      }
      const started = [waiting];
      boxes.set(name, started);
      void empty(started, options, () => boxes.delete(name));
    });
}

/** Calls `close` in the very turn in which it finds the box empty, so nothing is put into a closed one. */
async function empty<Item>(
  box: Waiting<Item>[],
  options: MailboxOptions<Item>,
  close: () => void,
): Promise<void> {
  let failures = 0;
  while (box.length > 0) {
    const batch = takeBatch(box, options);
    const outcomes = await options.settle(batch.map(({ item }) => item));
    const waitMs = backOffMs(failures);
    const again = batch.filter((waiting, index) => {
      const outcome = outcomes[index] ?? { kind: "transient", reason: "no-outcome" };
      const held = performance.now() + waitMs < waiting.until && !options.closing.aborted;
      if (outcome.kind === "transient" && held) return true;
      waiting.resolve(outcome);
      return false;
    });
    failures = again.length === 0 ? 0 : failures + 1;
    box.unshift(...again);
    if (again.length > 0) await pause(waitMs, options.closing);
  }
  close();
}

function takeBatch<Item>(box: Waiting<Item>[], options: MailboxOptions<Item>): Waiting<Item>[] {
  const ids = new Set<string>();
  const batch: Waiting<Item>[] = [];
  for (const waiting of box) {
    const id = options.idOf(waiting.item);
    if (batch.length === options.itemsMax) break;
    if (ids.has(id)) break;
    ids.add(id);
    batch.push(waiting);
  }
  box.splice(0, batch.length);
  return batch;
}
