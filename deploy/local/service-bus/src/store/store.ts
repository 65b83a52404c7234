// The bus's memory on disk: node:sqlite, one writer, one file. Invariants in database.ts (D4, D5) and
// group-commit.ts (D1 to D3).

import type { DatabaseSync } from "node:sqlite";
import { limits } from "../limits.ts";
import { type DatabaseOptions, openDatabase, type StoreError } from "./database.ts";
import { createEntityStore, type EntityStore } from "./entity-store.ts";
import { type Commits, groupCommit } from "./group-commit.ts";
import { createMessageStore, type MessageStore } from "./message-store.ts";

export interface Store {
  /** Numbers that rise for ever, also across restarts. */
  nextNumber(): number;
  readonly messages: MessageStore;
  readonly entities: EntityStore;
  readonly afterCommit: Commits["afterCommit"];
  readonly journal: Commits["journal"];
  readonly isWriting: Commits["isWriting"];
  readonly isRefusing: Commits["isRefusing"];
  /** Whether writes succeed now: after a failure, and a pause, one is tried to find out. */
  canWrite(): Promise<boolean>;
  putSessionState(queue: number, session: string, state: Buffer | null, now: number): void;
  sessionState(queue: number, session: string): Buffer | undefined;
  statesSince(queue: number, since: number): string[];
  /** Whether the id was seen at or after a time; if not, it is seen now. */
  isDuplicate(entity: number, messageId: string, since: number, now: number): boolean;
  forgetDuplicates(entity: number, before: number): void;
  /** Commits what is pending and lets go of the file. */
  close(): void;
}

export interface StoreOptions extends DatabaseOptions {
  /** Told of every turn that could not be written. Nothing of it was acknowledged. */
  readonly onFailure: (error: StoreError) => void;
}

/** Opens or creates the store. Throws `StoreError` when the folder cannot be used. */
export function openStore(options: StoreOptions): Store {
  const database = openDatabase(options);
  const numbers = reserveNumbers(database);
  const commits = groupCommit({
    database,
    journalFile: options.journalFile,
    onFailure: (error) => {
      messages.recount();
      numbers.reset();
      options.onFailure(error);
    },
  });
  const messages = createMessageStore(database, commits);
  return {
    nextNumber: () => numbers.next(commits.write),
    messages,
    entities: createEntityStore(database, commits),
    afterCommit: commits.afterCommit,
    journal: commits.journal,
    isWriting: commits.isWriting,
    isRefusing: commits.isRefusing,
    canWrite: () => canWrite(database, commits),
    ...createSessionStates(database, commits),
    ...createDuplicates(database, commits),
    close: () => {
      commits.flush();
      database.close();
    },
  };
}

// Nobody may be sending any more, so that a disk with room again would go unnoticed.
async function canWrite(database: DatabaseSync, commits: Commits): Promise<boolean> {
  if (!commits.isFailing()) return true;
  if (commits.isRefusing()) return false;
  const probe = database.prepare("INSERT OR REPLACE INTO numbers VALUES ('probe', ?)");
  return new Promise((resolve) => {
    commits.write(() => void probe.run(Date.now()));
    commits.afterCommit(
      () => resolve(true),
      () => resolve(false),
    );
  });
}

// The upper end of a block is written before its first number is used, so that no number is ever
// given twice; a restart skips the rest of the block.
function reserveNumbers(database: DatabaseSync) {
  const put = database.prepare("INSERT OR REPLACE INTO numbers VALUES ('sequence', ?)");
  const row = database.prepare("SELECT value FROM numbers WHERE name='sequence'").get();
  let next = row === undefined ? 1 : Number(row["value"]);
  let end = next;
  return {
    next(write: Commits["write"]): number {
      if (next >= end) {
        end = next + limits.sequenceBlock;
        write(() => void put.run(end));
      }
      next += 1;
      return next - 1;
    },
    /** A failed turn may have held a reservation: the next number reserves again. */
    reset(): void {
      end = next;
    },
  };
}

function createSessionStates(database: DatabaseSync, { write }: Commits) {
  const put = database.prepare("INSERT OR REPLACE INTO session_states VALUES (?, ?, ?, ?)");
  const remove = database.prepare("DELETE FROM session_states WHERE queue=? AND session=?");
  const get = database.prepare("SELECT state FROM session_states WHERE queue=? AND session=?");
  const since = database.prepare(
    "SELECT session FROM session_states WHERE queue=? AND updated_at>? ORDER BY session",
  );
  return {
    putSessionState(queue: number, session: string, state: Buffer | null, now: number): void {
      write(() => {
        if (state === null) remove.run(queue, session);
        else put.run(queue, session, state, Math.trunc(now));
      });
    },
    sessionState(queue: number, session: string): Buffer | undefined {
      const state = get.get(queue, session)?.["state"];
      return state instanceof Uint8Array ? Buffer.from(state) : undefined;
    },
    statesSince: (queue: number, time: number) =>
      since.all(queue, time).map((row) => String(row["session"])),
  };
}

function createDuplicates(database: DatabaseSync, { write }: Commits) {
  const get = database.prepare("SELECT seen_at FROM duplicates WHERE entity=? AND message_id=?");
  const put = database.prepare("INSERT OR REPLACE INTO duplicates VALUES (?, ?, ?)");
  const forget = database.prepare("DELETE FROM duplicates WHERE entity=? AND seen_at<?");
  return {
    isDuplicate(entity: number, messageId: string, since: number, now: number): boolean {
      const seenAt = get.get(entity, messageId)?.["seen_at"];
      if (typeof seenAt === "number" && seenAt >= since) return true;
      write(() => void put.run(entity, messageId, Math.trunc(now)));
      return false;
    },
    forgetDuplicates: (entity: number, before: number) =>
      write(() => void forget.run(entity, Math.trunc(before))),
  };
}
