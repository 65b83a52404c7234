// The entities of the namespace as rows: what their owner said of them, and when.

import type { DatabaseSync } from "node:sqlite";
import type {
  QueueDescription,
  RuleDescription,
  SubscriptionDescription,
  TopicDescription,
} from "../entities/descriptions.ts";
import type { Commits } from "./group-commit.ts";

interface EntityRowBase {
  readonly id: number;
  /** Lower case; `topic/subscription` for a subscription. */
  readonly path: string;
  /** From the configuration, not created by a client. */
  readonly isConfigured: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type EntityRow = EntityRowBase &
  (
    | { readonly kind: "queue"; readonly description: QueueDescription }
    | { readonly kind: "topic"; readonly description: TopicDescription }
    | {
        readonly kind: "subscription";
        readonly description: SubscriptionDescription;
        readonly rules: readonly RuleDescription[];
      }
  );

export interface EntityStore {
  all(): EntityRow[];
  put(row: EntityRow): void;
  remove(id: number): void;
  nextId(): number;
  /** When the store was first opened, ms since 1970. */
  createdAt(now: number): number;
}

export function createEntityStore(database: DatabaseSync, { write }: Commits): EntityStore {
  const put = database.prepare("INSERT OR REPLACE INTO entities VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  const all = database.prepare("SELECT * FROM entities ORDER BY id");
  const remove = database.prepare("DELETE FROM entities WHERE id=?");
  const forgetStates = database.prepare("DELETE FROM session_states WHERE queue BETWEEN ? AND ?");
  const forgetDuplicates = database.prepare("DELETE FROM duplicates WHERE entity=?");
  const number = database.prepare("SELECT value FROM numbers WHERE name=?");
  const putNumber = database.prepare("INSERT OR REPLACE INTO numbers VALUES (?, ?)");
  const read = (name: string) => number.get(name)?.["value"];
  return {
    all: () => all.all().map(toRow),
    put(row) {
      const rules = row.kind === "subscription" ? row.rules : [];
      write(() => {
        put.run(
          row.id,
          row.kind,
          row.path,
          Number(row.isConfigured),
          JSON.stringify(row.description),
          JSON.stringify(rules),
          Math.trunc(row.createdAt),
          Math.trunc(row.updatedAt),
        );
      });
    },
    remove(id) {
      write(() => {
        remove.run(id);
        forgetStates.run(id * 4, id * 4 + 3);
        forgetDuplicates.run(id);
      });
    },
    nextId() {
      const id = Number(read("entity") ?? 1);
      write(() => void putNumber.run("entity", id + 1));
      return id;
    },
    createdAt(now) {
      const known = read("created_at");
      if (typeof known === "number") return known;
      write(() => void putNumber.run("created_at", Math.trunc(now)));
      return Math.trunc(now);
    },
  };
}

// Rows are written by `put` alone, in the file that only this bus opens: the shapes are its own.
function toRow(row: Record<string, unknown>): EntityRow {
  return {
    id: Number(row["id"]),
    kind: row["kind"],
    path: String(row["path"]),
    isConfigured: row["is_configured"] === 1,
    createdAt: Number(row["created_at"]),
    updatedAt: Number(row["updated_at"]),
    description: JSON.parse(String(row["description"])),
    rules: JSON.parse(String(row["rules"])),
  } as EntityRow;
}
