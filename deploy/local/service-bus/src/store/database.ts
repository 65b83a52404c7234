// Opens the one file of the bus, or says clearly why it does not.
//
// Invariants:
//   D4. One process at a time: a second one cannot open the same folder.
//   D5. A file that is not ours, is damaged or is of another version is refused before anything is
//       written to it.

import { appendFileSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** The store could not be opened, or could not be written. Nothing of the failed turn was acknowledged. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

export interface DatabaseOptions {
  /** Absent: in memory. */
  readonly dataDir: string | undefined;
  readonly journalFile: string | undefined;
  /** Largest size of the file in pages of 4096 bytes. Absent: as large as the disk. */
  readonly pagesMax?: number | undefined;
}

const APPLICATION_ID = 0x4e_53_42_32;
const SCHEMA_VERSION = 2;
/** Files up to this size are checked whole at the start (about 0.2 s). */
const CHECK_BYTES_MAX = 64 * 1_048_576;

const SCHEMA = `
  CREATE TABLE numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
  CREATE TABLE entities (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, path TEXT NOT NULL UNIQUE,
    is_configured INTEGER NOT NULL, description TEXT NOT NULL, rules TEXT NOT NULL,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE messages (
    sequence INTEGER PRIMARY KEY, queue INTEGER NOT NULL, lane TEXT NOT NULL,
    state INTEGER NOT NULL, size INTEGER NOT NULL, expires_at INTEGER, enqueued_at INTEGER NOT NULL,
    enqueued_sequence INTEGER NOT NULL, scheduled_for INTEGER, delivery_count INTEGER NOT NULL,
    hops INTEGER NOT NULL, source TEXT, modified BLOB, body INTEGER, raw BLOB
  ) STRICT;
  CREATE INDEX messages_in_order ON messages (queue, lane, sequence, state, size, expires_at);
  CREATE INDEX messages_scheduled ON messages (scheduled_for) WHERE state = 2;
  CREATE TABLE bodies (id INTEGER PRIMARY KEY, copies INTEGER NOT NULL, raw BLOB NOT NULL) STRICT;
  CREATE TABLE session_states (
    queue INTEGER NOT NULL, session TEXT NOT NULL, state BLOB NOT NULL, updated_at INTEGER NOT NULL,
    PRIMARY KEY (queue, session)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE duplicates (
    entity INTEGER NOT NULL, message_id TEXT NOT NULL, seen_at INTEGER NOT NULL,
    PRIMARY KEY (entity, message_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX duplicates_by_age ON duplicates (entity, seen_at);
`;

/** Opens or creates the store. Throws `StoreError` when the folder or the file cannot be used. */
export function openDatabase({ dataDir, journalFile, pagesMax }: DatabaseOptions): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    if (journalFile !== undefined) appendFileSync(journalFile, "", { mode: 0o600 });
    if (dataDir !== undefined) mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const file = dataDir === undefined ? ":memory:" : join(dataDir, "service-bus.sqlite");
    database = new DatabaseSync(file, { timeout: 1_000 });
    database.exec("PRAGMA locking_mode=EXCLUSIVE");
    const isNew = examine(database, file); // D5
    database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384");
    database.exec("PRAGMA journal_size_limit=67108864; PRAGMA wal_autocheckpoint=1000");
    if (pagesMax !== undefined) database.exec(`PRAGMA max_page_count=${pagesMax}`);
    // A write takes the exclusive lock at once: a folder in use is refused at the start (D4).
    const first = `${SCHEMA} PRAGMA application_id=${APPLICATION_ID}; PRAGMA user_version=${SCHEMA_VERSION};`;
    database.exec(`BEGIN IMMEDIATE; ${isNew ? first : ""} COMMIT;`);
    return database;
  } catch (cause) {
    database?.close();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError(`the data folder ${dataDir ?? "(memory)"} cannot be used: ${reason}`, {
      cause,
    });
  }
}

// Reads only. Answers whether the file is empty.
function examine(database: DatabaseSync, file: string): boolean {
  const pragma = (name: string) => Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
  const tables = database.prepare("SELECT COUNT(*) AS count FROM sqlite_schema").get()?.["count"];
  const application = pragma("application_id");
  const version = pragma("user_version");
  if (tables === 0 && application === 0 && version === 0) return true;
  if (application !== APPLICATION_ID && !(application === 0 && version === 1)) {
    throw new StoreError(`${file} is not a store of this bus`);
  }
  if (version !== SCHEMA_VERSION) {
    throw new StoreError(
      `the store has version ${version}, this is ${SCHEMA_VERSION}: finish it with the bus that wrote it, or give another folder`,
    );
  }
  if (file !== ":memory:" && statSync(file).size <= CHECK_BYTES_MAX) {
    const found = database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
    if (found !== "ok") throw new StoreError(`${file} is damaged: ${String(found)}`);
  }
  return false;
}
