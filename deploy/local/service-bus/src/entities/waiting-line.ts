// Entries that wait for a receiver, in the order of their sequence numbers. Returned entries go
// back to their place, so a failed delivery does not change the order.

import type { Entry } from "./queue.ts";

export interface WaitingLine {
  readonly size: number;
  add(entry: Entry): void;
  take(): Entry | undefined;
  /** Takes the entry with the highest number. */
  takeLast(): Entry | undefined;
  last(): Entry | undefined;
  /** Forgets an entry wherever it stands. */
  remove(entry: Entry): void;
}

const COMPACT_AFTER = 1_024;

export function createWaitingLine(): WaitingLine {
  let entries: (Entry | undefined)[] = [];
  let head = 0;
  const positionOf = (sequence: number): number => {
    let low = head;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((entries[middle]?.sequence ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const last = () => (entries.length > head ? entries.at(-1) : undefined);
  return {
    get size() {
      return entries.length - head;
    },
    last,
    add(entry) {
      const end = last();
      if (end === undefined || end.sequence < entry.sequence) entries.push(entry);
      else entries.splice(positionOf(entry.sequence), 0, entry);
    },
    take() {
      const entry = entries[head];
      if (entry === undefined) return undefined;
      entries[head] = undefined;
      head += 1;
      if (head === entries.length || (head > COMPACT_AFTER && head * 2 > entries.length)) {
        entries = entries.slice(head);
        head = 0;
      }
      return entry;
    },
    takeLast: () => (entries.length > head ? entries.pop() : undefined),
    remove(entry) {
      const at = positionOf(entry.sequence);
      if (entries[at] === entry) entries.splice(at, 1);
    },
  };
}
