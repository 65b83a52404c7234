// The bus's memory on disk: node:sqlite, one writer, one file.
//
// Invariants:
//   D1. What was written before `afterCommit` was called is on disk when its callback runs.
//   D2. All writes of one turn of the event loop are one transaction: together or not at all.
//   D3. A failed write is the end of the process: the caller is told once, and no callback of the
//       failed transaction ever runs, so nothing is acknowledged that could be lost.
//   D4. One process at a time: a second one cannot open the same folder.

import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { limits } from "./limits.ts";

export interface MessageRow {
  readonly id: number;
  readonly topic: string;
  readonly scheduledFor: number | null;
  readonly raw: Buffer;
}

/** One copy of a message in a subscription. */
export interface CopyRow {
  readonly entity: string;
  readonly sequence: number;
  readonly message: number;
  readonly isDead: boolean;
  readonly isDeferred: boolean;
  readonly deliveryCount: number;
  readonly enqueuedAt: number;
  /** An encoded AMQP map of application properties set while settling, or null. */
  readonly modified: Buffer | null;
}

export interface Store {
  /** Numbers that rise for ever, also across restarts. */
  nextNumber(): number;
  putMessage(row: MessageRow): void;
  /** A scheduled message has become an ordinary one. */
  clearSchedule(id: number): void;
  deleteMessage(id: number): void;
  putCopy(row: CopyRow): void;
  deleteCopy(entity: string, sequence: number): void;
  putSessionState(entity: string, session: string, state: Buffer | null): void;
  sessionState(entity: string, session: string): Buffer | undefined;
  /** A line for the journal, written before the transaction of this turn. */
  journal(entry: () => object): void;
  messages(): MessageRow[];
  copies(entity: string): CopyRow[];
  /** How many copies each message has, of all entities. */
  references(): Map<number, number>;
  /** Calls back once everything written so far is durable. Callbacks keep their order. */
  afterCommit(callback: () => void): void;
  /** Commits what is pending and lets go of the file. */
  close(): void;
}

/** The store could not be opened or written. Nothing after it was acknowledged. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

export interface StoreOptions {
  /** Absent: in memory. */
  readonly dataDir: string | undefined;
  readonly journalFile: string | undefined;
  /** Called once, when a write fails. The process must end. */
  readonly onFailure: (error: StoreError) => void;
}

const SCHEMA_VERSION = 1;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, next INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, scheduled_for INTEGER, raw BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS copies (
    entity TEXT NOT NULL, sequence INTEGER NOT NULL, message INTEGER NOT NULL,
    is_dead INTEGER NOT NULL, is_deferred INTEGER NOT NULL, delivery_count INTEGER NOT NULL,
    enqueued_at INTEGER NOT NULL, modified BLOB, PRIMARY KEY (entity, sequence)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS session_states (
    entity TEXT NOT NULL, session TEXT NOT NULL, state BLOB NOT NULL, PRIMARY KEY (entity, session)
  ) STRICT, WITHOUT ROWID;
`;

/** Opens or creates the store. Throws `StoreError` when the folder cannot be used. */
export function openStore(options: StoreOptions): Store {
  const database = openDatabase(options);
  const commits = groupCommit(database, options);
  const run = prepared(database, commits.write);
  const numbers = reserveNumbers(database, run.reserve);
  const state = database.prepare("SELECT state FROM session_states WHERE entity=? AND session=?");
  return {
    nextNumber: numbers,
    putMessage: (row) => run.putMessage(row.id, row.topic, row.scheduledFor, row.raw),
    clearSchedule: (id) => run.clearSchedule(id),
    deleteMessage: (id) => run.deleteMessage(id),
    putCopy: (row) =>
      run.putCopy(
        row.entity,
        row.sequence,
        row.message,
        Number(row.isDead),
        Number(row.isDeferred),
        row.deliveryCount,
        row.enqueuedAt,
        row.modified,
      ),
    deleteCopy: (entity, sequence) => run.deleteCopy(entity, sequence),
    putSessionState: (entity, session, bytes) =>
      bytes === null ? run.deleteState(entity, session) : run.putState(entity, session, bytes),
    sessionState: (entity, session) => optionalBytes(state.get(entity, session)?.["state"]),
    journal: commits.journal,
    messages: () => readMessages(database),
    copies: (entity) => readCopies(database, entity),
    references: () => readReferences(database),
    afterCommit: commits.afterCommit,
    close: () => {
      commits.flush();
      database.close();
    },
  };
}

function openDatabase({ dataDir, journalFile }: StoreOptions): DatabaseSync {
  try {
    if (journalFile !== undefined) appendFileSync(journalFile, "", { mode: 0o600 });
    if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const path = dataDir === undefined ? ":memory:" : join(dataDir, "service-bus.sqlite");
    const database = new DatabaseSync(path, { timeout: 1_000 });
    database.exec(
      "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    );
    const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
    if (version !== 0 && version !== SCHEMA_VERSION) {
      throw new StoreError(`the store has version ${version}, this is ${SCHEMA_VERSION}`);
    }
    // A write takes the exclusive lock at once: a folder in use is refused at the start (D4).
    database.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version=${SCHEMA_VERSION}; COMMIT;`);
    return database;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(`the data folder ${dataDir ?? "(memory)"} cannot be used: ${reason}`, {
      cause,
    });
  }
}

type Value = string | number | Buffer | null;

function groupCommit(database: DatabaseSync, options: StoreOptions) {
  let isOpen = false;
  let isFailed = false;
  let callbacks: (() => void)[] = [];
  let lines: string[] = [];

  const fail = (cause: unknown): StoreError => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const error = new StoreError(`a write failed: ${reason}`, { cause });
    if (!isFailed) options.onFailure(error);
    isFailed = true; // D3
    return error;
  };
  const begin = (): void => {
    if (isOpen) return;
    database.exec("BEGIN IMMEDIATE");
    isOpen = true;
  };
  const flush = (): void => {
    if (isFailed || (!isOpen && callbacks.length === 0 && lines.length === 0)) return;
    const ready = callbacks;
    const written = lines;
    callbacks = [];
    lines = [];
    try {
      if (options.journalFile !== undefined && written.length > 0) {
        appendFileSync(options.journalFile, written.join(""), { mode: 0o600 });
      }
      if (isOpen) database.exec("COMMIT"); // D2
      isOpen = false;
    } catch (cause) {
      fail(cause);
      return;
    }
    for (const callback of ready) callback(); // D1
  };
  let isScheduled = false;
  const schedule = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      flush();
    });
  };
  return {
    flush,
    write: (action: () => void) => {
      if (isFailed) throw new StoreError("the store has failed before");
      try {
        begin();
        action();
      } catch (cause) {
        throw fail(cause);
      }
      schedule();
    },
    journal: (entry: () => object) => {
      if (options.journalFile === undefined) return;
      lines.push(`${JSON.stringify(entry())}\n`);
      schedule();
    },
    afterCommit: (callback: () => void) => {
      callbacks.push(callback);
      schedule();
    },
  };
}

function prepared(database: DatabaseSync, write: (action: () => void) => void) {
  const statement = (sql: string) => {
    const compiled = database.prepare(sql);
    return (...values: Value[]) => write(() => void compiled.run(...values));
  };
  return {
    reserve: statement("INSERT OR REPLACE INTO numbers VALUES ('sequence', ?)"),
    putMessage: statement("INSERT INTO messages VALUES (?, ?, ?, ?)"),
    clearSchedule: statement("UPDATE messages SET scheduled_for=NULL WHERE id=?"),
    deleteMessage: statement("DELETE FROM messages WHERE id=?"),
    putCopy: statement("INSERT OR REPLACE INTO copies VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
    deleteCopy: statement("DELETE FROM copies WHERE entity=? AND sequence=?"),
    putState: statement("INSERT OR REPLACE INTO session_states VALUES (?, ?, ?)"),
    deleteState: statement("DELETE FROM session_states WHERE entity=? AND session=?"),
  };
}

// The upper end of a block is written before its first number is used, so that no number is ever
// given twice; a restart skips the rest of the block.
function reserveNumbers(database: DatabaseSync, reserve: (end: number) => void): () => number {
  const row = database.prepare("SELECT next FROM numbers WHERE name='sequence'").get();
  let next = row === undefined ? 1 : Number(row["next"]);
  let end = next;
  return () => {
    if (next === end) {
      end = next + limits.sequenceBlock;
      reserve(end);
    }
    next += 1;
    return next - 1;
  };
}

function readMessages(database: DatabaseSync): MessageRow[] {
  return database
    .prepare("SELECT id, topic, scheduled_for, raw FROM messages ORDER BY id")
    .all()
    .map((row) => ({
      id: Number(row["id"]),
      topic: String(row["topic"]),
      scheduledFor: row["scheduled_for"] === null ? null : Number(row["scheduled_for"]),
      raw: optionalBytes(row["raw"]) ?? Buffer.alloc(0),
    }));
}

function readCopies(database: DatabaseSync, entity: string): CopyRow[] {
  return database
    .prepare("SELECT * FROM copies WHERE entity=? ORDER BY sequence")
    .all(entity)
    .map((row) => ({
      entity,
      sequence: Number(row["sequence"]),
      message: Number(row["message"]),
      isDead: row["is_dead"] === 1,
      isDeferred: row["is_deferred"] === 1,
      deliveryCount: Number(row["delivery_count"]),
      enqueuedAt: Number(row["enqueued_at"]),
      modified: optionalBytes(row["modified"]) ?? null,
    }));
}

function readReferences(database: DatabaseSync): Map<number, number> {
  const rows = database
    .prepare("SELECT message, COUNT(*) AS copies FROM copies GROUP BY message")
    .all();
  return new Map(rows.map((row) => [Number(row["message"]), Number(row["copies"])]));
}

function optionalBytes(value: unknown): Buffer | undefined {
  if (!(value instanceof Uint8Array)) return undefined;
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
