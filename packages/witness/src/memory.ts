// What a witness remembers: for each log the checkpoint it cosigned last, and what contradicted it. One SQLite file,
// on the disk before anything is answered (WAL, synchronous=FULL).
//
// Invariants:
//   M1. Comparing with the last checkpoint and replacing it is one transaction, also between two processes.
//   M2. What is remembered of a log never shrinks.
//   M3. A file that is not a witness's is refused, and nothing in it is changed.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TreeHead } from "@niivo/contracts/evidence/proof";
import type { Refusal, Submission } from "./judge.ts";

const busyMs = 5000;
/** "NIWI": marks the file as a witness's (https://sqlite.org/pragma.html#pragma_application_id). */
const applicationId = 0x4e_49_57_49;
/** Somebody with a log's key could otherwise fill the disk with contradictions. */
const evidenceMax = 1000;

const schema = `
  CREATE TABLE IF NOT EXISTS cosigned (
    origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL,
    time INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS evidence (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, origin TEXT NOT NULL, reason TEXT NOT NULL,
    cosigned TEXT NOT NULL, contradicting TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS never_back BEFORE UPDATE ON cosigned
    WHEN new.size < old.size OR new.time < old.time OR new.origin <> old.origin
    BEGIN SELECT raise(ABORT, 'a witness does not go back'); END;
`;

interface Cosigned {
  /** Seconds since 1970. It never decreases for one log. */
  readonly time: number;
}

export interface Memory {
  /**
   * Replaces the last checkpoint of the submission's log if `judge` has nothing against it (M1).
   * @throws Error when it could not be written; then nothing may be answered but that.
   */
  readonly accept: (
    submission: Submission,
    now: Date,
    judge: (last: TreeHead | undefined) => Refusal | undefined,
  ) => Cosigned | Refusal;
  /** The last cosigned checkpoint of a log, as it came. */
  readonly last: (origin: string) => { readonly note: string; readonly time: number } | undefined;
  /** How many contradictions of this log are kept. */
  readonly contradictions: (origin: string) => number;
  readonly close: () => void;
}

export class MemoryError extends Error {
  override readonly name = "MemoryError";
}

/** Opens or makes the file `witness.sqlite` in `folder`. @throws MemoryError (M3), or the system's error. */
export function openMemory(folder: string): Memory {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = open(join(folder, "witness.sqlite"));
  const read = database.prepare("SELECT size, root, note, time FROM cosigned WHERE origin = ?");
  const write = database.prepare(
    `INSERT INTO cosigned (origin, size, root, note, time) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (origin) DO UPDATE
     SET size = excluded.size, root = excluded.root, note = excluded.note, time = excluded.time`,
  );
  const keep = database.prepare(
    `INSERT INTO evidence (at, origin, reason, cosigned, contradicting)
     SELECT ?, ?, ?, ?, ? WHERE (SELECT count(*) FROM evidence) < ${evidenceMax}
     ON CONFLICT (contradicting) DO NOTHING`,
  );
  const count = database.prepare("SELECT count(*) AS n FROM evidence WHERE origin = ?");

  const decide: Memory["accept"] = (submission, now, judge) => {
    const { origin, size, root, note } = submission;
    const row = read.get(origin);
    const refusal = judge(row === undefined ? undefined : headOf(row));
    if (refusal !== undefined) {
      if (isContradiction(refusal))
        keep.run(now.toISOString(), origin, refusal.kind, String(row?.["note"] ?? ""), note);
      return refusal;
    }
    const time = Math.max(Math.floor(now.getTime() / 1000), Number(row?.["time"] ?? 0));
    write.run(origin, size, root, note, time);
    return { time };
  };

  return {
    accept: (submission, now, judge) => {
      database.exec("BEGIN IMMEDIATE");
      try {
        const answer = decide(submission, now, judge);
        database.exec("COMMIT");
        return answer;
      } catch (error) {
        if (database.isTransaction) database.exec("ROLLBACK");
        throw error;
      }
    },
    last: (origin) => {
      const row = read.get(origin);
      if (row === undefined) return undefined;
      return { note: String(row["note"]), time: Number(row["time"]) };
    },
    contradictions: (origin) => Number(count.get(origin)?.["n"] ?? 0),
    close: () => database.close(),
  };
}

// A conflict about sizes is what an honest log meets after a lost answer; these two are not.
const isContradiction = (refusal: Refusal): boolean =>
  refusal.kind === "inconsistent" || (refusal.kind === "conflict" && refusal.isFork);

function headOf(row: Record<string, unknown>): TreeHead {
  const { size, root } = row;
  if (!(root instanceof Uint8Array)) throw new MemoryError("a root is not bytes");
  return { size: Number(size), root };
}

function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: busyMs });
  try {
    const id = Number(database.prepare("PRAGMA application_id").get()?.["application_id"]);
    const tables = Number(database.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"]);
    if (id !== applicationId && tables > 0)
      throw new MemoryError(`${file} is not a witness's file`);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    database.exec(`PRAGMA application_id = ${applicationId}`);
    database.exec(schema);
    return database;
  } catch (error) {
    database.close();
    if (error instanceof MemoryError) throw error;
    throw new MemoryError(`${file} cannot be used`, { cause: error });
  }
}
