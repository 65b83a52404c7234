// Bad input over HTTP: every refusal is a problem document (RFC 9457) with the right status, and names the
// field where there is one. Nothing crashes, and nothing of another person or customer is shown.

import { randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { contoso, fabrikam, runningSystem } from "../src/running-system.ts";

const { system, client, auditor, open } = await runningSystem();
const intake = `http://127.0.0.1:${system.ports.intake}`;
const audit = `http://127.0.0.1:${system.ports.audit}`;
const lena = contoso.lenaFrei.userPrincipalName;

async function refused(response: Response) {
  const body = (await response.json()) as { status: number; errors?: { pointer: string }[] };
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  expect(body.status).toBe(response.status);
  return { status: response.status, pointers: body.errors?.map(({ pointer }) => pointer) ?? [] };
}

const post = (token: string | undefined, body: string | object, type = "application/json") =>
  fetch(`${intake}/v1/tickets`, {
    method: "POST",
    headers: {
      "content-type": type,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const get = (url: string, token?: string) =>
  fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });

describe("opening a ticket", () => {
  test("without a token is 401", async () => {
    expect((await refused(await post(undefined, { text: "x" }))).status).toBe(401);
  });

  test("with a token nobody issued, an altered one or none at all behind the word is 401", async () => {
    const secret = new TextEncoder().encode("a key of the attacker's own choosing");
    const forged = await new SignJWT({ tid: "x" })
      .setProtectedHeader({ alg: "HS256" })
      .sign(secret);
    const real = await client.signIn(lena);
    const altered = `${real.slice(0, -8)}AAAAAAAA`;
    for (const token of [forged, altered, "", "not-a-token"]) {
      expect((await refused(await post(token, { text: "x" }))).status).toBe(401);
    }
  });

  test("with an expired token, or one for another audience, is 401", async () => {
    const expired = await client.signIn(lena, { expiresInSeconds: -600 });
    const foreign = await client.signIn(lena, { audience: "api://another" });
    expect((await refused(await post(expired, { text: "x" }))).status).toBe(401);
    expect((await refused(await post(foreign, { text: "x" }))).status).toBe(401);
  });

  test("with a bad body is 400 and names the field", async () => {
    const token = await client.signIn(lena);
    expect(await refused(await post(token, {}))).toEqual({ status: 400, pointers: ["/text"] });
    expect(await refused(await post(token, { text: "" }))).toEqual({
      status: 400,
      pointers: ["/text"],
    });
    expect(await refused(await post(token, { text: 7 }))).toEqual({
      status: 400,
      pointers: ["/text"],
    });
    const extra = await refused(await post(token, { text: "x", requester: "the CEO" }));
    expect(extra.status).toBe(400);
    expect((await refused(await post(token, "{not json"))).status).toBe(400);
  });

  test("with a body over the limit is 413", async () => {
    const token = await client.signIn(lena);
    const answer = await post(token, { text: "x".repeat(2_000_000) });
    expect((await refused(answer)).status).toBe(413);
  });

  test("with a body that is not JSON by its type is refused", async () => {
    const token = await client.signIn(lena);
    const { status } = await refused(await post(token, '{"text":"x"}', "text/plain"));
    expect([400, 415]).toContain(status);
  });
});

describe("reading", () => {
  test("an unknown ticket, and somebody else's, are both 404", async () => {
    const { id } = await open(contoso.lenaFrei, "Wi-Fi disconnects");
    const sven = await client.signIn(contoso.svenGraf.userPrincipalName);
    const mia = await client.signIn(fabrikam.miaRossi.userPrincipalName);
    expect((await refused(await get(`${intake}/v1/tickets/${randomUUID()}`, sven))).status).toBe(
      404,
    );
    expect((await refused(await get(`${intake}/v1/tickets/${id}`, sven))).status).toBe(404);
    expect((await refused(await get(`${intake}/v1/tickets/${id}`, mia))).status).toBe(404);
  });

  test("a ticket id that is none is 400 or 404", async () => {
    const token = await client.signIn(lena);
    const { status } = await refused(await get(`${intake}/v1/tickets/..%2f..%2fetc`, token));
    expect([400, 404]).toContain(status);
  });

  test("the chain without the role is 403, and another customer's chain is 403", async () => {
    const plain = await client.signIn(lena);
    expect((await refused(await get(`${audit}/v1/customers/contoso/verify`, plain))).status).toBe(
      403,
    );
    const ours = await auditor();
    expect((await refused(await get(`${audit}/v1/customers/fabrikam/verify`, ours))).status).toBe(
      403,
    );
    expect((await refused(await get(`${audit}/v1/customers/contoso/verify`))).status).toBe(401);
  });

  test("a path that does not exist is 404, and a method that does not is 404 or 405", async () => {
    const token = await client.signIn(lena);
    expect((await refused(await get(`${intake}/v1/nothing`, token))).status).toBe(404);
    const answer = await fetch(`${intake}/v1/tickets`, { method: "DELETE" });
    expect([401, 404, 405]).toContain((await refused(answer)).status);
  });
});
