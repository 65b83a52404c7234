// Reads the ledger of secrets, for tests that search every output of the system for them.

import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { databaseFile } from "./database.ts";

const Canary = z.object({ kind: z.string(), value: z.string() });
export type Canary = z.infer<typeof Canary>;

/**
 * Every secret that the emulator in `dataDir` has made or seen, oldest first. Opens the state read
 * only, so it may run beside the emulator. Throws when there is no state.
 */
export function readCanaries(dataDir: string): Canary[] {
  const connection = new DatabaseSync(databaseFile(dataDir), { readOnly: true });
  try {
    return z
      .array(Canary)
      .parse(connection.prepare("SELECT kind, value FROM issued ORDER BY seq").all());
  } finally {
    connection.close();
  }
}
