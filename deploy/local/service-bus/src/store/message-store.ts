// The messages of all queues, one row each. The number of a message is its row: new rows are appended,
// and the index of (queue, lane, number) gives the waiting ones of a queue or session in order.

import type { DatabaseSync } from "node:sqlite";
import type { Commits } from "./group-commit.ts";
import { createCounts, type QueueCounts } from "./message-counts.ts";
import { createQueries } from "./message-queries.ts";
import { type RowState, rowState } from "./row-state.ts";

/** What the bus knows of a stored message. Times are ms since 1970. */
export interface MessageRow {
  readonly sequence: number;
  readonly queue: number;
  /** The session id in a queue with sessions, otherwise empty. */
  readonly lane: string;
  readonly state: RowState;
  readonly size: number;
  readonly expiresAt: number | null;
  readonly enqueuedAt: number;
  /** The number it had where it was first accepted. */
  readonly enqueuedSequence: number;
  readonly scheduledFor: number | null;
  readonly deliveryCount: number;
  /** How often it was forwarded. */
  readonly hops: number;
  /** The entity it was dead-lettered from. */
  readonly source: string | null;
  /** An encoded AMQP map of application properties set while settling, or null. */
  readonly modified: Buffer | null;
  /** The row of the shared bytes, when several copies share them. */
  readonly body: number | null;
}

export interface StoredMessage extends MessageRow {
  readonly raw: Buffer;
}

export interface MessageStore {
  /** Adds a message. `raw` is null when the row shares a body. */
  insert(row: MessageRow, raw: Buffer | null): void;
  insertBody(id: number, copies: number, raw: Buffer): void;
  remove(row: MessageRow): void;
  setState(row: MessageRow, state: RowState, modified: Buffer | null): void;
  setDelivery(row: MessageRow, deliveryCount: number, modified: Buffer | null): void;
  /** Puts a message into another queue, as it is. */
  move(row: MessageRow, to: Pick<MessageRow, "queue" | "lane" | "source" | "modified">): void;
  read(sequence: number): StoredMessage | undefined;
  /** Active messages of a lane after a number, in order, up to a count and a little over the bytes. */
  page(queue: number, lane: string, after: number, count: number, bytes: number): StoredMessage[];
  /** Messages in any state from a number on, in order; of one lane if given. */
  browse(queue: number, lane: string | undefined, from: number, count: number): StoredMessage[];
  expired(queue: number, until: number, count: number): StoredMessage[];
  nextExpiry(queue: number): number | undefined;
  due(until: number, count: number): StoredMessage[];
  nextDue(): number | undefined;
  /** Whether a lane has active messages after a number. */
  hasActive(queue: number, lane: string, after: number): boolean;
  /** Lanes with active messages, in the order of their names, after one. */
  activeLanes(queue: number, after: string, count: number): string[];
  lanesSince(queue: number, since: number): string[];
  counts(queue: number): Readonly<QueueCounts>;
  /** Counts everything again: after a failed turn the running counts are wrong. */
  recount(): void;
  removeAll(queue: number): void;
}

export function createMessageStore(database: DatabaseSync, { write }: Commits): MessageStore {
  const { count, countsOf, recount, forget } = createCounts(database);
  const queries = createQueries(database);
  const run = createStatements(database);
  return {
    ...queries,
    recount,
    counts: countsOf,
    insert(row, raw) {
      count(row, 1);
      write(() => {
        run.insert.run(
          row.sequence,
          row.queue,
          row.lane,
          row.state,
          row.size,
          row.expiresAt,
          row.enqueuedAt,
          row.enqueuedSequence,
          row.scheduledFor,
          row.deliveryCount,
          row.hops,
          row.source,
          row.modified,
          row.body,
          raw,
        );
      });
    },
    insertBody: (id, copies, raw) => write(() => void run.insertBody.run(id, copies, raw)),
    remove(row) {
      count(row, -1);
      write(() => {
        run.remove.run(row.sequence);
        if (row.body === null) return;
        run.releaseBody.run(row.body);
        run.dropBody.run(row.body);
      });
    },
    setState(row, state, modified) {
      count(row, -1);
      count({ ...row, state }, 1);
      write(() => void run.setState.run(state, modified, row.sequence));
    },
    setDelivery: (row, deliveryCount, modified) =>
      write(() => void run.setDelivery.run(deliveryCount, modified, row.sequence)),
    move(row, to) {
      count(row, -1);
      count({ queue: to.queue, state: rowState.active, size: row.size }, 1);
      const { queue, lane, source, modified } = to;
      write(
        () => void run.move.run(queue, lane, source, modified, row.deliveryCount, row.sequence),
      );
    },
    removeAll(queue) {
      forget(queue);
      write(() => {
        run.releaseAll.run(queue);
        run.removeAll.run(queue);
        run.dropBodies.run();
      });
    },
  };
}

function createStatements(database: DatabaseSync) {
  const insert = database.prepare(
    "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const insertBody = database.prepare("INSERT INTO bodies VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM messages WHERE sequence=?");
  const releaseBody = database.prepare("UPDATE bodies SET copies=copies-1 WHERE id=?");
  const dropBody = database.prepare("DELETE FROM bodies WHERE id=? AND copies<=0");
  const setState = database.prepare("UPDATE messages SET state=?, modified=? WHERE sequence=?");
  const setDelivery = database.prepare(
    "UPDATE messages SET delivery_count=?, modified=? WHERE sequence=?",
  );
  const move = database.prepare(
    "UPDATE messages SET queue=?, lane=?, source=?, modified=?, delivery_count=?, state=0 WHERE sequence=?",
  );
  const releaseAll = database.prepare(
    "UPDATE bodies SET copies=copies-1 WHERE id IN (SELECT body FROM messages WHERE queue=?)",
  );
  const dropBodies = database.prepare("DELETE FROM bodies WHERE copies<=0");
  const removeAll = database.prepare("DELETE FROM messages WHERE queue=?");
  return {
    insert,
    insertBody,
    remove,
    releaseBody,
    dropBody,
    setState,
    setDelivery,
    move,
    releaseAll,
    dropBodies,
    removeAll,
  };
}
