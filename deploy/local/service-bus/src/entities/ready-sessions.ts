// Which session goes to a receiver that takes any. Most are remembered in the order in which they became
// free; beyond a bound they are found in the store again, in the order of their names.

import { limits } from "../limits.ts";
import type { Queue } from "./queue.ts";

/** Takes the next free session with waiting messages, or undefined when there is none. */
export function nextReady(queue: Queue): string | undefined {
  for (const key of queue.ready) {
    queue.ready.delete(key);
    const isFree = queue.lanes.get(key)?.hold === undefined;
    if (isFree && queue.store.messages.hasActive(queue.id, key, 0)) return key;
  }
  if (!queue.hasMoreReady) return undefined;
  refill(queue);
  const [key] = queue.ready;
  if (key !== undefined) queue.ready.delete(key);
  return key;
}

function refill(queue: Queue): void {
  let last = "";
  while (queue.ready.size < limits.readySessionsMax) {
    const found = queue.store.messages.activeLanes(queue.id, last, limits.readySessionsMax);
    for (const key of found) {
      if (queue.lanes.get(key)?.hold === undefined) queue.ready.add(key);
    }
    const end = found.at(-1);
    if (end === undefined) {
      queue.hasMoreReady = false;
      return;
    }
    last = end;
  }
}
