// Everything written in one turn of the event loop becomes one transaction.
//
// Invariants:
//   D1. What was written before `afterCommit` was called is on disk when its callback runs.
//   D2. All writes of one turn are one transaction: together or not at all.
//   D3. When a turn cannot be written (disk full, file locked, journal gone) none of its callbacks
//       runs; each `failed` does, after the transaction is undone. The next turn is a new try.

import { appendFileSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StoreError } from "./database.ts";

export interface Commits {
  /** Runs statements in the turn's transaction. After a failure in the turn it does nothing. */
  write(action: () => void): void;
  /** Calls back once everything written so far is durable, or once it is certain not to be. */
  afterCommit(committed: () => void, failed?: () => void): void;
  /** A line for the journal, written before the transaction. */
  journal(entry: () => object): void;
  /** Whether a transaction is open: what a query finds now may still be undone. */
  isWriting(): boolean;
  /** Whether the last turn could not be written and the next try is not due. */
  isRefusing(): boolean;
  /** Whether the last turn that wrote could not be written. */
  isFailing(): boolean;
  flush(): void;
}

export interface CommitOptions {
  readonly database: DatabaseSync;
  readonly journalFile: string | undefined;
  /** Told of every turn that could not be written, before its `failed` callbacks. */
  readonly onFailure: (error: StoreError) => void;
}

interface Waiting {
  readonly committed: () => void;
  readonly failed: (() => void) | undefined;
}

/** After a failure new messages are refused for so long without trying, while settlements try. */
const REFUSE_MS = 500;

export function groupCommit({ database, journalFile, onFailure }: CommitOptions): Commits {
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  let isOpen = false;
  let problem: unknown;
  let waiting: Waiting[] = [];
  let lines: string[] = [];
  let isScheduled = false;
  let refuseUntil = 0;
  let isFailing = false;

  const fail = (cause: unknown): void => {
    problem = cause ?? new Error("unknown");
    if (isOpen && database.isTransaction) database.exec("ROLLBACK");
    isOpen = false;
    isFailing = true;
    refuseUntil = performance.now() + REFUSE_MS;
  };
  const commitNow = (): void => {
    try {
      if (journalFile !== undefined && lines.length > 0) {
        appendFileSync(journalFile, lines.join(""), { mode: 0o600 });
      }
      if (!isOpen) return;
      commit.run(); // D2
      isOpen = false;
      isFailing = false;
    } catch (cause) {
      fail(cause);
    }
  };
  const flush = (): void => {
    if (problem === undefined) commitNow();
    const ready = waiting;
    const cause = problem;
    waiting = [];
    lines = [];
    problem = undefined;
    if (cause === undefined) {
      for (const { committed } of ready) committed(); // D1
      return;
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    onFailure(new StoreError(`a write failed: ${reason}`, { cause }));
    for (const { failed } of ready) failed?.(); // D3
  };
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
    isWriting: () => isOpen,
    isRefusing: () => performance.now() < refuseUntil,
    isFailing: () => isFailing,
    write(action) {
      schedule();
      if (problem !== undefined) return;
      try {
        if (!isOpen) {
          begin.run();
          isOpen = true;
        }
        action();
      } catch (cause) {
        fail(cause);
      }
    },
    journal(entry) {
      if (journalFile === undefined) return;
      lines.push(`${JSON.stringify(entry())}\n`);
      schedule();
    },
    afterCommit(committed, failed) {
      waiting.push({ committed, failed });
      schedule();
    },
  };
}
