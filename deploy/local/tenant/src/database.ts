// The emulator's durable state: one SQLite file, write-ahead log, full synchronisation.
//
// Invariants:
//   D1. What was answered is on disk: `synchronous=FULL`, and every change of several rows is one
//       transaction.
//   D2. A row is parsed by a schema before anything reads it.
//   D3. The file is readable by its owner alone: it holds the emulated tenants' secrets.

import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { z } from "zod";
import { schema, schemaVersion } from "./database-schema.ts";

const busyTimeoutMs = 5_000;

export interface Database {
  /** All rows, each parsed by `row`. */
  readonly all: <T>(row: z.ZodType<T>, sql: string, ...values: SQLInputValue[]) => T[];
  /** The first row, or undefined. */
  readonly first: <T>(row: z.ZodType<T>, sql: string, ...values: SQLInputValue[]) => T | undefined;
  /** Runs a change; returns the number of rows changed. */
  readonly run: (sql: string, ...values: SQLInputValue[]) => number;
  /** All or nothing. Not nestable. */
  readonly transaction: <T>(work: () => T) => T;
  /** True when this start created the file's tables. */
  readonly isNew: boolean;
  readonly close: () => void;
}

export const databaseFile = (dataDir: string): string => join(dataDir, "tenant.sqlite");

/**
 * Opens or creates the state in `dataDir`. Throws when the folder cannot be written or when the
 * file was made by another version of the emulator.
 */
export function openDatabase(dataDir: string): Database {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = databaseFile(dataDir);
  const connection = new DatabaseSync(file, { timeout: busyTimeoutMs });
  chmodSync(file, 0o600); // D3
  connection.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"); // D1
  const isNew = createTables(connection, file);
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? connection.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    isNew,
    all: (row, sql, ...values) => {
      const rows = prepared(sql).all(...values);
      return rows.map((found) => row.parse(found)); // D2
    },
    first: (row, sql, ...values) => {
      const found = prepared(sql).get(...values);
      return found === undefined ? undefined : row.parse(found); // D2
    },
    run: (sql, ...values) => Number(prepared(sql).run(...values).changes),
    transaction: (work) => {
      connection.exec("BEGIN IMMEDIATE");
      try {
        const result = work();
        connection.exec("COMMIT");
        return result;
      } catch (error) {
        connection.exec("ROLLBACK");
        throw error;
      }
    },
    close: () => connection.close(),
  };
}

function createTables(connection: DatabaseSync, file: string): boolean {
  const version = Number(connection.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version === schemaVersion) return false;
  if (version !== 0) {
    const message = `${file} was made by version ${version} of the emulator, this is ${schemaVersion}; delete it to start anew`;
    throw new Error(message);
  }
  connection.exec(`BEGIN; ${schema} PRAGMA user_version = ${schemaVersion}; COMMIT;`);
  return true;
}
