// Azure Key Vault: secrets and keys (`vault-keys.ts`), at the root of a host of its own
// (https://learn.microsoft.com/rest/api/keyvault/).
//
// Emulated: the bearer challenge; get, set and list of secrets; get and rotation of a key; sign with ES256; wrapping
// and unwrapping with RSA-OAEP-256. Not emulated: creating, disabling and deleting keys, encryption, other algorithms,
// delete and recover, backup, rotation policies, certificates, firewall, throttling.
// The vaults belong to NIIVO's subscription, so the platform tenant is the one that is trusted.
//
// Invariant: V3. A secret's value leaves only in the answer to a permitted get.

import { type Context, Hono } from "hono";
import { z } from "zod";
import { vaultAudience, verifyAccessToken } from "./access-tokens.ts";
import { Refusal } from "./refusal.ts";
import { platform, type VaultName } from "./seed.ts";
import { mayAccess, recordAttempt } from "./vault-access.ts";
import { addKeys } from "./vault-keys.ts";
import { type Guard, name, parse, version } from "./vault-request.ts";
import { openVaultStore, type StoredSecret } from "./vault-store.ts";
import type { World } from "./world.ts";

const valueBytesMax = 25 * 1024;
const tagsMax = 15;
const TagText = z.string().max(512);
const UnixSeconds = z.int().min(0);
const SetSecret = z.object({
  value: z.string().refine((value) => Buffer.byteLength(value) <= valueBytesMax, "too long"),
  contentType: z.string().max(255).nullish(),
  tags: z
    .record(TagText, TagText)
    .refine((tags) => Object.keys(tags).length <= tagsMax, "too many tags")
    .nullish(),
  attributes: z
    .object({
      enabled: z.boolean().nullish(),
      nbf: UnixSeconds.nullish(),
      exp: UnixSeconds.nullish(),
    })
    .nullish(),
});

export function vault(world: World, vaultName: VaultName): Hono {
  const app = new Hono();
  const store = openVaultStore(world.database, vaultName);
  const host = world.addresses.vaults[vaultName];
  const guard = guardOf(world, vaultName);
  const secretId = (secret: StoredSecret) => `${host}/secrets/${secret.name}/${secret.version}`;

  const getSecret = async (c: Context, wanted: string, wantedVersion: string) => {
    await guard(c, "SecretGet", wanted);
    const found = store.secret(wanted, wantedVersion);
    if (found === undefined) throw secretNotFound(wanted);
    if (found.enabled === 0) {
      const message = "Operation get is not allowed on a disabled secret.";
      throw new Refusal(403, "Forbidden", message, { detail: "SecretDisabled" });
    }
    return c.json({ value: found.value, id: secretId(found), ...metadata(found) });
  };
  app.get(`/secrets/:name{${name}}/:version{${version}}`, (c) =>
    getSecret(c, c.req.param("name"), c.req.param("version")),
  );
  app.get(`/secrets/:name{${name}}/`, (c) => getSecret(c, c.req.param("name"), ""));
  app.get(`/secrets/:name{${name}}`, (c) => getSecret(c, c.req.param("name"), ""));
  app.get("/secrets", async (c) => {
    await guard(c, "SecretList", "*");
    const value = store
      .latestSecrets()
      .map((secret) => ({ id: `${host}/secrets/${secret.name}`, ...metadata(secret) }));
    return c.json({ value, nextLink: null });
  });
  app.put(`/secrets/:name{${name}}`, async (c) => {
    const wanted = c.req.param("name");
    await guard(c, "SecretSet", wanted);
    const { value, contentType, tags, attributes } = parse(
      SetSecret,
      await c.req.json().catch(() => null),
    );
    world.ledger("vault-secret", value);
    const stored = store.setSecret(wanted, {
      value,
      contentType: contentType ?? null,
      tags: tags ?? {},
      enabled: attributes?.enabled ?? true,
      nbf: attributes?.nbf ?? null,
      exp: attributes?.exp ?? null,
    });
    if (stored === undefined) throw secretNotFound(wanted);
    return c.json({ value, id: secretId(stored), ...metadata(stored) });
  });
  addKeys(app, { store, host, guard, ledger: world.ledger });
  app.all("*", (c) => {
    const message = `${c.req.method} ${c.req.path} is not emulated.`;
    throw new Refusal(501, "EmulatorNotEmulated", message);
  });
  app.onError(respondAsVault);
  return app;
}

// Authenticates, authorizes and records, in one function that every route goes through.
function guardOf(world: World, vaultName: VaultName): Guard {
  return async (c, operation, wanted) => {
    const authorization = c.req.header("authorization");
    if (authorization === undefined) throw challenge(world, "Request is missing a Bearer token.");
    if (c.req.query("api-version") === undefined) {
      throw new Refusal(400, "BadParameter", "api-version must be specified");
    }
    const verdict = await verifyAccessToken(world, authorization, vaultAudience);
    if (verdict.kind === "refused") throw challenge(world, verdict.reason);
    const { tid, oid } = verdict.claims;
    const isAllowed = tid === platform.tenantId && mayAccess(vaultName, oid, operation, wanted);
    const app = world.applications.byClientId(tid, verdict.claims.appid ?? "");
    const attempt = { vault: vaultName, identity: app?.name ?? oid, operation, name: wanted };
    const clientRequestId = c.req.header("x-ms-client-request-id");
    const status = isAllowed ? 200 : 403;
    recordAttempt(world.database, { ...attempt, status, clientRequestId });
    if (isAllowed) return;
    const message = `Caller is not authorized to perform action on resource. Caller: oid=${oid}; Action: '${operation}'; Resource: '${wanted}'; Vault: ${vaultName}.`;
    throw new Refusal(403, "Forbidden", message, { detail: "ForbiddenByRbac" });
  };
}

const challenge = (world: World, message: string): Refusal => {
  const authorization = `${world.addresses.authorityHost}/${platform.tenantId}`;
  const header = `Bearer authorization="${authorization}", resource="${vaultAudience}"`;
  return new Refusal(401, "Unauthorized", message, { headers: { "WWW-Authenticate": header } });
};

const secretNotFound = (wanted: string): Refusal =>
  new Refusal(
    404,
    "SecretNotFound",
    `A secret with (name/id) ${wanted} was not found in this key vault.`,
  );
const metadata = (secret: StoredSecret) => ({
  ...(secret.content_type === null ? {} : { contentType: secret.content_type }),
  attributes: {
    enabled: secret.enabled === 1,
    ...(secret.nbf === null ? {} : { nbf: secret.nbf }),
    ...(secret.exp === null ? {} : { exp: secret.exp }),
    created: secret.created,
    updated: secret.created,
    recoveryLevel: "Recoverable+Purgeable",
    recoverableDays: 90,
  },
  tags: secret.tags,
});

function respondAsVault(error: Error, c: Context): Response {
  if (!(error instanceof Refusal)) throw error;
  for (const [header, value] of Object.entries(error.headers)) c.header(header, value);
  const { code, message, detail } = error;
  const inner = detail === undefined ? {} : { innererror: { code: detail } };
  return c.json({ error: { code, message, ...inner } }, error.status);
}
