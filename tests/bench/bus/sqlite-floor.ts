// The physical limit: the same bytes inserted into node:sqlite and deleted again, durably, by nobody
// but SQLite, with this many messages in a transaction.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Job, Prepared } from "./job.ts";
import { messageBytes } from "./sdk-clients.ts";

export async function prepareSqlite(job: Extract<Job, { kind: "sqlite" }>): Promise<Prepared> {
  const database = new DatabaseSync(join(job.folder, `floor-${job.group}.sqlite`));
  database.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;");
  database.exec(
    "CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, raw BLOB NOT NULL) STRICT",
  );
  const insert = database.prepare("INSERT INTO rows VALUES (?, ?)");
  const remove = database.prepare("DELETE FROM rows WHERE id=?");
  const raw = Buffer.alloc(messageBytes, "0123456789abcdef");
  const transaction = (from: number, statement: (id: number) => void) => {
    database.exec("BEGIN IMMEDIATE");
    for (let id = from; id < from + job.group; id += 1) statement(id);
    database.exec("COMMIT");
  };
  return {
    run: async () => {
      for (let from = 0; from < job.count; from += job.group) {
        transaction(from, (id) => void insert.run(id, raw));
        transaction(from, (id) => void remove.run(id));
      }
      return { eachMs: [] };
    },
    close: async () => database.close(),
  };
}
