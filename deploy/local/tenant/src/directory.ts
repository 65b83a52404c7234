// The people and groups of the tenants, as state. Every function takes the tenant first: there is
// no lookup across tenants, so a person of another tenant does not exist here.

import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { Database } from "./database.ts";

const Profile = z.object({
  displayName: z.string(),
  givenName: z.string(),
  surname: z.string(),
  department: z.string(),
  jobTitle: z.string(),
  preferredLanguage: z.string(),
  mobilePhone: z.string(),
  usageLocation: z.string().nullable(),
});

const UserRow = z
  .object({
    tenant: z.string(),
    id: z.string(),
    upn: z.string(),
    profile: z.string().transform((text) => Profile.parse(JSON.parse(text))),
    manager: z.string().nullable(),
    enabled: z.number(),
    sessions_valid_from: z.string(),
  })
  .transform((row) => ({
    ...row.profile,
    tenantId: row.tenant,
    id: row.id,
    userPrincipalName: row.upn,
    manager: row.manager,
    accountEnabled: row.enabled === 1,
    sessionsValidFrom: row.sessions_valid_from,
  }));
export type User = z.infer<typeof UserRow>;

const GroupRow = z
  .object({ id: z.string(), name: z.string(), description: z.string(), assignable: z.number() })
  .transform(({ id, name, description, assignable }) => ({
    id,
    displayName: name,
    description,
    isAssignableToRole: assignable === 1,
  }));
export type DirectoryGroup = z.infer<typeof GroupRow>;

const RoleRow = z.object({ name: z.string(), template_id: z.string() });
export type DirectoryRole = z.infer<typeof RoleRow>;

const Kind = z.enum(["password", "phone", "microsoftAuthenticator", "fido2", "softwareOath"]);
const MethodRow = z
  .object({ id: z.string(), kind: Kind, is_default: z.number() })
  .transform(({ id, kind, is_default }) => ({ id, kind, isDefault: is_default === 1 }));
export type RegisteredMethod = z.infer<typeof MethodRow>;

const users = "SELECT tenant, id, upn, profile, manager, enabled, sessions_valid_from FROM users";
const groups = "SELECT id, name, description, assignable FROM groups";
const Stored = z.object({
  password_salt: z.string().nullable(),
  password_digest: z.string().nullable(),
});
const passwordSaltBytes = 16;
const passwordDigestBytes = 32;

export type Directory = ReturnType<typeof openDirectory>;

export function openDirectory(database: Database) {
  const user = (tenant: string, idOrName: string) => {
    const sql = `${users} WHERE tenant = ? AND (id = ? OR upn = ?)`;
    return database.first(UserRow, sql, tenant, idOrName.toLowerCase(), idOrName.toLowerCase());
  };
  const groupsOf = (tenant: string, userId: string) => {
    const member = "SELECT group_id FROM group_members WHERE tenant = ? AND user_id = ?";
    const sql = `${groups} WHERE tenant = ? AND id IN (${member}) ORDER BY id`;
    return database.all(GroupRow, sql, tenant, tenant, userId);
  };
  const rolesOf = (tenant: string, userId: string) => {
    const sql = "SELECT name, template_id FROM directory_roles WHERE tenant = ? AND user_id = ?";
    return database.all(RoleRow, sql, tenant, userId);
  };
  return {
    /** By object id or user principal name. */
    user,
    users: () => database.all(UserRow, `${users} ORDER BY tenant, id`),
    userByName: (name: string) =>
      database.first(UserRow, `${users} WHERE upn = ?`, name.toLowerCase()),
    apiRolesOf: (tenant: string, userId: string) => {
      const sql = "SELECT role FROM api_roles WHERE tenant = ? AND user_id = ? ORDER BY role";
      const Role = z.object({ role: z.string() });
      return database.all(Role, sql, tenant, userId).map(({ role }) => role);
    },
    group: (tenant: string, id: string) =>
      database.first(GroupRow, `${groups} WHERE tenant = ? AND id = ?`, tenant, id.toLowerCase()),
    groupsByName: (tenant: string, name: string) =>
      database.all(GroupRow, `${groups} WHERE tenant = ? AND name = ?`, tenant, name),
    groupsOf,
    rolesOf,
    members: (tenant: string, groupId: string) => {
      const member = "SELECT user_id FROM group_members WHERE tenant = ? AND group_id = ?";
      const sql = `${users} WHERE tenant = ? AND id IN (${member}) ORDER BY id`;
      return database.all(UserRow, sql, tenant, tenant, groupId);
    },
    /** Holds a directory role, or is a member of a group that can be assigned one. */
    isPrivileged: (tenant: string, userId: string): boolean =>
      rolesOf(tenant, userId).length > 0 ||
      groupsOf(tenant, userId).some((group) => group.isAssignableToRole),
    ...changes(database),
    ...methodsIn(database),
    ...licencesIn(database),
  };
}

function changes(database: Database) {
  const set = (column: string) => `UPDATE users SET ${column} WHERE tenant = ? AND id = ?`;
  return {
    setEnabled: (tenant: string, id: string, enabled: boolean) =>
      database.run(set("enabled = ?"), Number(enabled), tenant, id),
    setManager: (tenant: string, id: string, manager: string | null) =>
      database.run(set("manager = ?"), manager, tenant, id),
    setSessionsValidFrom: (tenant: string, id: string, at: Date) =>
      database.run(set("sessions_valid_from = ?"), at.toISOString(), tenant, id),
    /** Keeps a salted scrypt digest, never the password. */
    setPassword: (tenant: string, id: string, password: string, changeRequired: boolean) => {
      const salt = randomBytes(passwordSaltBytes);
      const digest = scryptSync(password, salt, passwordDigestBytes).toString("base64");
      const columns = "password_salt = ?, password_digest = ?, password_change_required = ?";
      const values = [salt.toString("base64"), digest, Number(changeRequired)];
      return database.run(set(columns), ...values, tenant, id);
    },
    /** Is this the password that was set last? False for a person for whom none was set. */
    hasPassword: (tenant: string, id: string, password: string): boolean => {
      const sql = "SELECT password_salt, password_digest FROM users WHERE tenant = ? AND id = ?";
      const { password_salt, password_digest } = database.first(Stored, sql, tenant, id) ?? {};
      if (!password_salt || !password_digest) return false;
      const salt = Buffer.from(password_salt, "base64");
      const digest = scryptSync(password, salt, passwordDigestBytes);
      return timingSafeEqual(digest, Buffer.from(password_digest, "base64"));
    },
    addMember: (tenant: string, groupId: string, userId: string) =>
      database.run("INSERT OR IGNORE INTO group_members VALUES (?, ?, ?)", tenant, groupId, userId),
    removeMember: (tenant: string, groupId: string, userId: string) => {
      const sql = "DELETE FROM group_members WHERE tenant = ? AND group_id = ? AND user_id = ?";
      return database.run(sql, tenant, groupId, userId);
    },
  };
}

function methodsIn(database: Database) {
  return {
    methodsOf: (tenant: string, userId: string) => {
      const sql =
        "SELECT id, kind, is_default FROM methods WHERE tenant = ? AND user_id = ? ORDER BY rowid";
      return database.all(MethodRow, sql, tenant, userId);
    },
    removeMethod: (tenant: string, userId: string, id: string) => {
      const sql = "DELETE FROM methods WHERE tenant = ? AND user_id = ? AND id = ?";
      return database.run(sql, tenant, userId, id);
    },
  };
}

function licencesIn(database: Database) {
  const Sku = z.object({ sku_id: z.string() });
  const Count = z.object({ used: z.number() });
  return {
    licencesOf: (tenant: string, userId: string) => {
      const sql = "SELECT sku_id FROM licences WHERE tenant = ? AND user_id = ? ORDER BY sku_id";
      return database.all(Sku, sql, tenant, userId).map((row) => row.sku_id);
    },
    licencesUsed: (tenant: string, skuId: string) => {
      const sql = "SELECT count(*) AS used FROM licences WHERE tenant = ? AND sku_id = ?";
      return database.first(Count, sql, tenant, skuId)?.used ?? 0;
    },
    addLicence: (tenant: string, userId: string, skuId: string) =>
      database.run("INSERT OR IGNORE INTO licences VALUES (?, ?, ?)", tenant, userId, skuId),
    removeLicence: (tenant: string, userId: string, skuId: string) => {
      const sql = "DELETE FROM licences WHERE tenant = ? AND user_id = ? AND sku_id = ?";
      return database.run(sql, tenant, userId, skuId);
    },
  };
}
