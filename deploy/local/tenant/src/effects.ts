// The emulator's own record of what changed outside: every change through Graph and every
// message through the Bot Connector, in order. It holds ids and paths, never bodies.

import { z } from "zod";
import type { Database } from "./database.ts";

export interface Effect {
  readonly tenant: string;
  readonly app: string;
  readonly method: string;
  readonly path: string;
  readonly clientRequestId: string | undefined;
}

const Row = z.object({
  seq: z.number(),
  at: z.string(),
  tenant: z.string(),
  app: z.string(),
  method: z.string(),
  path: z.string(),
  client_request_id: z.string().nullable(),
});

/** Records one effect; call it in the same transaction as the change, or right after it. */
export function recordEffect(database: Database, effect: Effect): void {
  const { tenant, app, method, path, clientRequestId } = effect;
  database.run(
    "INSERT INTO effects (at, tenant, app, method, path, client_request_id) VALUES (?, ?, ?, ?, ?, ?)",
    new Date().toISOString(),
    tenant,
    app,
    method,
    path,
    clientRequestId ?? null,
  );
}

/** All effects, oldest first, in the names of the control endpoint. */
export function listEffects(database: Database) {
  return database
    .all(Row, "SELECT * FROM effects ORDER BY seq")
    .map(({ client_request_id, ...row }) => ({ ...row, clientRequestId: client_request_id }));
}
