// A password reset to its end: the link in Teams, the sign-in at the customer's Entra, the one reveal. Then
// everybody who must get nothing, what the chain says of it all, and a search for the password everywhere.

import { readFileSync } from "node:fs";
import tls from "node:tls";
import { searchSinks } from "@niivo/local/leaks";
import { processSinks, runCanaries, runSinks } from "@niivo/local/sinks";
import { beforeAll, expect, test } from "vitest";
import { type Browser, browser } from "../src/browser.ts";
import { contoso, fabrikam, runningSystem } from "../src/running-system.ts";

const { system, client, open, sealed, auditor } = await runningSystem();
// The emulated Entra has a certificate of this run.
tls.setDefaultCACertificates([
  ...tls.getCACertificates("default"),
  readFileSync(system.caFile, "utf8"),
]);
const origin = `http://localhost:${system.ports.links}`;
const lena = contoso.lenaFrei.userPrincipalName;
const marco = contoso.marcoKeller.userPrincipalName;
const linkPattern = new RegExp(`${origin}/s/contoso/([0-9a-f-]{36})`);

/** Resets a person's password and returns where it can be seen. */
async function reset(person = contoso.lenaFrei) {
  const seen = new Set((await client.chats(person.userPrincipalName)).map(({ id }) => id));
  const { id, token } = await open(person, "I forgot my password");
  await client.ticketEnds(token, id, 60_000);
  const texts = (await client.chats(person.userPrincipalName))
    .filter((message) => !seen.has(message.id))
    .map(({ text }) => text ?? "");
  const [page = "", secretId = ""] = texts.join("\n").match(linkPattern) ?? [];
  expect(secretId, texts.join("\n")).not.toBe("");
  return { ticket: id, page, secretId };
}
const codeOf = (text: string): unknown => JSON.parse(text).code;
const secretIn = (text: string): string => String(JSON.parse(text).secret);

async function hasPassword(person: string, password: string): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${system.ports.tenantHttp}/emulator/passwords`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ person, password }),
  });
  return response.json();
}

let link: Awaited<ReturnType<typeof reset>>;
let shown = "";
let lenas: Browser;
beforeAll(async () => {
  link = await reset();
  lenas = browser(origin);
});

test("a GET, a HEAD and a preview bot get a page with a button, and change nothing", async () => {
  for (const agent of ["Mozilla/5.0", "SkypeUriPreview Preview/0.5", "facebookexternalhit/1.1"]) {
    for (const method of ["GET", "HEAD"]) {
      const page = await lenas.send(method, link.page, { headers: { "user-agent": agent } });
      expect(page.status).toBe(200);
      expect(page.headers.get("cache-control")).toBe("no-store");
      expect(page.headers.get("referrer-policy")).toBe("no-referrer");
      expect(page.headers.get("x-robots-tag")).toContain("noindex");
      expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(page.headers.getSetCookie()).toEqual([]);
    }
  }
  const at = `${origin}/v1/secrets/${link.secretId}/reveal`;
  expect((await lenas.send("GET", at)).status).toBe(405);
  expect((await lenas.reveal(link.secretId)).status).toBe(401);
});

test("another person, an old sign-in, one factor, another customer: nothing, and the chain says so", async () => {
  const attempts: [string, string, Parameters<Browser["signIn"]>[1]][] = [
    ["other-person", link.page, { person: marco }],
    ["sign-in-old", link.page, { person: lena, authAgeSeconds: 600 }],
    ["second-factor-missing", link.page, { person: lena, mfa: "no" }],
    [
      "nothing-there",
      link.page.replace("/contoso/", "/fabrikam/"),
      { person: fabrikam.miaRossi.userPrincipalName },
    ],
  ];
  for (const [code, page, choice] of attempts) {
    const one = browser(origin);
    expect((await one.signIn(page, choice)).status).toBe(200);
    const answer = await one.reveal(link.secretId);
    expect(answer.status).toBeGreaterThanOrEqual(403);
    expect(codeOf(answer.text)).toBe(code);
  }
  for (const code of ["other-person", "sign-in-old", "second-factor-missing"])
    await sealed(link.ticket, "secret.reveal-refused", 20_000, code);
});

test("a person of another tenant cannot sign in to this customer's link", async () => {
  const stranger = browser(origin);
  await stranger.signIn(link.page, { person: fabrikam.miaRossi.userPrincipalName });
  expect((await stranger.reveal(link.secretId)).status).toBe(401);
});

test("the recipient, signed in now, sees the password that Graph got; of two requests one does", async () => {
  const arrived = await lenas.signIn(link.page, { person: lena });
  expect(arrived.text).toContain(`url=/s/contoso/${link.secretId}`);
  expect((await lenas.send("GET", link.page)).text).toContain("Lena Frei");
  // Another site's page has no strict cookie; with it, it still has the wrong origin.
  const elsewhere = await lenas.reveal(link.secretId, { origin: "https://evil.example" });
  expect(codeOf(elsewhere.text)).toBe("other-origin");
  const answers = await Promise.all([lenas.reveal(link.secretId), lenas.reveal(link.secretId)]);
  const good = answers.filter(({ status }) => status === 200);
  expect(good).toHaveLength(1);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 404]);
  shown = secretIn(good[0]?.text ?? "");
  expect(await hasPassword(lena, shown)).toEqual({ matches: true });
  expect(await hasPassword(lena, `${shown}x`)).toEqual({ matches: false });
});

test("a second POST gets nothing, nor does the recipient in another browser", async () => {
  expect(codeOf((await lenas.reveal(link.secretId)).text)).toBe("nothing-there");
  const other = browser(origin);
  await other.signIn(link.page, { person: lena });
  expect(codeOf((await other.reveal(link.secretId)).text)).toBe("nothing-there");
});

test("the chain has the key's taking and the reveal, in this order, and verifies", async () => {
  await sealed(link.ticket, "secret.revealed");
  const token = await auditor();
  const types = (await client.trail(token, link.ticket)).map(({ type }) => type);
  const revealed = types.indexOf("secret.revealed.v1");
  expect(types.indexOf("secret.stored.v1")).toBeGreaterThan(0);
  expect(types.slice(0, revealed)).toContain("credential.access.v1");
  expect(types.filter((type) => type === "secret.revealed.v1")).toHaveLength(1);
  expect((await client.verify(token, "contoso")).verdict).toBe("OK");
});

test("the links' process that dies before the person comes loses nothing", async () => {
  const next = await reset();
  const one = browser(origin);
  await one.signIn(next.page, { person: lena });
  await system.kill("links");
  await system.start("links");
  const answer = await one.reveal(next.secretId);
  expect(answer.status, answer.text).toBe(200);
  expect(await hasPassword(lena, secretIn(answer.text))).toEqual({ matches: true });
  await sealed(next.ticket, "secret.revealed");
});

test("without the vault nothing is used up", async () => {
  const next = await reset();
  await client.addFault({
    match: "GET /vault/contoso/secrets/secret-link-key",
    status: 503,
    times: 1,
  });
  const one = browser(origin);
  await one.signIn(next.page, { person: lena });
  expect(codeOf((await one.reveal(next.secretId)).text)).toBe("key-unavailable");
  await sealed(next.ticket, "secret.reveal-refused", 20_000, "key-unavailable");
  expect((await one.reveal(next.secretId)).status).toBe(200);
});

test("where Graph does not say whether it was done, the link stays, works, and is in the chain", async () => {
  await client.addFault({ match: "PATCH .*users", status: 503, times: 1 });
  const { ticket, page, secretId } = await reset();
  await sealed(ticket, "action.unknown: password.reset");
  await sealed(ticket, "secret.stored");
  const token = await auditor();
  const types = (await client.trail(token, ticket)).map(({ type }) => type);
  expect(types.filter((type) => type === "secret.stored.v1")).toHaveLength(1);
  expect(types.indexOf("secret.stored.v1")).toBeLessThan(types.indexOf("action.unknown.v1"));
  const one = browser(origin);
  await one.signIn(page, { person: lena });
  expect((await one.reveal(secretId)).status).toBe(200);
  await sealed(ticket, "secret.revealed");
});

test("the password, the codes, the tokens and the cookies are in no store, log or message", async () => {
  // Last: stopped, so that every buffer is on disk before it is searched.
  const environments = processSinks(system.processes());
  await system.stop();
  const canaries = runCanaries(system.dataDir);
  expect(canaries.map(({ value }) => value)).toContain(shown);
  const cookies = lenas.cookies().map((value) => ({ kind: "cookie", value }));
  const sinks = [...runSinks(system.dataDir, new Map()), ...environments];
  expect(searchSinks([...canaries, ...cookies], sinks).leaks).toEqual([]);
});
