// T1 to T4, against real signatures and a key server on a socket: the table of what is refused is longer than the
// list of what is let through.

import { Hono } from "hono";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, expect, test } from "vitest";
import { requireCustomer, requireToken } from "../src/http-token.ts";
import { serve } from "../src/serve.ts";
import { contoso } from "./counting.ts";

const fabrikam = { ...contoso, id: "fabrikam", tenantId: "55555555-5555-4555-8555-555555555555" };
const stranger = "66666666-6666-4666-8666-666666666666";
const person = "77777777-7777-4777-8777-777777777777";
const audience = "api://niivo";

const keys = new Map(
  await Promise.all(
    [contoso.tenantId, fabrikam.tenantId, stranger].map(
      async (tenant) => [tenant, await generateKeyPair("RS256")] as const,
    ),
  ),
);
const keyOf = (tenant: string) => keys.get(tenant) ?? expect.fail("no such tenant");

const keyServer = await serve(
  new Hono().get("/:tenant/discovery/v2.0/keys", async (c) => {
    const { publicKey } = keyOf(c.req.param("tenant"));
    return c.json({
      keys: [{ ...(await exportJWK(publicKey)), kid: "1", alg: "RS256", use: "sig" }],
    });
  }),
  "127.0.0.1",
  0,
);
afterAll(() => keyServer.close());
const authority = `http://127.0.0.1:${keyServer.port}`;

const environment = {
  customers: [contoso, fabrikam],
  entraAuthorityHost: `${authority}/`,
  entraAudience: audience,
};
const app = new Hono()
  .get("/whoami", requireToken({ environment }), (c) => c.json(c.var.caller))
  .get("/admin", requireToken({ environment, anyOf: ["Policy.Admin", "Policy.Read"] }), (c) =>
    c.text("ok"),
  )
  .get("/customers/:customer", requireToken({ environment }), requireCustomer(), (c) =>
    c.text("ok"),
  );

interface Token {
  readonly tenant?: string;
  readonly signedBy?: string;
  readonly claims?: Record<string, unknown>;
  readonly issuer?: string;
  readonly audience?: string;
  readonly expires?: number | undefined;
  readonly starts?: number | undefined;
}

const seconds = () => Math.floor(Date.now() / 1000);

function token(of: Token = {}): Promise<string> {
  const { tenant = contoso.tenantId, signedBy = tenant } = of;
  const jwt = new SignJWT({ ver: "2.0", tid: tenant, oid: person, name: "Ada", ...of.claims })
    .setProtectedHeader({ alg: "RS256", kid: "1" })
    .setIssuer(of.issuer ?? `${authority}/${tenant}/v2.0`)
    .setAudience(of.audience ?? audience);
  const expires = "expires" in of ? of.expires : seconds() + 300;
  const starts = "starts" in of ? of.starts : seconds();
  if (expires !== undefined) jwt.setExpirationTime(expires);
  if (starts !== undefined) jwt.setNotBefore(starts);
  return jwt.sign(keyOf(signedBy).privateKey);
}

const get = (path: string, bearer: string) =>
  app.request(path, { headers: { authorization: `Bearer ${bearer}` } });

test("a person's token tells who calls, from which customer, how they signed in", async () => {
  const bearer = await token({
    claims: {
      preferred_username: "ada@contoso.example",
      scp: "Tickets.ReadWrite",
      idtyp: "user",
      roles: ["Policy.Read"],
      amr: ["pwd", "mfa"],
      auth_time: 1_767_225_600,
      xms_pl: "de-ch",
    },
  });
  const response = await get("/whoami", bearer);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({
    customer: contoso,
    objectId: person,
    tenantId: contoso.tenantId,
    displayName: "Ada",
    userPrincipalName: "ada@contoso.example",
    roles: ["Policy.Read"],
    scopes: ["Tickets.ReadWrite"],
    signedInAt: "2026-01-01T00:00:00.000Z",
    multifactor: true,
    isPerson: true,
    language: "de",
  });
});

test.each(["rm-CH", "", 7, "x".repeat(500)])(
  "a preferred language of %s is none of ours, and refuses nobody",
  async (xms_pl) => {
    const response = await get("/whoami", await token({ claims: { xms_pl, scp: "a" } }));
    expect(response.status).toBe(200);
    expect(await response.json()).not.toHaveProperty("language");
  },
);

test("an application's own token is no person", async () => {
  const bearer = await token({ claims: { idtyp: "app", azp: stranger, app_displayname: "ITSM" } });
  const caller = await (await get("/whoami", bearer)).json();
  expect(caller).toMatchObject({
    isPerson: false,
    multifactor: false,
    userPrincipalName: stranger,
  });
});

const refused: readonly [string, () => string | Promise<string>][] = [
  ["T1: an unknown tenant with its own good keys", () => token({ tenant: stranger })],
  ["T1: another tenant's keys", () => token({ signedBy: fabrikam.tenantId })],
  [
    "T1: another tenant's issuer",
    () => token({ issuer: `${authority}/${fabrikam.tenantId}/v2.0` }),
  ],
  [
    "T1: the version 1.0 issuer",
    () => token({ issuer: `https://sts.windows.net/${contoso.tenantId}/` }),
  ],
  ["T1: no tenant", () => token({ claims: { tid: undefined } })],
  ["T2: another audience", () => token({ audience: "https://graph.microsoft.com" })],
  ["T2: an expired token", () => token({ expires: seconds() - 61 })],
  ["T2: a token that never expires", () => token({ expires: undefined })],
  ["T2: a token that is not valid yet", () => token({ starts: seconds() + 90 })],
  ["T2: a token without a start", () => token({ starts: undefined })],
  ["a token without an object id", () => token({ claims: { oid: undefined } })],
  ["a token of version 1.0", () => token({ claims: { ver: "1.0" } })],
  ["no token", () => ""],
  ["something else", () => "not-a-token"],
  ["a token with an altered payload", async () => (await token()).replace(/\.[\w-]/, ".A")],
  [
    "an unsigned token",
    () => new UnsecuredJWT({ tid: contoso.tenantId, oid: person }).setAudience(audience).encode(),
  ],
  ["a token beyond any size", async () => await token({ claims: { pad: "x".repeat(20_000) } })],
];
test.each(refused)("refused: %s", async (_, bearer) => {
  const response = await get("/whoami", await bearer());
  expect(response.status).toBe(401);
  expect(response.headers.get("www-authenticate")).toContain("Bearer");
  expect(response.headers.get("content-type")).toBe("application/problem+json");
});

test("the clock may differ by a minute", async () => {
  expect((await get("/whoami", await token({ expires: seconds() - 50 }))).status).toBe(200);
});

test("a role or a scope is needed where one is named, and one of them is enough", async () => {
  const answer = async (claims: Record<string, unknown>) =>
    (await get("/admin", await token({ claims }))).status;
  expect(await answer({ roles: ["Policy.Read"] })).toBe(200);
  expect(await answer({ scp: "openid Policy.Admin" })).toBe(200);
  expect(await answer({})).toBe(403);
  expect(await answer({ roles: ["Policy.Rea", "policy.read", "Policy.Admin Policy.Read"] })).toBe(
    403,
  );
});

test("T3: the path's customer is the caller's own, or the request is refused", async () => {
  const bearer = await token({ claims: { customer: "fabrikam" } });
  expect((await get("/customers/contoso", bearer)).status).toBe(200);
  expect((await get("/customers/fabrikam", bearer)).status).toBe(403);
});

test("T4: keys that cannot be fetched are no answer about the token", async () => {
  const elsewhere = { ...environment, entraAuthorityHost: "http://127.0.0.1:1" };
  const other = new Hono().get("/", requireToken({ environment: elsewhere }), (c) => c.text("ok"));
  const headers = { authorization: `Bearer ${await token()}` };
  expect((await other.request("/", { headers })).status).toBe(503);
});
