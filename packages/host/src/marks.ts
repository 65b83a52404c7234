// The marks of published decisions, written together a moment later. A mark only spares a redelivery the repetition
// (H3), so nothing waits for it; one that is lost with its process costs one repeated publish, under the same ids.

import type { Logger } from "./logger.ts";
import { type Operation, operationsMax, type Store } from "./store.ts";

/** Long enough that a busy process writes many marks at once, short beside any lock. */
const delayMs = 50;

export interface Marks {
  /** One operation for each inbox document to be marked. */
  readonly add: (customer: string, marks: readonly Operation[]) => void;
  /** Is a mark of this document still to be written? A redelivery need not wait for the disk to be spared. */
  readonly has: (customer: string, id: string) => boolean;
  /** Writes what waits. Never throws. */
  readonly flush: () => Promise<void>;
}

export function createMarks(store: Pick<Store, "commit">, log: Logger): Marks {
  const waiting = new Map<string, Operation[]>();
  const unwritten = new Set<string>();
  const nameOf = (customer: string, id: string) => `${customer}/${id}`;
  let timer: NodeJS.Timeout | undefined;

  const write = async (customer: string, marks: readonly Operation[]): Promise<void> => {
    try {
      await store.commit(customer, marks);
    } catch (error) {
      log.warn({ err: error, marks: marks.length }, "published decisions could not be marked");
    }
    for (const { id } of marks) unwritten.delete(nameOf(customer, id));
  };

  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const all = [...waiting];
    waiting.clear();
    await Promise.all(all.map(([customer, marks]) => write(customer, marks)));
  };

  return {
    add: (customer, marks) => {
      // One batch of the store holds so many; with more, all of them would be refused.
      if ((waiting.get(customer)?.length ?? 0) + marks.length > operationsMax) void flush();
      const together = waiting.get(customer) ?? [];
      together.push(...marks);
      waiting.set(customer, together);
      for (const { id } of marks) unwritten.add(nameOf(customer, id));
      timer ??= setTimeout(() => void flush(), delayMs);
    },
    has: (customer, id) => unwritten.has(nameOf(customer, id)),
    flush,
  };
}
