// Key Vault through the real clients: the challenge, secrets, signing, and who is refused.

import { createHash, createPublicKey, randomBytes, randomUUID, verify } from "node:crypto";
import { CryptographyClient, KeyClient } from "@azure/keyvault-keys";
import { SecretClient } from "@azure/keyvault-secrets";
import { afterAll, beforeAll, expect, test } from "vitest";
import { customers } from "../src/seed.ts";
import { postToken, type Running, serviceCredential, startRunning } from "./running.ts";

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.stop());

type Service = Parameters<typeof serviceCredential>[1];
const local = { disableChallengeResourceVerification: true, retryOptions: { maxRetries: 0 } };
const secretsOf = (vault: "contoso" | "fabrikam" | "platform", service: Service) =>
  new SecretClient(
    running.tenant.addresses.vaults[vault],
    serviceCredential(running, service),
    local,
  );
const refused = { statusCode: 403, code: "Forbidden" };

test("the broker reads a customer's secret by the challenge flow, with no secret of its own", async () => {
  const secret = await secretsOf("contoso", "broker").getSecret("executor-niivo-l1-desk-password");
  expect(Buffer.from(secret.value ?? "", "base64url")).toHaveLength(32);
  const other = await secretsOf("fabrikam", "broker").getSecret("executor-niivo-l1-desk-password");
  expect(other.value).not.toBe(secret.value);
});

test("the link key is 32 bytes of base64 and readable by the secret-link process", async () => {
  const secret = await secretsOf("contoso", "secretLinks").getSecret("secret-link-key");
  expect(Buffer.from(secret.value ?? "", "base64")).toHaveLength(32);
});

test.each([
  ["agent", "contoso", "model-api-key"],
  ["policy", "contoso", "executor-niivo-l1-desk-password"],
  ["secretLinks", "contoso", "model-api-key"],
  ["audit", "platform", "bot-client-secret"],
  ["deployer", "contoso", "model-api-key"],
  ["approvals", "contoso", "secret-link-key"],
] as const)("V1: %s may not read from %s the secret %s", async (service, vault, name) => {
  await expect(secretsOf(vault, service).getSecret(name)).rejects.toMatchObject(refused);
});

test("V1: a customer's own application may read no vault, though it has a good token", async () => {
  const { tenantId, applications } = customers.contoso;
  const client_secret = (await secretsOf("contoso", "broker").getSecret("facts-client-secret"))
    .value;
  const answer = await postToken(running.tenant, tenantId, {
    client_id: applications.facts.clientId,
    client_secret: client_secret ?? "",
    scope: "https://vault.azure.net/.default",
  });
  const url = `${running.tenant.addresses.vaults.contoso}/secrets/model-api-key?api-version=7.6`;
  const authorization = `Bearer ${answer.body.access_token}`;
  const response = await fetch(url, { headers: { authorization } });
  expect(response.status).toBe(403);
});

test("a secret that does not exist is SecretNotFound, and a token for another audience is 401", async () => {
  const missing = secretsOf("contoso", "broker").getSecret("no-such-secret");
  await expect(missing).rejects.toMatchObject({ statusCode: 404, code: "SecretNotFound" });
  const graph = await serviceCredential(running, "broker").getToken(
    "https://graph.microsoft.com/.default",
  );
  const url = `${running.tenant.addresses.vaults.contoso}/secrets/model-api-key/?api-version=7.6`;
  const response = await fetch(url, { headers: { authorization: `Bearer ${graph?.token}` } });
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toContain('resource="https://vault.azure.net"');
});

test("the deployer sets a new version with an end date; the broker gets and lists it, without values", async () => {
  const expiresOn = new Date(Math.floor(Date.now() / 1000) * 1000 + 60_000);
  const value = randomUUID();
  await secretsOf("fabrikam", "deployer").setSecret("model-api-key", value, { expiresOn });
  const broker = secretsOf("fabrikam", "broker");
  const got = await broker.getSecret("model-api-key");
  expect(got).toMatchObject({ value, properties: { enabled: true, expiresOn } });
  const listed: { name: string }[] = [];
  for await (const properties of broker.listPropertiesOfSecrets()) listed.push(properties);
  expect(listed.map((secret) => secret.name)).toContain("model-api-key");
  expect(JSON.stringify(listed)).not.toContain(value);
});

test("audit signs a digest with a key that never leaves, and anybody verifies it locally", async () => {
  const { auditKeyId, vaults } = running.tenant.addresses;
  const credential = serviceCredential(running, "audit");
  const message = Buffer.from("a checkpoint");
  const digest = createHash("sha256").update(message).digest();
  const signer = new CryptographyClient(auditKeyId, credential, local);
  const { result, keyID } = await signer.sign("ES256", digest);
  expect(keyID).toBe(auditKeyId);
  const key = await new KeyClient(
    vaults.platform,
    serviceCredential(running, "broker"),
    local,
  ).getKey("audit-sealing");
  expect(key.id).toBe(auditKeyId);
  expect(key.key?.d).toBeUndefined();
  const { x, y } = key.key ?? {};
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: Buffer.from(x ?? []).toString("base64url"),
    y: Buffer.from(y ?? []).toString("base64url"),
  };
  const publicKey = createPublicKey({ key: jwk, format: "jwk" });
  const check = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
  expect(verify("sha256", message, check, result)).toBe(true);
  expect(verify("sha256", Buffer.from("another"), check, result)).toBe(false);
});

test("V1: nobody but audit signs", async () => {
  const { auditKeyId } = running.tenant.addresses;
  const digest = createHash("sha256").update("x").digest();
  for (const service of ["broker", "agent"] as const) {
    const client = new CryptographyClient(auditKeyId, serviceCredential(running, service), local);
    await expect(client.sign("ES256", digest)).rejects.toMatchObject({ statusCode: 403 });
  }
});

test("audit wraps a key, which no file shows, and unwraps it with the version it was wrapped under", async () => {
  const { auditWrappingKeyId, vaults } = running.tenant.addresses;
  const credential = serviceCredential(running, "audit");
  const client = new CryptographyClient(auditWrappingKeyId, credential, local);
  const key = randomBytes(64);
  const { result: wrapped, keyID } = await client.wrapKey("RSA-OAEP-256", key);
  expect(keyID).toBe(auditWrappingKeyId);
  expect(wrapped).toHaveLength(256);
  const deployer = new KeyClient(vaults.platform, serviceCredential(running, "deployer"), local);
  const next = await deployer.rotateKey("audit-values");
  expect(next.keyOperations).toEqual(["wrapKey", "unwrapKey"]);
  expect(next.key?.d).toBeUndefined();
  expect(next.id).not.toBe(auditWrappingKeyId);
  const { result } = await client.unwrapKey("RSA-OAEP-256", wrapped);
  expect(Buffer.from(result).equals(key)).toBe(true);
  const newest = new CryptographyClient(next.id ?? "", credential, local);
  await expect(newest.unwrapKey("RSA-OAEP-256", wrapped)).rejects.toMatchObject({
    statusCode: 400,
    code: "BadParameter",
  });
});

test("V1: nobody but audit wraps or unwraps, and a key does what it was made for only", async () => {
  const { auditWrappingKeyId, auditKeyId } = running.tenant.addresses;
  for (const service of ["broker", "deployer"] as const) {
    const client = new CryptographyClient(
      auditWrappingKeyId,
      serviceCredential(running, service),
      local,
    );
    for (const call of [
      client.wrapKey("RSA-OAEP-256", randomBytes(32)),
      client.unwrapKey("RSA-OAEP-256", randomBytes(256)),
    ])
      await expect(call).rejects.toMatchObject({ statusCode: 403 });
  }
  // Past the client's own look at `key_ops`.
  const token = await serviceCredential(running, "audit").getToken(
    "https://vault.azure.net/.default",
  );
  const ask = (keyId: string, verb: string, alg: string, value: Buffer) =>
    fetch(`${keyId}/${verb}?api-version=7.6`, {
      method: "POST",
      headers: { authorization: `Bearer ${token?.token}`, "content-type": "application/json" },
      body: JSON.stringify({ alg, value: value.toString("base64url") }),
    });
  expect((await ask(auditWrappingKeyId, "sign", "ES256", randomBytes(32))).status).toBe(403);
  expect((await ask(auditKeyId, "wrapkey", "RSA-OAEP-256", randomBytes(32))).status).toBe(403);
  expect((await ask(auditWrappingKeyId, "wrapkey", "RSA1_5", randomBytes(32))).status).toBe(400);
});

test("V2: the access log shows who asked for what and whether it was permitted", async () => {
  const log: unknown = await (
    await fetch(`${running.tenant.addresses.http}/emulator/vault-access`)
  ).json();
  const entry = (identity: string, operation: string, name: string, status: number) =>
    expect.objectContaining({ identity, operation, name, status });
  expect(log).toContainEqual(entry("niivo-broker", "SecretGet", "no-such-secret", 200));
  expect(log).toContainEqual(entry("niivo-agent", "SecretGet", "model-api-key", 403));
  expect(log).toContainEqual(entry("niivo-audit", "KeySign", "audit-sealing", 200));
  expect(log).toContainEqual(entry("niivo-audit", "KeyUnwrap", "audit-values", 200));
  expect(log).toContainEqual(entry("niivo-broker", "KeyWrap", "audit-values", 403));
});
