// The store on this machine: node:sqlite, one file per service. Every commit is on the disk when it answers
// (WAL with synchronous=FULL, verified at opening).

import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { checkBatch } from "./batch-limits.ts";
import {
  type Committed,
  type Operation,
  type Store,
  type StoredDocument,
  StoreError,
} from "./store.ts";

/** While it opens: another process may hold the file's write lock for this long. */
const openBusyMs = 5000;
/**
 * Afterwards: SQLite waits inside the call, and with it everything else in this process, health and lock
 * renewals included. So it waits a moment only, and the host's retries do the rest.
 */
const busyMs = 200;
/** Expired documents are removed a few at a time, so that no commit waits long. */
const purgeEveryMs = 10_000;
const purgeRowsMax = 200;

const schema = `
  CREATE TABLE IF NOT EXISTS documents (
    partition  TEXT NOT NULL,
    id         TEXT NOT NULL,
    etag       TEXT NOT NULL,
    body       TEXT NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (partition, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS documents_expiry ON documents (expires_at)
    WHERE expires_at IS NOT NULL;
`;
const live = "(expires_at IS NULL OR expires_at > :now)";

interface Waiting {
  readonly partition: string;
  readonly operations: readonly Operation[];
  readonly resolve: (outcome: Committed) => void;
  readonly reject: (error: StoreError) => void;
}

export function sqliteStore(file: string, now: () => Date = () => new Date()): Store {
  const database = open(file);
  const statements = prepare(database);

  const write = (partition: string, operation: Operation): boolean => {
    const { id } = operation;
    const at = now().getTime();
    switch (operation.kind) {
      case "check":
        return statements.read.get({ partition, id, now: at })?.["etag"] === operation.etag;
      case "delete": {
        const { etag } = operation;
        if (etag === undefined) return statements.remove.run({ partition, id }).changes >= 0;
        return statements.removeIf.run({ partition, id, etag, now: at }).changes === 1;
      }
      case "create":
      case "replace":
      case "upsert": {
        const { ttlSeconds } = operation;
        const expires = ttlSeconds === undefined ? null : at + ttlSeconds * 1000;
        const body = JSON.stringify(operation.body);
        const row = { partition, id, etag: randomUUID(), body, expires };
        if (operation.kind === "upsert") return statements.upsert.run(row).changes === 1;
        if (operation.kind === "create")
          return statements.create.run({ ...row, now: at }).changes === 1;
        return statements.replace.run({ ...row, was: operation.etag, now: at }).changes === 1;
      }
    }
  };

  /** Applies one batch whole or not at all, inside the transaction of its group. */
  const apply = ({ partition, operations }: Waiting): Committed => {
    database.exec("SAVEPOINT batch");
    const refused = operations.find((operation) => !write(partition, operation));
    database.exec(refused === undefined ? "RELEASE batch" : "ROLLBACK TO batch; RELEASE batch");
    return refused === undefined ? { kind: "committed" } : { kind: "conflict", id: refused.id };
  };

  /** What was asked for in one turn of the event loop is one transaction, and waits for the disk once. */
  let waiting: Waiting[] = [];
  const commitWaiting = (): void => {
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    try {
      database.exec("BEGIN IMMEDIATE");
      const outcomes = group.map((one) => ({ one, outcome: apply(one) }));
      database.exec("COMMIT");
      for (const { one, outcome } of outcomes) one.resolve(outcome);
    } catch (error) {
      if (database.isOpen && database.isTransaction) database.exec("ROLLBACK");
      for (const one of group) one.reject(unavailable(error));
    }
  };

  const purging = setInterval(() => {
    try {
      statements.purge.run({ now: now().getTime(), limit: purgeRowsMax });
    } catch {
      // A busy file: the next round removes them; reads never see them.
    }
  }, purgeEveryMs).unref();

  return {
    read: async (partition, id) =>
      guarded(() => documentOf(statements.read.get({ partition, id, now: now().getTime() }))),
    list: async (partition, { prefix, after = "", limit }) =>
      guarded(() =>
        statements.list
          .all({ partition, ...boundsOf(prefix, after), limit, now: now().getTime() })
          .flatMap((row) => documentOf(row) ?? []),
      ),
    commit: async (partition, operations) => {
      checkBatch(partition, operations);
      return new Promise((resolve, reject) => {
        if (waiting.push({ partition, operations, resolve, reject }) === 1)
          setImmediate(commitWaiting);
      });
    },
    scrub: async () => {
      // Deleted content is overwritten with zeros (`secure_delete`), in pages that still wait in the log.
      const done = guarded(() => database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get());
      if (done?.["busy"] !== 0)
        throw new StoreError("unavailable", "the store's log is being read by another process");
    },
    close: async () => {
      clearInterval(purging);
      commitWaiting();
      if (database.isOpen) database.close();
    },
  };
}

/** @throws StoreError that names the file and says why it cannot be written. */
function open(file: string): DatabaseSync {
  try {
    return opened(file);
  } catch (error) {
    throw unopened(file, error);
  }
}

/**
 * SQLite opens what it may not write for reading alone, says nothing before the first commit, and would not notice that
 * it may write again. A disk that is full is no reason to end: the open file can be written when there is room.
 */
function refuseReadOnly(database: DatabaseSync): void {
  try {
    database.exec("PRAGMA user_version = 1");
  } catch (error) {
    if (resultCodeOf(error) === readOnlyCode) throw error;
  }
}

function unopened(file: string, cause: unknown): StoreError {
  const { message } = cause instanceof StoreError ? cause : unavailable(cause);
  return new StoreError("unavailable", `${file}: ${message}`, { cause });
}

function opened(file: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  const database = new DatabaseSync(file, { timeout: openBusyMs });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;");
  const mode = database.prepare("PRAGMA journal_mode").get()?.["journal_mode"];
  const synchronous = database.prepare("PRAGMA synchronous").get()?.["synchronous"];
  const fullSynchronous = 2;
  if (mode !== "wal" || synchronous !== fullSynchronous) {
    database.close();
    throw new StoreError("unavailable", "it cannot be written durably");
  }
  database.exec(schema);
  refuseReadOnly(database);
  database.exec(`PRAGMA busy_timeout = ${busyMs}`);
  return database;
}

function prepare(database: DatabaseSync) {
  const columns = "(partition, id, etag, body, expires_at)";
  const values = "VALUES (:partition, :id, :etag, :body, :expires)";
  const renewed = "etag = excluded.etag, body = excluded.body, expires_at = excluded.expires_at";
  const onConflict = `ON CONFLICT (partition, id) DO UPDATE SET ${renewed}`;
  const one = "partition = :partition AND id = :id";
  return {
    read: database.prepare(`SELECT id, etag, body FROM documents WHERE ${one} AND ${live}`),
    // SQLite seeks by one lower bound and passes over all rows up to the other: the plus signs leave it `from`.
    list: database.prepare(
      `SELECT id, etag, body FROM documents WHERE partition = :partition AND id >= :from
       AND id < :end AND +id >= :prefix AND +id > :after AND ${live} ORDER BY id LIMIT :limit`,
    ),
    // An expired document is as good as none: it is overwritten.
    create: database.prepare(
      `INSERT INTO documents ${columns} ${values} ${onConflict}
       WHERE documents.expires_at IS NOT NULL AND documents.expires_at <= :now`,
    ),
    upsert: database.prepare(`INSERT INTO documents ${columns} ${values} ${onConflict}`),
    replace: database.prepare(
      `UPDATE documents SET etag = :etag, body = :body, expires_at = :expires
       WHERE ${one} AND etag = :was AND ${live}`,
    ),
    remove: database.prepare(`DELETE FROM documents WHERE ${one}`),
    removeIf: database.prepare(`DELETE FROM documents WHERE ${one} AND etag = :etag AND ${live}`),
    purge: database.prepare(
      `DELETE FROM documents WHERE rowid IN
       (SELECT rowid FROM documents WHERE expires_at <= :now LIMIT :limit)`,
    ),
  };
}

/** What a page lies between. It is sought from the later of its two lower bounds on. */
const boundsOf = (prefix: string, after: string) => ({
  prefix,
  after,
  from: after > prefix ? after : prefix,
  end: `${prefix}~\uffff`,
});

function documentOf(row: Record<string, unknown> | undefined): StoredDocument | undefined {
  if (row === undefined) return undefined;
  return {
    id: String(row["id"]),
    etag: String(row["etag"]),
    body: JSON.parse(String(row["body"])),
  };
}

/** SQLite's errors (busy, full, I/O) become the port's one, with a line for a person: unknown, read again. */
function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw unavailable(error);
  }
}

const unavailable = (cause: unknown): StoreError =>
  new StoreError("unavailable", reasons.get(resultCodeOf(cause)) ?? "the database did not answer", {
    cause,
  });

const readOnlyCode = 8;
/** By SQLite's primary result codes (https://sqlite.org/rescode.html). */
const reasons: ReadonlyMap<number | undefined, string> = new Map([
  [5, "the store's file is held by another process"],
  [readOnlyCode, "the store's file is read-only"],
  [10, "the store's disk fails, or is full"],
  [11, "the store's file is damaged"],
  [13, "the store's disk is full"],
  [14, "the store's file cannot be opened"],
]);

/** The low byte of an extended code is its primary one. */
const resultCodeOf = (error: unknown): number | undefined =>
  error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : undefined;
