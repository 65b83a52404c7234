// The applications and service principals of the tenants, as Entra looks them up.

import { z } from "zod";
import type { Database } from "./database.ts";

const names = () => z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text)));

const Row = z
  .object({
    tenant: z.string(),
    client_id: z.string(),
    object_id: z.string(),
    name: z.string(),
    kind: z.enum(["blueprint", "agent", "application", "service"]),
    blueprint: z.string().nullable(),
    graph_roles: names(),
    api_roles: names(),
    enabled: z.number(),
    secret_digest: z.string().nullable(),
  })
  .transform((row) => ({
    tenantId: row.tenant,
    clientId: row.client_id,
    objectId: row.object_id,
    name: row.name,
    kind: row.kind,
    blueprint: row.blueprint,
    graphRoles: row.graph_roles,
    apiRoles: row.api_roles,
    enabled: row.enabled === 1,
    secretDigest: row.secret_digest,
  }));
export type RegisteredApplication = z.infer<typeof Row>;

export interface Applications {
  readonly byClientId: (tenantId: string, clientId: string) => RegisteredApplication | undefined;
  readonly byName: (tenantId: string, name: string) => RegisteredApplication | undefined;
  /** What an administrator does in the portal. Returns false for an unknown application. */
  readonly setEnabled: (tenantId: string, name: string, enabled: boolean) => boolean;
}

export function openApplications(database: Database): Applications {
  const select = "SELECT * FROM applications WHERE tenant = ? AND";
  const enable = "UPDATE applications SET enabled = ? WHERE tenant = ? AND name = ?";
  return {
    byClientId: (tenantId, clientId) =>
      database.first(Row, `${select} client_id = ?`, tenantId, clientId.toLowerCase()),
    byName: (tenantId, name) => database.first(Row, `${select} name = ?`, tenantId, name),
    setEnabled: (tenantId, name, enabled) =>
      database.run(enable, Number(enabled), tenantId, name) === 1,
  };
}
