// The store in memory, for tests: the same contract as the durable adapters, and a hook that can lose a
// commit before or after it was applied.

import { checkBatch } from "./batch-limits.ts";
import type { Committed, Operation, Store, StoredDocument } from "./store.ts";
import { StoreError } from "./store.ts";

/** What happens to one commit: nothing unusual, or a throw before or after it was applied. */
export type WriteFault = "none" | "lost" | "lost-but-applied";

export interface MemoryStoreOptions {
  readonly now?: () => Date;
  readonly fault?: (partition: string, operations: readonly Operation[]) => WriteFault;
}

interface Row {
  readonly etag: string;
  readonly text: string;
  readonly expiresAtMs: number | undefined;
}
type Rows = Map<string, Row>;

export function memoryStore(options: MemoryStoreOptions = {}): Store {
  const { now = () => new Date(), fault = () => "none" } = options;
  const partitions = new Map<string, Rows>();
  let etags = 0;
  const nextEtag = () => String(++etags);

  const rowsOf = (partition: string): Rows => partitions.get(partition) ?? new Map();

  const live = (rows: Rows, id: string): Row | undefined => {
    const row = rows.get(id);
    return row?.expiresAtMs !== undefined && row.expiresAtMs <= now().getTime() ? undefined : row;
  };

  const apply = (rows: Rows, operation: Operation): boolean => {
    const { id } = operation;
    const row = live(rows, id);
    if (!expected(operation, row)) return false;
    if (operation.kind === "delete") rows.delete(id);
    else if (operation.kind !== "check") {
      const { ttlSeconds } = operation;
      const expiresAtMs =
        ttlSeconds === undefined ? undefined : now().getTime() + ttlSeconds * 1000;
      rows.set(id, { etag: nextEtag(), text: JSON.stringify(operation.body), expiresAtMs });
    }
    return true;
  };

  const commitNow = (partition: string, operations: readonly Operation[]): Committed => {
    const rows = new Map(rowsOf(partition));
    for (const operation of operations)
      if (!apply(rows, operation)) return { kind: "conflict", id: operation.id };
    partitions.set(partition, rows);
    return { kind: "committed" };
  };

  return {
    read: async (partition, id) => documentOf(id, live(rowsOf(partition), id)),
    list: async (partition, { prefix, after, limit }) => {
      const rows = rowsOf(partition);
      return [...rows.keys()]
        .filter((id) => id.startsWith(prefix) && (after === undefined || id > after))
        .sort()
        .flatMap((id) => documentOf(id, live(rows, id)) ?? [])
        .slice(0, limit);
    },
    commit: async (partition, operations) => {
      checkBatch(partition, operations);
      const what = fault(partition, operations);
      if (what === "lost") throw new StoreError("unavailable", "the commit was lost");
      const outcome = commitNow(partition, operations);
      if (what === "lost-but-applied")
        throw new StoreError("unavailable", "the commit's answer was lost");
      return outcome;
    },
    scrub: async () => {},
    close: async () => {},
  };
}

function expected(operation: Operation, row: Row | undefined): boolean {
  switch (operation.kind) {
    case "create":
      return row === undefined;
    case "replace":
    case "check":
      return row?.etag === operation.etag;
    case "delete":
      return operation.etag === undefined || row?.etag === operation.etag;
    case "upsert":
      return true;
  }
}

const documentOf = (id: string, row: Row | undefined): StoredDocument | undefined =>
  row === undefined ? undefined : { id, etag: row.etag, body: JSON.parse(row.text) };
