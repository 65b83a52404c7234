// Reading messages: one by number, in order, by time.

import type { DatabaseSync } from "node:sqlite";
import type { StoredMessage } from "./message-store.ts";
import type { RowState } from "./row-state.ts";

const COLUMNS =
  "m.sequence, m.queue, m.lane, m.state, m.size, m.expires_at, m.enqueued_at, m.enqueued_sequence, m.scheduled_for, m.delivery_count, m.hops, m.source, m.modified, m.body, COALESCE(m.raw, b.raw)";
const FROM = "FROM messages m LEFT JOIN bodies b ON b.id = m.body";

type Columns = Record<number, unknown>;

function toMessage(row: unknown): StoredMessage {
  // The columns are those of COLUMNS in STRICT tables, so their types are known.
  const at = row as Columns;
  return {
    sequence: at[0] as number,
    queue: at[1] as number,
    lane: at[2] as string,
    state: at[3] as RowState,
    size: at[4] as number,
    expiresAt: at[5] as number | null,
    enqueuedAt: at[6] as number,
    enqueuedSequence: at[7] as number,
    scheduledFor: at[8] as number | null,
    deliveryCount: at[9] as number,
    hops: at[10] as number,
    source: at[11] as string | null,
    modified: bytesOf(at[12]),
    body: at[13] as number | null,
    raw: bytesOf(at[14]) ?? Buffer.alloc(0),
  };
}

function bytesOf(value: unknown): Buffer | null {
  if (!(value instanceof Uint8Array)) return null;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

export function createQueries(database: DatabaseSync) {
  const query = (sql: string) => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const read = query(`SELECT ${COLUMNS} ${FROM} WHERE m.sequence=?`);
  const page = query(
    `SELECT ${COLUMNS} ${FROM} WHERE m.queue=? AND m.lane=? AND m.sequence>? AND m.state=0 ORDER BY m.sequence LIMIT ?`,
  );
  const browseLane = query(
    `SELECT ${COLUMNS} ${FROM} WHERE m.queue=? AND m.lane=? AND m.sequence>=? ORDER BY m.sequence LIMIT ?`,
  );
  const browseAll = query(
    `SELECT ${COLUMNS} ${FROM} WHERE +m.queue=? AND m.sequence>=? ORDER BY m.sequence LIMIT ?`,
  );
  const expired = query(`SELECT ${COLUMNS} ${FROM} WHERE m.queue=? AND m.expires_at<=? LIMIT ?`);
  const nextExpiry = query("SELECT MIN(expires_at) FROM messages WHERE queue=?");
  const due = query(
    `SELECT ${COLUMNS} ${FROM} WHERE m.state=2 AND m.scheduled_for<=? ORDER BY m.scheduled_for, m.sequence LIMIT ?`,
  );
  const nextDue = query("SELECT MIN(scheduled_for) FROM messages WHERE state=2");
  const active = query(
    "SELECT 1 FROM messages WHERE queue=? AND lane=? AND sequence>? AND state=0 LIMIT 1",
  );
  const nextLane = query("SELECT MIN(lane) FROM messages WHERE queue=? AND lane>?");
  const lanesSince = query(
    "SELECT DISTINCT lane FROM messages WHERE queue=? AND enqueued_at>? ORDER BY lane",
  );
  const first = (row: unknown): unknown => (row as Columns | undefined)?.[0];
  const numberOf = (row: unknown) => {
    const value = first(row);
    return typeof value === "number" ? value : undefined;
  };
  const hasActive = (queue: number, lane: string, after: number) =>
    active.get(queue, lane, after) !== undefined;
  return {
    hasActive,
    read(sequence: number) {
      const row = read.get(sequence);
      return row === undefined ? undefined : toMessage(row);
    },
    page(queue: number, lane: string, after: number, count: number, bytes: number) {
      const found: StoredMessage[] = [];
      let size = 0;
      for (const row of page.iterate(queue, lane, after, count)) {
        const message = toMessage(row);
        found.push(message);
        size += message.size;
        if (size >= bytes) break;
      }
      return found;
    },
    browse: (queue: number, lane: string | undefined, from: number, count: number) =>
      (lane === undefined
        ? browseAll.all(queue, from, count)
        : browseLane.all(queue, lane, from, count)
      ).map(toMessage),
    expired: (queue: number, until: number, count: number) =>
      expired.all(queue, until, count).map(toMessage),
    nextExpiry: (queue: number) => numberOf(nextExpiry.get(queue)),
    due: (until: number, count: number) => due.all(until, count).map(toMessage),
    nextDue: () => numberOf(nextDue.get()),
    activeLanes(queue: number, after: string, count: number) {
      const lanes: string[] = [];
      let last = after;
      while (lanes.length < count) {
        const lane = first(nextLane.get(queue, last));
        if (typeof lane !== "string") break;
        if (hasActive(queue, lane, 0)) lanes.push(lane);
        last = lane;
      }
      return lanes;
    },
    lanesSince: (queue: number, since: number) =>
      lanesSince.all(queue, since).map((row) => String(first(row))),
  };
}
