// Entra: both steps of the agent flow, secrets, federated tokens, sign-in, and every refusal.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ClientSecretCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCanaries } from "../src/canaries.ts";
import { customers, platform } from "../src/seed.ts";
import { control, postToken, type Running, serviceCredential, startRunning } from "./running.ts";

const { contoso, fabrikam } = customers;
const graphScope = "https://graph.microsoft.com/.default";
const exchangeScope = "api://AzureADTokenExchange/.default";
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const { blueprint, l1Desk, onboarding, l1DeskPassword } = contoso.applications;

let running: Running;
let blueprintSecret: string;
let otherBlueprintSecret: string;
beforeAll(async () => {
  running = await startRunning();
  blueprintSecret = await secret("contoso", "blueprint-client-secret");
  otherBlueprintSecret = await secret("fabrikam", "blueprint-client-secret");
});
afterAll(() => running.stop());

async function secret(vault: "contoso" | "fabrikam", name: string): Promise<string> {
  const url = running.tenant.addresses.vaults[vault];
  const options = { disableChallengeResourceVerification: true };
  const client = new SecretClient(url, serviceCredential(running, "broker"), options);
  return (await client.getSecret(name)).value ?? "";
}

const step1 = (
  tenantId: string = contoso.tenantId,
  clientId: string = blueprint.clientId,
  fmi: string = l1Desk.clientId,
) =>
  postToken(running.tenant, tenantId, {
    client_id: clientId,
    client_secret: tenantId === contoso.tenantId ? blueprintSecret : otherBlueprintSecret,
    scope: exchangeScope,
    fmi_path: fmi,
  });
const step2 = (t1: string, clientId: string = l1Desk.clientId, scope = graphScope) =>
  postToken(running.tenant, contoso.tenantId, {
    client_id: clientId,
    scope,
    client_assertion_type: assertionType,
    client_assertion: t1,
  });
const number = (answer: { body: { error_codes?: number[] } }) => answer.body.error_codes?.[0];

test("the two steps give an agent identity its own token, marked as an agent's", async () => {
  const t1 = (await step1()).body.access_token ?? "";
  expect(decodeJwt(t1)).toMatchObject({ aud: "fb60f99c-7a34-4190-8149-302f77469936" });
  const { access_token = "" } = (await step2(t1)).body;
  expect(decodeJwt(access_token)).toMatchObject({
    aud: "https://graph.microsoft.com",
    tid: contoso.tenantId,
    oid: l1Desk.clientId,
    sub: l1Desk.clientId,
    appid: l1Desk.clientId,
    idtyp: "app",
    xms_par_app_azp: blueprint.clientId,
    xms_act_fct: "11",
    xms_sub_fct: "11",
    roles: l1Desk.graphRoles,
  });
});

test("T1, D3: every token handed out is in the ledger, which only its owner can read", async () => {
  const t1 = (await step1()).body.access_token ?? "";
  const token = (await step2(t1)).body.access_token ?? "";
  const canaries = readCanaries(running.dataDir);
  expect(canaries).toContainEqual({ kind: "exchange-token", value: t1 });
  expect(canaries).toContainEqual({ kind: "access-token", value: token });
  for (const file of readdirSync(running.dataDir)) {
    expect(statSync(join(running.dataDir, file)).mode & 0o077).toBe(0);
  }
});

test("E2: an exchange token serves the one child it names, in its own tenant", async () => {
  const t1 = (await step1()).body.access_token ?? "";
  expect(number(await step2(t1, onboarding.clientId))).toBe(700213);
  const ofFabrikam = await step1(
    fabrikam.tenantId,
    fabrikam.applications.blueprint.clientId,
    l1Desk.clientId,
  );
  expect(number(await step2(ofFabrikam.body.access_token ?? ""))).toBe(700211);
  expect(number(await step2((await step2(t1)).body.access_token ?? ""))).toBe(700211);
});

test("E2: an agent identity has no credential of its own", async () => {
  const bySecret = await postToken(running.tenant, contoso.tenantId, {
    client_id: l1Desk.clientId,
    client_secret: blueprintSecret,
    scope: graphScope,
  });
  expect(bySecret.status).toBe(401);
  expect(number(bySecret)).toBe(7000215);
});

test("step 1 needs the right secret, a path and this tenant's blueprint", async () => {
  const form = { client_id: blueprint.clientId, scope: exchangeScope, client_secret: "wrong" };
  const wrong = await postToken(running.tenant, contoso.tenantId, { ...form, fmi_path: "x" });
  expect(wrong).toMatchObject({ status: 401, body: { error: "invalid_client" } });
  expect(wrong.body.error_description).toMatch(/^AADSTS7000215: /);
  expect(await step1(contoso.tenantId, blueprint.clientId, "")).toMatchObject({ status: 400 });
  expect(number(await step1(fabrikam.tenantId))).toBe(700016);
});

test("token exchange after RFC 8693, an unknown tenant and an unknown resource are refused", async () => {
  const grant_type = "urn:ietf:params:oauth:grant-type:token-exchange";
  const base = { client_id: blueprint.clientId, client_secret: blueprintSecret };
  const tenant = running.tenant;
  const post = (id: string, form: Record<string, string>) => postToken(tenant, id, form);
  const exchange = { ...base, scope: exchangeScope, grant_type };
  expect(number(await post(contoso.tenantId, exchange))).toBe(82001);
  const nobody = "00000000-0000-4000-8000-000000000000";
  expect(number(await post(nobody, { ...base, scope: graphScope }))).toBe(90002);
  const foreign = { ...base, scope: "https://example.test/.default" };
  expect(number(await post(contoso.tenantId, foreign))).toBe(500011);
  expect(number(await post(contoso.tenantId, { ...base, scope: "User.Read" }))).toBe(1002012);
});

test("E1: a disabled blueprint stops both steps, and enabling it restores them", async () => {
  const t1 = (await step1()).body.access_token ?? "";
  const set = (accountEnabled: boolean) =>
    control(running.tenant, "applications", {
      tenant: "contoso",
      application: "niivo-blueprint",
      accountEnabled,
    });
  expect((await set(false)).status).toBe(204);
  expect(number(await step1())).toBe(7000112);
  expect(number(await step2(t1))).toBe(7000112);
  await set(true);
  expect((await step2(t1)).status).toBe(200);
});

test("an executor signs in with its secret through the real client, with its permissions alone", async () => {
  const value = await secret("contoso", "executor-niivo-l1-desk-password");
  const { authorityHost } = running.tenant.addresses;
  const options = { authorityHost, disableInstanceDiscovery: true };
  const { tenantId } = contoso;
  const { clientId } = l1DeskPassword;
  const token = await new ClientSecretCredential(tenantId, clientId, value, options).getToken(
    graphScope,
  );
  expect(decodeJwt(token.token)).toMatchObject({
    appid: clientId,
    roles: ["User-PasswordProfile.ReadWrite.All"],
  });
  const wrong = new ClientSecretCredential(tenantId, clientId, "wrong", options);
  await expect(wrong.getToken(graphScope)).rejects.toThrow(/AADSTS7000215/);
  const { tenantId: other } = fabrikam;
  const elsewhere = new ClientSecretCredential(other, clientId, value, options);
  await expect(elsewhere.getToken(graphScope)).rejects.toThrow(/AADSTS700016/);
});

test("E3: a service's federated token is its own; another's is refused", async () => {
  const file = join(running.tokenDir, "niivo-broker.token");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const token = await serviceCredential(running, "broker").getToken(
    "https://vault.azure.net/.default",
  );
  expect(decodeJwt(token.token)).toMatchObject({
    tid: platform.tenantId,
    oid: platform.applications.broker.objectId,
  });
  const stolen = await postToken(running.tenant, platform.tenantId, {
    client_id: platform.applications.audit.clientId,
    scope: "https://vault.azure.net/.default",
    client_assertion_type: assertionType,
    client_assertion: readFileSync(file, "utf8"),
  });
  expect(number(stolen)).toBe(700213);
});

test("a sign-in gives a token that a service can validate by metadata alone", async () => {
  const { authorityHost } = running.tenant.addresses;
  const metadataUrl = `${authorityHost}/${contoso.tenantId}/v2.0/.well-known/openid-configuration`;
  const metadata = (await (await fetch(metadataUrl)).json()) as Record<string, string>;
  const body = { person: "otto.wyss@contoso.example", mfa: false, authAgeSeconds: 600 };
  const answer = await control(running.tenant, "sign-in", body);
  const { access_token } = (await answer.json()) as { access_token: string };
  const keys = createRemoteJWKSet(new URL(metadata["jwks_uri"] ?? ""));
  const expected = { audience: "api://niivo", issuer: metadata["issuer"] ?? "" };
  const { payload } = await jwtVerify(access_token, keys, expected);
  expect(payload).toMatchObject({
    tid: contoso.tenantId,
    oid: contoso.people.ottoWyss.objectId,
    preferred_username: "otto.wyss@contoso.example",
    scp: "Tickets.ReadWrite",
    roles: ["Admin.ReadWrite"],
    amr: ["pwd"],
    idtyp: "user",
    ver: "2.0",
  });
  const age = Math.floor(Date.now() / 1000) - Number(payload["auth_time"]);
  expect(age).toBeGreaterThanOrEqual(600);
});

test("S1: a disabled person cannot sign in, and an expired token can be asked for", async () => {
  const disabled = await control(running.tenant, "sign-in", {
    person: "jonas.huber@contoso.example",
  });
  expect(disabled.status).toBe(403);
  const answer = await control(running.tenant, "sign-in", {
    person: "lena.frei@contoso.example",
    expiresInSeconds: -30,
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  expect(decodeJwt(access_token).exp).toBeLessThan(Date.now() / 1000);
});

test("the customer's ticket system gets a token with the inbound role", async () => {
  const body = { customer: "fabrikam", application: "itsm-connector" };
  const answer = await control(running.tenant, "sign-in", body);
  const { access_token } = (await answer.json()) as { access_token: string };
  const claims = { tid: fabrikam.tenantId, roles: ["Tickets.Inbound"], idtyp: "app" };
  expect(decodeJwt(access_token)).toMatchObject(claims);
});
