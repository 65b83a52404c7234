// Who may do what in which vault, and the log of every attempt.
//
// Invariants:
//   V1. Deny by default: an identity may do exactly what `grants` names, in that vault.
//   V2. Every attempt of a known identity is in the access log, with status 200 when it was
//       permitted and 403 when it was refused.

import { z } from "zod";
import type { Database } from "./database.ts";
import { platform, type VaultName } from "./seed.ts";

export type VaultOperation =
  | "SecretGet"
  | "SecretSet"
  | "SecretList"
  | "KeyGet"
  | "KeySign"
  | "KeyWrap"
  | "KeyUnwrap"
  | "KeyRotate";

interface Grant {
  readonly identity: keyof typeof platform.applications;
  readonly operations: readonly VaultOperation[];
  /** Only these secrets or keys; absent means all of the vault. */
  readonly names?: readonly string[];
}

const rotation: Grant = { identity: "deployer", operations: ["SecretSet", "SecretList"] };
const customerGrants: readonly Grant[] = [
  { identity: "broker", operations: ["SecretGet", "SecretList"] },
  { identity: "secretLinks", operations: ["SecretGet"], names: ["secret-link-key"] },
  rotation,
];
const grants: Readonly<Record<VaultName, readonly Grant[]>> = {
  contoso: customerGrants,
  fabrikam: customerGrants,
  platform: [
    { identity: "approvals", operations: ["SecretGet"], names: ["bot-client-secret"] },
    { identity: "broker", operations: ["SecretGet"], names: ["bot-client-secret"] },
    { identity: "audit", operations: ["KeyGet", "KeySign"], names: ["audit-sealing"] },
    {
      identity: "audit",
      operations: ["KeyGet", "KeyWrap", "KeyUnwrap"],
      names: ["audit-values"],
    },
    { identity: "broker", operations: ["KeyGet"], names: ["audit-sealing"] },
    { identity: "deployer", operations: ["KeyRotate"] },
    rotation,
  ],
};

/** V1. `identity` is an object id of the platform tenant. */
export function mayAccess(
  vault: VaultName,
  identity: string,
  operation: VaultOperation,
  name: string,
): boolean {
  return grants[vault].some(
    (grant) =>
      platform.applications[grant.identity].objectId === identity &&
      grant.operations.includes(operation) &&
      (grant.names === undefined || grant.names.includes(name)),
  );
}

export interface VaultAttempt {
  readonly vault: VaultName;
  readonly identity: string;
  readonly operation: VaultOperation;
  readonly name: string;
  readonly status: number;
  readonly clientRequestId: string | undefined;
}

/** V2. */
export function recordAttempt(database: Database, attempt: VaultAttempt): void {
  const { vault, identity, operation, name, status, clientRequestId } = attempt;
  database.run(
    "INSERT INTO vault_access (at, vault, identity, operation, name, status, client_request_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
    new Date().toISOString(),
    vault,
    identity,
    operation,
    name,
    status,
    clientRequestId ?? null,
  );
}

const Row = z.object({
  seq: z.number(),
  at: z.string(),
  vault: z.string(),
  identity: z.string(),
  operation: z.string(),
  name: z.string(),
  status: z.number(),
  client_request_id: z.string().nullable(),
});

/** Every attempt, oldest first, in the names of the control endpoint. */
export function listVaultAccess(database: Database) {
  return database
    .all(Row, "SELECT * FROM vault_access ORDER BY seq")
    .map(({ client_request_id, ...row }) => ({ ...row, clientRequestId: client_request_id }));
}
