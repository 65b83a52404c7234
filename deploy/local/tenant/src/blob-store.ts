// Append blobs, block by block, as they were appended. Nothing here changes or deletes one.
//
// Invariant: A1. A block that was answered is on disk, at the place that the answer names.

import { z } from "zod";
import type { Database } from "./database.ts";

/** Of one blob, as in Azure Storage. */
export const blocksMax = 50_000;

export interface StoredBlob {
  readonly bytes: number;
  readonly blocks: number;
  readonly changedAt: string;
}

export type Appended =
  | { readonly kind: "appended"; readonly offset: number; readonly blocks: number }
  | { readonly kind: "missing" }
  /** The blob does not end where the caller said. */
  | { readonly kind: "elsewhere" }
  | { readonly kind: "full" };

const Row = z.object({ bytes: z.number(), blocks: z.number(), changed_at: z.string() });
const Block = z.object({ position: z.number(), content: z.instanceof(Uint8Array) });
const Listed = z.object({ container: z.string(), name: z.string(), bytes: z.number() });

export type BlobStore = ReturnType<typeof openBlobStore>;

export function openBlobStore(database: Database) {
  const find = (container: string, name: string): StoredBlob | undefined => {
    const sql = "SELECT bytes, blocks, changed_at FROM blobs WHERE container = ? AND name = ?";
    const row = database.first(Row, sql, container, name);
    return row && { bytes: row.bytes, blocks: row.blocks, changedAt: row.changed_at };
  };
  const read = (container: string, name: string, from: number, to: number): Buffer => {
    const sql =
      "SELECT position, content FROM blob_blocks WHERE container = ? AND name = ? AND position < ? AND position + length(content) > ? ORDER BY position";
    const blocks = database.all(Block, sql, container, name, to, from);
    const start = blocks[0]?.position ?? 0;
    return Buffer.concat(blocks.map(({ content }) => content)).subarray(from - start, to - start);
  };
  return {
    find,
    /** The bytes from `from` up to, and without, `to`. */
    read,
    /** Whether it was not there yet. */
    create: (container: string, name: string): boolean =>
      database.run(
        "INSERT OR IGNORE INTO blobs (container, name, bytes, blocks, changed_at) VALUES (?, ?, 0, 0, ?)",
        container,
        name,
        new Date().toISOString(),
      ) === 1,
    /** A1. @param position where the blob must end; `undefined`: wherever it does. */
    append: (
      container: string,
      name: string,
      content: Uint8Array,
      position: number | undefined,
    ): Appended =>
      database.transaction(() => {
        const found = find(container, name);
        if (found === undefined) return { kind: "missing" };
        const { bytes: offset, blocks } = found;
        if (position !== undefined && position !== offset) return { kind: "elsewhere" };
        if (blocks >= blocksMax) return { kind: "full" };
        database.run(
          "INSERT INTO blob_blocks (container, name, position, content) VALUES (?, ?, ?, ?)",
          container,
          name,
          offset,
          content,
        );
        database.run(
          "UPDATE blobs SET bytes = bytes + ?, blocks = blocks + 1, changed_at = ? WHERE container = ? AND name = ?",
          content.length,
          new Date().toISOString(),
          container,
          name,
        );
        return { kind: "appended", offset, blocks: blocks + 1 };
      }),
    /** Every blob with its text, for the control endpoint. */
    all: () =>
      database
        .all(Listed, "SELECT container, name, bytes FROM blobs ORDER BY container, name")
        .map((one) => ({ ...one, text: String(read(one.container, one.name, 0, one.bytes)) })),
  };
}
