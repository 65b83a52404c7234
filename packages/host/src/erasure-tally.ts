// How much an erasure has deleted so far. Each count is written in the commit that deletes, so that a process that takes
// over from one that was killed between deleting and confirming confirms the whole.

import { z } from "zod";
import { inboxSeconds } from "./run.ts";
import {
  type Operation,
  operationsMax,
  type Store,
  StoreError,
  type StoreReader,
} from "./store.ts";

const Counts = z.object({
  states: z.int().min(0),
  documents: z.int().min(0),
  /** Each by its place: they lie on the bus, so they are noted before they are taken. */
  letters: z.array(z.string()),
});
type Counts = z.infer<typeof Counts>;

const none: Counts = { states: 0, documents: 0, letters: [] };

export const tallyId = (erasure: string, part: number): string => `erasure:${erasure}:${part}`;

export async function readTally(
  store: Pick<StoreReader, "read">,
  customer: string,
  id: string,
): Promise<{ readonly counts: Counts; readonly etag: string | undefined }> {
  const found = await store.read(customer, id);
  return { counts: found === undefined ? none : Counts.parse(found.body), etag: found?.etag };
}

/** At most so many operations in one commit, beside the count. */
export const countedMax = operationsMax - 1;

/**
 * Commits deletions together with their count.
 * @returns false where a document was not as expected: read it again.
 * @throws StoreError when another process is at the same erasure: it is tried again later.
 */
export async function commitCounted(
  store: Store,
  customer: string,
  id: string,
  operations: readonly Operation[],
  more: Partial<Counts>,
): Promise<boolean> {
  const { counts, etag } = await readTally(store, customer, id);
  const body = {
    states: counts.states + (more.states ?? 0),
    documents: counts.documents + (more.documents ?? 0),
    letters: [...new Set([...counts.letters, ...(more.letters ?? [])])],
  };
  const about = { id, body, ttlSeconds: inboxSeconds };
  const count: Operation =
    etag === undefined ? { kind: "create", ...about } : { kind: "replace", etag, ...about };
  const done = await store.commit(customer, [...operations, count]);
  if (done.kind === "committed") return true;
  if (done.id === id) throw new StoreError("unavailable", "another process is at this erasure");
  return false;
}
