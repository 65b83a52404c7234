// Plants the seed into a fresh state: people, groups, applications, secrets, the keys of audit.

import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import type { Database } from "./database.ts";
import type { Ledger } from "./ledger.ts";
import { directoryRoleTemplates, skus, type Tenant, tenants } from "./seed.ts";
import type { Person } from "./seed-types.ts";

const secretBytes = 32;
const versionBytes = 16;

/** How the state keeps a client secret: never the value itself. */
export const secretDigest = (value: string): string =>
  createHash("sha256").update(value).digest("base64");

/** A version of a vault secret or key: 32 hexadecimal digits. */
export const newVersion = (): string => randomBytes(versionBytes).toString("hex");

type KeyKind = "EC" | "RSA";
/** The least that Key Vault makes. */
const rsaBits = 2048;

/** A fresh private key. */
export function newKeyPem(kind: KeyKind): string {
  const { privateKey } =
    kind === "EC"
      ? generateKeyPairSync("ec", { namedCurve: "P-256" })
      : generateKeyPairSync("rsa", { modulusLength: rsaBits });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** Does nothing unless this start created the state; then plants everything in one transaction. */
export function plantSeed(database: Database, ledger: Ledger, now: Date): void {
  if (!database.isNew) return;
  database.transaction(() => {
    for (const tenant of tenants) {
      for (const person of tenant.people) plantPerson(database, tenant.tenantId, person, now);
      plantGroups(database, tenant);
      plantApplications(database, tenant, plantSecrets(database, ledger, tenant, now));
    }
    plantKey(database, "audit-sealing", "EC", now);
    plantKey(database, "audit-values", "RSA", now);
  });
}

function plantPerson(database: Database, tenant: string, person: Person, now: Date): void {
  const { objectId, userPrincipalName, manager, accountEnabled } = person;
  const { directoryRoles, apiRoles, authenticationMethods, ...rest } = person;
  const { displayName, givenName, surname, department, jobTitle } = rest;
  const { preferredLanguage, mobilePhone, usageLocation } = rest;
  const names = { displayName, givenName, surname, department, jobTitle };
  database.run(
    "INSERT INTO users (tenant, id, upn, profile, manager, enabled, sessions_valid_from) VALUES (?, ?, ?, ?, ?, ?, ?)",
    tenant,
    objectId,
    userPrincipalName,
    JSON.stringify({ ...names, preferredLanguage, mobilePhone, usageLocation }),
    manager,
    Number(accountEnabled),
    now.toISOString(),
  );
  for (const role of directoryRoles) {
    const template = directoryRoleTemplates[role];
    const sql = "INSERT INTO directory_roles VALUES (?, ?, ?, ?)";
    database.run(sql, tenant, objectId, role, template);
  }
  for (const role of apiRoles) {
    database.run("INSERT INTO api_roles VALUES (?, ?, ?)", tenant, objectId, role);
  }
  for (const { id, kind, isDefault } of authenticationMethods) {
    const sql = "INSERT INTO methods VALUES (?, ?, ?, ?, ?)";
    database.run(sql, tenant, objectId, id, kind, Number(isDefault));
  }
  const first = skus[0];
  if (first !== undefined && usageLocation !== null) {
    database.run("INSERT INTO licences VALUES (?, ?, ?)", tenant, objectId, first.skuId);
  }
}

function plantGroups(database: Database, { tenantId, groups }: Tenant): void {
  for (const group of groups) {
    database.run(
      "INSERT INTO groups VALUES (?, ?, ?, ?, ?)",
      tenantId,
      group.id,
      group.displayName,
      group.description,
      Number(group.isAssignableToRole),
    );
    for (const member of group.members) {
      database.run("INSERT INTO group_members VALUES (?, ?, ?)", tenantId, group.id, member);
    }
  }
}

function plantSecrets(database: Database, ledger: Ledger, tenant: Tenant, now: Date) {
  const created = Math.floor(now.getTime() / 1000);
  const values = new Map<string, string>();
  for (const name of tenant.secrets) {
    // Plain base64 for the one that is a key of 32 bytes; URL-safe for those sent in forms.
    const encoding = name === "secret-link-key" ? "base64" : "base64url";
    const value = randomBytes(secretBytes).toString(encoding);
    ledger("vault-secret", value);
    values.set(name, value);
    database.run(
      "INSERT INTO vault_secrets (vault, name, version, value, tags, enabled, created) VALUES (?, ?, ?, ?, '{}', 1, ?)",
      tenant.vault,
      name,
      newVersion(),
      value,
      created,
    );
  }
  return values;
}

function plantApplications(
  database: Database,
  { tenantId, applications }: Tenant,
  secrets: ReadonlyMap<string, string>,
): void {
  for (const app of applications) {
    const secret = app.secretName === null ? undefined : secrets.get(app.secretName);
    database.run(
      "INSERT INTO applications VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
      tenantId,
      app.clientId,
      app.objectId,
      app.name,
      app.kind,
      app.blueprint,
      JSON.stringify(app.graphRoles),
      JSON.stringify(app.apiRoles),
      secret === undefined ? null : secretDigest(secret),
    );
  }
}

function plantKey(database: Database, name: string, kind: KeyKind, now: Date): void {
  database.run(
    "INSERT INTO vault_keys VALUES ('platform', ?, ?, ?, ?)",
    name,
    newVersion(),
    newKeyPem(kind),
    Math.floor(now.getTime() / 1000),
  );
}
