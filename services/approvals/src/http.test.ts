// GET /v1/approvals, with Entra tokens of two tenants whose keys come from a real endpoint.

import { once } from "node:events";
import { createServer } from "node:http";
import { Customer } from "@niivo/contracts/customers";
import { createLogger } from "@niivo/host/logger";
import { memoryStore } from "@niivo/host/memory-store";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  actionId,
  asked,
  customer,
  digest,
  otherTenantId,
  tenantId,
  ticket,
} from "../test/example.ts";
import { channelTokens } from "./channel-token.ts";
import { changeAsk } from "./documents.ts";
import { approvalsHttp } from "./http.ts";

const pair = await generateKeyPair("RS256");
const jwk = await exportJWK(pair.publicKey);
const server = createServer((_, response) => {
  response.end(JSON.stringify({ keys: [{ ...jwk, kid: "entra", alg: "RS256" }] }));
});
beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => new Promise((done) => server.close(done)));

const authority = () => {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
};
const principal = { name: "p", clientId: tenantId, secret: "a-secret" };
const customerOf = (id: string, tenant: string) =>
  Customer.parse({
    ...{ id, displayName: id, tenantId: tenant, vaultUrl: "https://v.vault.azure.net" },
    agents: [
      {
        ...{ name: "niivo-l1-desk", identity: tenantId, blueprint: principal },
        executors: { password: principal, mfa: principal },
      },
    ],
    factsReader: principal,
    groups: { identityApprovers: tenantId, vip: tenantId },
    model: { endpoint: "https://m.openai.azure.com", deployment: "d", secret: "a-secret" },
  });

let store = memoryStore();
beforeEach(async () => {
  store = memoryStore();
  await changeAsk(store, customer, actionId, (ask) => ({ ...ask, asked, ticket }));
});
const app = () =>
  approvalsHttp({
    environment: {
      customers: [customerOf(customer, tenantId), customerOf("fabrikam", otherTenantId)],
      ...{ entraAuthorityHost: authority(), entraAudience: "api://niivo" },
    },
    host: { store, send: async () => {}, log: createLogger("test", "error") },
    bot: {
      customers: new Map(),
      tokens: channelTokens({
        ...{ appId: tenantId, serviceUrls: [], now: () => new Date() },
        keys: async () => undefined,
      }),
    },
  });
const tokenOf = (tid: string, roles: readonly string[]) =>
  new SignJWT({ tid, oid: tenantId, ver: "2.0", roles })
    .setProtectedHeader({ alg: "RS256", kid: "entra" })
    .setIssuer(`${authority()}/${tid}/v2.0`)
    .setAudience("api://niivo")
    .setNotBefore("0s")
    .setExpirationTime("1h")
    .sign(pair.privateKey);
const get = async (query: string, tid = tenantId, roles: readonly string[] = ["Audit.Read"]) => {
  const authorization = `Bearer ${await tokenOf(tid, roles)}`;
  const response = await app().request(`/v1/approvals${query}`, { headers: { authorization } });
  const body = (await response.json()) as { approvals: unknown[]; next?: string };
  return { status: response.status, body };
};

describe("the open approvals", () => {
  test.each(["Audit.Read", "Admin.ReadWrite"])("are shown to the role %s", async (role) => {
    expect(await get("", tenantId, [role])).toEqual({
      status: 200,
      body: {
        approvals: [
          {
            ...{ actionId, digest, ticket, agent: "niivo-l1-desk", tool: "password.reset" },
            ...{ requester: "rita@contoso.example", target: "tom@contoso.example" },
            ...{ approvers: 3, counted: 0, quorum: 2, expiresAt: asked.expiresAt },
          },
        ],
      },
    });
  });

  test("of another customer are not shown", async () => {
    expect((await get("", otherTenantId)).body).toEqual({ approvals: [] });
  });

  test("do not include what has ended", async () => {
    await changeAsk(store, customer, actionId, (ask) => ({ ...ask, end: { kind: "expired" } }));
    expect((await get("")).body).toEqual({ approvals: [] });
  });

  test("come in pages", async () => {
    const second = "55555555-0000-4000-8000-000000000002";
    await changeAsk(store, customer, second, (ask) => ({
      ...ask,
      asked: { ...asked, actionId: second },
    }));
    const first = await get("?limit=1");
    expect(first.body).toMatchObject({ approvals: [{ actionId }], next: actionId });
    const rest = await get(`?limit=1&after=${first.body.next}`);
    expect(rest.body.approvals).toMatchObject([{ actionId: second }]);
  });
});

describe("are refused", () => {
  test("without a token", async () => {
    expect((await app().request("/v1/approvals")).status).toBe(401);
  });

  test("to a token without the role", async () => {
    expect((await get("", tenantId, ["Tickets.Submit"])).status).toBe(403);
  });

  test.each(["?limit=0", "?limit=1000", "?after=x", "?customer=fabrikam"])(
    "for the query %s",
    async (query) => {
      expect((await get(query)).status).toBe(400);
    },
  );
});

test("the interface describes itself", async () => {
  const response = await app().request("/openapi.json");
  expect(await response.json()).toMatchObject({ openapi: "3.1.0", paths: { "/v1/approvals": {} } });
});
