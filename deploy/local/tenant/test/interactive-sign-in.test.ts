// The interactive sign-in of the emulated Entra, by plain HTTP: who gets a code, and what a code is good for.

import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { customers, platform } from "../src/seed.ts";
import { type Running, startRunning } from "./running.ts";

const { contoso, fabrikam } = customers;
const { clientId, name } = platform.applications.secretLinks;
const redirectUri = "http://localhost:7607/sign-in/callback";
const verifier = randomBytes(32).toString("base64url");

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.stop());

const good = {
  client_id: clientId,
  response_type: "code",
  redirect_uri: redirectUri,
  scope: "openid profile",
  state: "the-state",
  nonce: "the-nonce",
  code_challenge: createHash("sha256").update(verifier).digest("base64url"),
  code_challenge_method: "S256",
};
const at = (path: string, tenantId: string = contoso.tenantId) =>
  `${running.tenant.addresses.authorityHost}/${tenantId}/oauth2/v2.0/${path}`;
const lena = { person: contoso.people.lenaFrei.userPrincipalName };

const pick = (form: Record<string, string>, tenantId?: string) =>
  fetch(at("authorize", tenantId), {
    method: "POST",
    body: new URLSearchParams({ ...good, ...form }),
    redirect: "manual",
  });
async function codeFor(form: Record<string, string> = lena): Promise<string> {
  const location = new URL((await pick(form)).headers.get("location") ?? "about:blank");
  expect(location.searchParams.get("state")).toBe("the-state");
  return location.searchParams.get("code") ?? "";
}
async function redeem(code: string, change: Record<string, string> = {}, tenantId?: string) {
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: clientId,
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: readFileSync(join(running.tokenDir, `${name}.token`), "utf8"),
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...change,
  });
  const response = await fetch(at("token", tenantId), { method: "POST", body });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

test("a person who is picked comes back with a code, and the code becomes their ID token", async () => {
  const form = { ...lena, mfa: "no", auth_age_seconds: "600" };
  const { status, body } = await redeem(await codeFor(form));
  expect(status).toBe(200);
  const claims = decodeJwt(body.id_token);
  expect(claims).toMatchObject({
    aud: clientId,
    tid: contoso.tenantId,
    oid: contoso.people.lenaFrei.objectId,
    nonce: "the-nonce",
    amr: ["pwd"],
  });
  expect(Math.floor(Date.now() / 1000) - Number(claims["auth_time"])).toBeGreaterThanOrEqual(600);
});

test("the page names this tenant's people and no others", async () => {
  const page = await (await fetch(`${at("authorize")}?${new URLSearchParams(good)}`)).text();
  expect(page).toContain("Lena Frei");
  expect(page).not.toContain("Mia Rossi");
});

test.each([
  ["an unknown client", { client_id: platform.applications.bot.clientId }, 700016],
  ["a strange host", { redirect_uri: "http://evil.example/sign-in/callback" }, 50011],
  ["a strange path", { redirect_uri: "http://localhost:7607/elsewhere" }, 50011],
  ["a query", { redirect_uri: `${redirectUri}?to=x` }, 50011],
  ["no PKCE", { code_challenge: "" }, 900144],
  ["PKCE in plain", { code_challenge_method: "plain" }, 900144],
  ["no openid", { scope: "profile" }, 900144],
  ["a disabled person", { person: contoso.people.jonasHuber.userPrincipalName }, 50057],
  ["another tenant's person", { person: fabrikam.people.miaRossi.userPrincipalName }, 50034],
])("I1 I3 %s gets no code, and no redirect", async (_name, change, number) => {
  const response = await pick({ ...lena, ...change });
  expect(response.headers.get("location")).toBeNull();
  expect(JSON.parse(await response.text()).error_codes).toEqual([number]);
});

test("I2 a code is good once", async () => {
  const code = await codeFor();
  expect((await redeem(code)).status).toBe(200);
  expect((await redeem(code)).body.error_codes).toEqual([54005]);
});

test.each([
  ["another verifier", { code_verifier: randomBytes(32).toString("base64url") }, 501481],
  ["another address", { redirect_uri: "http://localhost:1/sign-in/callback" }, 500112],
])("I2 a code is good for nothing with %s", async (_name, change, number) => {
  const code = await codeFor();
  expect((await redeem(code, change)).body.error_codes).toEqual([number]);
  expect((await redeem(code)).body.error_codes).toEqual([54005]);
});

test("I2 a code of one tenant is none of another's", async () => {
  expect((await redeem(await codeFor(), {}, fabrikam.tenantId)).body.error_codes).toEqual([54005]);
});

test("I2 a code alone, without the client's own proof, is good for nothing", async () => {
  const answer = await redeem(await codeFor(), { client_assertion: "x.y.z" });
  expect(answer.status).toBe(401);
});
