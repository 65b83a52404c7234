// Graph through the real client: what each identity may read and change, and every refusal.

import { generateKeyPairSync } from "node:crypto";
import { ClientSecretCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { Client } from "@microsoft/microsoft-graph-client";
import { decodeJwt, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readCanaries } from "../src/canaries.ts";
import { customers } from "../src/seed.ts";
import { control, postToken, type Running, serviceCredential, startRunning } from "./running.ts";

const { contoso, fabrikam } = customers;
const { people, groups, applications } = contoso;
const scope = "https://graph.microsoft.com/.default";

let running: Running;
let facts: Client;
let password: Client;
let mfa: Client;
let agent: Client;
beforeAll(async () => {
  running = await startRunning();
  facts = await executor("facts", "facts-client-secret");
  password = await executor("l1DeskPassword", "executor-niivo-l1-desk-password");
  mfa = await executor("l1DeskMfa", "executor-niivo-l1-desk-mfa");
  agent = clientOf(agentToken);
});
beforeEach(async () => {
  await fetch(`${running.tenant.addresses.http}/emulator/faults`, { method: "DELETE" });
});
afterAll(() => running.stop());

const clientOf = (token: () => Promise<string>) =>
  Client.init({
    baseUrl: running.tenant.addresses.graphBaseUrl,
    customHosts: new Set(["localhost"]),
    authProvider: (done) => {
      token().then(
        (value) => done(null, value),
        (error) => done(error, null),
      );
    },
  });

async function vaultSecret(name: string): Promise<string> {
  const options = { disableChallengeResourceVerification: true };
  const url = running.tenant.addresses.vaults.contoso;
  const client = new SecretClient(url, serviceCredential(running, "broker"), options);
  return (await client.getSecret(name)).value ?? "";
}

async function executor(name: keyof typeof applications, secretName: string): Promise<Client> {
  const { authorityHost } = running.tenant.addresses;
  const options = { authorityHost, disableInstanceDiscovery: true };
  const { clientId } = applications[name];
  const value = await vaultSecret(secretName);
  const credential = new ClientSecretCredential(contoso.tenantId, clientId, value, options);
  return clientOf(async () => (await credential.getToken(scope)).token);
}

async function agentToken(): Promise<string> {
  const { blueprint, l1Desk } = applications;
  const t1 = await postToken(running.tenant, contoso.tenantId, {
    client_id: blueprint.clientId,
    client_secret: await vaultSecret("blueprint-client-secret"),
    scope: "api://AzureADTokenExchange/.default",
    fmi_path: l1Desk.clientId,
  });
  const answer = await postToken(running.tenant, contoso.tenantId, {
    client_id: l1Desk.clientId,
    scope,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: t1.body.access_token ?? "",
  });
  return answer.body.access_token ?? "";
}

const refused = { statusCode: 403, code: "Authorization_RequestDenied" };
const missing = { statusCode: 404, code: "Request_ResourceNotFound" };
const lena = `/users/${people.lenaFrei.objectId}`;

async function effects(): Promise<Record<string, unknown>[]> {
  const response = await fetch(`${running.tenant.addresses.http}/emulator/effects`);
  return (await response.json()) as Record<string, unknown>[];
}

test("an agent reads a person by name with the properties it selects", async () => {
  const user: unknown = await agent
    .api("/users/lena.frei@contoso.example")
    .select(["id", "accountEnabled", "department"])
    .get();
  expect(user).toMatchObject({
    id: people.lenaFrei.objectId,
    accountEnabled: true,
    department: "Sales",
  });
  expect(user).not.toHaveProperty("displayName");
});

test("M1: a person of the other tenant does not exist", async () => {
  const other = agent.api(`/users/${fabrikam.people.miaRossi.objectId}`).get();
  await expect(other).rejects.toMatchObject(missing);
  await expect(agent.api("/users/mia.rossi@fabrikam.example").get()).rejects.toMatchObject(missing);
});

test("managers are found, and a person without one is a 404", async () => {
  const manager: unknown = await agent.api(`${lena}/manager`).get();
  expect(manager).toMatchObject({ id: people.marcoKeller.objectId });
  const none = agent.api(`/users/${people.svenGraf.objectId}/manager`).get();
  await expect(none).rejects.toMatchObject(missing);
});

test("facts sees groups and directory roles; an agent sees that a role exists, not which", async () => {
  const path = `/users/${people.petraVogt.objectId}/transitiveMemberOf`;
  const role = { "@odata.type": "#microsoft.graph.directoryRole" };
  const seen = (await facts.api(path).get()) as { value: unknown[] };
  const admin = { ...role, displayName: "Global Administrator" };
  expect(seen.value).toContainEqual(expect.objectContaining(admin));
  const hidden = (await agent.api(path).get()) as { value: unknown[] };
  expect(hidden.value).toContainEqual(expect.objectContaining({ ...role, displayName: null }));
});

test("role assignments and a type of membership can be asked for alone", async () => {
  const { petraVogt, nadiaBrunner } = people;
  const query = { $filter: `principalId eq '${petraVogt.objectId}'`, $expand: "roleDefinition" };
  const path = "/roleManagement/directory/roleAssignments";
  const roleDefinition = { displayName: "Global Administrator" };
  const assigned = { roleDefinition: expect.objectContaining(roleDefinition) };
  expect(await facts.api(path).query(query).get()).toMatchObject({ value: [assigned] });
  await expect(agent.api(path).query(query).get()).rejects.toMatchObject(refused);
  const cast = (type: string) =>
    facts.api(`/users/${nadiaBrunner.objectId}/memberOf/microsoft.graph.${type}`).get();
  expect(await cast("group")).toMatchObject({ value: [{ id: groups.identityApprovers.id }] });
  expect(await cast("directoryRole")).toMatchObject({ value: [] });
});

test("membership can be asked for by group", async () => {
  const body = { groupIds: [groups.identityApprovers.id, groups.vip.id] };
  const path = `/users/${people.ursinaCaduff.objectId}/checkMemberGroups`;
  expect(await facts.api(path).post(body)).toMatchObject({ value: [groups.vip.id] });
  const members = (await facts.api(`/groups/${groups.identityApprovers.id}/members`).get()) as {
    value: { id: string }[];
  };
  expect(members.value.map((member) => member.id)).toEqual(groups.identityApprovers.members);
});

test("M2: an agent cannot set a password, an executor for passwords cannot read people", async () => {
  const body = {
    passwordProfile: { password: "Correct-Horse-7", forceChangePasswordNextSignIn: true },
  };
  await expect(agent.api(lena).patch(body)).rejects.toMatchObject(refused);
  await expect(password.api(lena).get()).rejects.toMatchObject(refused);
  await expect(password.api(lena).patch({ accountEnabled: false })).rejects.toMatchObject(refused);
});

test("W1: a password is set, recorded with its cause and without itself", async () => {
  const value = "Correct-Horse-Battery-7";
  await password
    .api(lena)
    .header("client-request-id", "4f0f9cb7-2b44-4d0c-9a3e-1f6a2f7f6a01")
    .patch({ passwordProfile: { password: value, forceChangePasswordNextSignIn: true } });
  expect((await effects()).at(-1)).toMatchObject({
    tenant: contoso.tenantId,
    app: "niivo-l1-desk-password",
    method: "PATCH",
    path: `/v1.0${lena}`,
    clientRequestId: "4f0f9cb7-2b44-4d0c-9a3e-1f6a2f7f6a01",
  });
  expect(JSON.stringify(await effects())).not.toContain(value);
  expect(readCanaries(running.dataDir)).toContainEqual({ kind: "password", value });
});

test("W2: a privileged person's password is out of reach, and a weak password is refused", async () => {
  const before = (await effects()).length;
  const body = (value: string) => ({ passwordProfile: { password: value } });
  const petra = password.api(`/users/${people.petraVogt.objectId}`);
  await expect(petra.patch(body("Correct-Horse-7"))).rejects.toMatchObject(refused);
  for (const weak of ["Sh0rt!", "onlylowercase", "Lena.Frei-2026"]) {
    const attempt = password.api(lena).patch(body(weak));
    await expect(attempt).rejects.toMatchObject({ statusCode: 400, code: "Request_BadRequest" });
  }
  expect(await effects()).toHaveLength(before);
});

test("K1: the default method goes last", async () => {
  const base = `/users/${people.ursinaCaduff.objectId}/authentication`;
  const listed = (await mfa.api(`${base}/methods`).get()) as {
    value: { id: string; "@odata.type": string }[];
  };
  const idOf = (kind: string) =>
    listed.value.find((method) => method["@odata.type"].includes(kind))?.id ?? "";
  const app = `${base}/microsoftAuthenticatorMethods/${idOf("microsoftAuthenticator")}`;
  const tooEarly = mfa.api(app).delete();
  await expect(tooEarly).rejects.toMatchObject({
    statusCode: 400,
    message: expect.stringContaining("Cannot delete default method with other methods configured"),
  });
  await mfa.api(`${base}/phoneMethods/${idOf("phone")}`).delete();
  await mfa.api(`${base}/fido2Methods/${idOf("fido2")}`).delete();
  await mfa.api(app).delete();
  const left = (await mfa.api(`${base}/methods`).get()) as { value: unknown[] };
  expect(left.value).toHaveLength(1);
  await expect(mfa.api(app).delete()).rejects.toMatchObject(missing);
});

test("an agent revokes sessions and assigns a licence that is left", async () => {
  expect(await agent.api(`${lena}/revokeSignInSessions`).post({})).toMatchObject({ value: true });
  const skus = (await agent.api("/subscribedSkus").get()) as {
    value: { skuId: string; skuPartNumber: string }[];
  };
  const project = skus.value.find((sku) => sku.skuPartNumber === "PROJECTPROFESSIONAL");
  const body = { addLicenses: [{ skuId: project?.skuId, disabledPlans: [] }], removeLicenses: [] };
  await agent.api(`${lena}/assignLicense`).post(body);
  const user: unknown = await agent.api(lena).select("assignedLicenses").get();
  expect(JSON.stringify(user)).toContain(project?.skuId);
  const sven = agent.api(`/users/${people.svenGraf.objectId}/assignLicense`).post(body);
  await expect(sven).rejects.toMatchObject({ statusCode: 400 });
  const half = agent.api(`${lena}/assignLicense`).post({ addLicenses: [] });
  await expect(half).rejects.toMatchObject({ statusCode: 400 });
});

test("a token for NIIVO's API, an expired one and no token at all are 401", async () => {
  const answer = await control(running.tenant, "sign-in", {
    person: "lena.frei@contoso.example",
    audience: "https://graph.microsoft.com",
    expiresInSeconds: -5,
  });
  const { access_token: expired } = (await answer.json()) as { access_token: string };
  const own = await control(running.tenant, "sign-in", { person: "lena.frei@contoso.example" });
  const { access_token: foreign } = (await own.json()) as { access_token: string };
  for (const token of [expired, foreign, "not-a-token"]) {
    const call = clientOf(() => Promise.resolve(token))
      .api(lena)
      .get();
    const error = { statusCode: 401, code: "InvalidAuthenticationToken" };
    await expect(call).rejects.toMatchObject(error);
  }
});

test("T2: a token with our claims and another's signature is refused", async () => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const claims = decodeJwt(await agentToken());
  const forged = await new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(privateKey);
  const call = clientOf(() => Promise.resolve(forged))
    .api(lena)
    .get();
  await expect(call).rejects.toMatchObject({ statusCode: 401 });
});

test("what is not emulated says so", async () => {
  const call = facts.api(`${lena}/mailboxSettings`).get();
  await expect(call).rejects.toMatchObject({ statusCode: 501, code: "Emulator_NotEmulated" });
});

test("a fault fails a call before or after its effect, once, and the client obeys Retry-After", async () => {
  const match = "^POST /graph/v1.0/.*/revokeSignInSessions$";
  const count = (await effects()).length;
  await control(running.tenant, "faults", { match, status: 429, retryAfter: 0, times: 1 });
  await agent.api(`${lena}/revokeSignInSessions`).post({});
  expect(await effects()).toHaveLength(count + 1);
  await control(running.tenant, "faults", { match, status: 500, after: true, times: 1 });
  const lost = agent.api(`${lena}/revokeSignInSessions`).post({});
  await expect(lost).rejects.toMatchObject({ statusCode: 500 });
  expect(await effects()).toHaveLength(count + 2);
});

test("D1: what changed is still so after a restart", async () => {
  const { svenGraf } = people;
  const change = { person: svenGraf.userPrincipalName, accountEnabled: false, addToGroup: "vip" };
  expect((await control(running.tenant, "people", change)).status).toBe(204);
  const before = readCanaries(running.dataDir).length;
  const again = await running.restart();
  const response = await fetch(`${again.addresses.http}/emulator/people`);
  const found = (await response.json()) as { person: string }[];
  expect(found.find((person) => person.person === svenGraf.userPrincipalName)).toMatchObject({
    accountEnabled: false,
    groups: ["vip"],
  });
  expect(readCanaries(running.dataDir).length).toBeGreaterThanOrEqual(before);
  expect(again.addresses.auditKeyId.split("/").at(-1)).toBe(
    running.tenant.addresses.auditKeyId.split("/").at(-1),
  );
});
