// The store port: documents in partitions, read singly and written in atomic batches. Shaped for Azure
// Cosmos DB, so that nothing is possible here that is not possible there.
//
// Durability: a batch that answered `committed` survives the loss of power.
// Atomicity: a batch is applied whole or not at all, within one partition.
// Concurrency: any number of processes; an etag changes with every write of its document.
// Retry: a throw means "unknown"; the caller reads again and compares before it repeats anything.

import type { Json } from "@niivo/contracts/canonical";

/** Limits of a Cosmos DB transactional batch. */
export const operationsMax = 100;
export const batchBytesMax = 2 * 1024 * 1024;

export interface StoredDocument {
  readonly id: string;
  readonly etag: string;
  readonly body: Json;
}

export type Operation =
  /** A conflict if the document exists. Every write sets its life anew: `ttlSeconds`, or without end. */
  | {
      readonly kind: "create";
      readonly id: string;
      readonly body: Json;
      readonly ttlSeconds?: number;
    }
  /** A conflict unless the document exists with this etag. */
  | {
      readonly kind: "replace";
      readonly id: string;
      readonly body: Json;
      readonly etag: string;
      readonly ttlSeconds?: number;
    }
  | {
      readonly kind: "upsert";
      readonly id: string;
      readonly body: Json;
      readonly ttlSeconds?: number;
    }
  /** With an etag, a conflict unless it matches; a missing document is no conflict without one. */
  | { readonly kind: "delete"; readonly id: string; readonly etag?: string }
  /** Writes nothing: a conflict unless the document exists with this etag. */
  | { readonly kind: "check"; readonly id: string; readonly etag: string };

export type Committed =
  | { readonly kind: "committed" }
  /** Nothing was written; `id` is the first document that was not as expected. */
  | { readonly kind: "conflict"; readonly id: string };

export interface StoreReader {
  readonly read: (partition: string, id: string) => Promise<StoredDocument | undefined>;
  /** Documents whose id starts with `prefix`, in the order of their ids, after `after` if given. */
  readonly list: (
    partition: string,
    query: { readonly prefix: string; readonly after?: string; readonly limit: number },
  ) => Promise<readonly StoredDocument[]>;
}

export interface Store extends StoreReader {
  /** @throws StoreError `too-many-operations` or `batch-too-large` before anything is written. */
  readonly commit: (partition: string, operations: readonly Operation[]) => Promise<Committed>;
  /** After it nothing that was deleted or overwritten is left in the files of this store. */
  readonly scrub: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export type StoreErrorCode = "too-many-operations" | "batch-too-large" | "unavailable";

export class StoreError extends Error {
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreError";
    this.code = code;
  }
}
