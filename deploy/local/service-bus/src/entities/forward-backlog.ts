// Messages that waited in a queue when its owner told it to forward them.

import { limits } from "../limits.ts";
import { forget, reloadIfFailed } from "./lanes.ts";
import type { Queue } from "./queue.ts";
import { type Transfer, transferOf } from "./transfer.ts";

/** Sends on what is in the queue, page by page, for as long as `target` names where to. */
export function forwardBacklog(
  from: Queue,
  target: () => string | undefined,
  sendOn: (name: string, transfer: Transfer) => void,
): void {
  const { store } = from;
  const name = target();
  if (name === undefined) return;
  if (store.isWriting()) {
    store.afterCommit(() => forwardBacklog(from, target, sendOn));
    return;
  }
  const page = store.messages.page(from.id, "", 0, limits.expireBatch, limits.windowBytesMax);
  let moved = 0;
  for (const stored of page) {
    const entry = from.entries.get(stored.sequence);
    if (entry?.status === "locked" || entry?.status === "leaving") continue;
    if (entry !== undefined) {
      from.lanes.get("")?.waiting.remove(entry);
      forget(from, entry);
    }
    sendOn(name, transferOf(stored, stored.modified, stored.source));
    store.messages.remove(stored);
    moved += 1;
  }
  if (moved === 0) return;
  reloadIfFailed(from);
  store.afterCommit(() => forwardBacklog(from, target, sendOn));
}
