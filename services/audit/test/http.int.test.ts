// The auditors' door, over the whole service and with real tokens.

import { accessWindowMs } from "@niivo/contracts/audit";
import { chainId, Entry, entryHash } from "@niivo/contracts/evidence";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { answered } from "../src/testing/answered.ts";
import { type AuditInProcess, auditInProcess } from "../src/testing/audit-in-process.ts";
import { contoso, fabrikam } from "../src/testing/customers.ts";
import { type TestEntra, testEntra } from "../src/testing/entra.ts";
import { story } from "../src/testing/story.ts";

const Reading = z.looseObject({ reading: z.object({ seq: z.int() }) });
const Trail = z.looseObject({ entries: z.array(z.looseObject({ line: z.string() })) });

let entra: TestEntra;
let audit: AuditInProcess;
const { all, ticket } = story();

beforeAll(async () => {
  entra = await testEntra();
  audit = await auditInProcess({ entra });
  await audit.tell(...all);
});
afterAll(() => entra.close());

const get = (
  path: string,
  roles: readonly string[] = ["Audit.Read"],
  of = contoso,
  headers: Readonly<Record<string, string>> = {},
) =>
  answered(audit, path, { authorization: `Bearer ${entra.token(of.tenantId, roles)}`, ...headers });

/** The genesis, the key, and that the first tests below verified, read entries, export and trail, and verified the platform's. */
const sealedBeside = 7;

describe("who may read", () => {
  const paths = [
    "/v1/customers/contoso/verify",
    "/v1/customers/contoso/entries",
    "/v1/customers/contoso/export",
    `/v1/tickets/${ticket}/trail`,
  ];

  test.each(paths)("%s: auditors and administrators", async (path) => {
    expect((await get(path)).status).toBe(200);
    expect((await get(path, ["Admin.ReadWrite"])).status).toBe(200);
  });

  test.each(paths)("%s: nobody else", async (path) => {
    expect((await audit.app.request(path)).status).toBe(401);
    expect((await get(path, [])).status).toBe(403);
    expect((await get(path, ["Tickets.ReadWrite", "audit.read"])).status).toBe(403);
  });

  test.each(paths)("L14: %s: not another customer's auditor", async (path) => {
    const response = await get(path, ["Audit.Read"], fabrikam);
    expect([403, 404]).toContain(response.status);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.text()).not.toContain(ticket);
  });

  test("the platform's chain is open to the auditors of every customer", async () => {
    for (const of of [contoso, fabrikam])
      expect((await get("/v1/customers/platform/verify", ["Audit.Read"], of)).status).toBe(200);
  });
});

describe("verify", () => {
  test("answers with separate verdicts, and with what was not proven", async () => {
    expect(await (await get("/v1/customers/contoso/verify")).json()).toMatchObject({
      verdict: "OK",
      verdicts: { integrity: "OK", completeness: "OK", freshness: "NOT_JUDGED", conduct: "OK" },
      entries: all.length + sealedBeside,
      head: { seq: all.length + sealedBeside - 1 },
      unattested: all.length + sealedBeside,
      evidence: {
        checkpoint: null,
        keys: [expect.stringContaining("audit.example/")],
        anchors: {},
      },
      notProven: expect.arrayContaining([expect.any(String)]),
    });
  });

  test("L15: an empty chain is not in order, it is not there", async () => {
    const unopened = await auditInProcess({ entra, isOpen: false });
    for (const what of ["verify", "entries"]) {
      const response = await unopened.app.request(`/v1/customers/fabrikam/${what}`, {
        headers: { authorization: `Bearer ${entra.token(fabrikam.tenantId, ["Audit.Read"])}` },
      });
      expect(await response.json()).toMatchObject({ status: 404, code: "no-chain" });
    }
  });

  test("L17: a chain that nothing happened in is there, with its genesis, the key, and who looked before", async () => {
    const response = await get("/v1/customers/fabrikam/verify", ["Audit.Read"], fabrikam);
    expect(await response.json()).toMatchObject({ verdict: "OK", entries: 3 });
  });

  test("callers who ask at once get one answer", async () => {
    const asked = await Promise.all([1, 2, 3].map(() => get("/v1/customers/contoso/verify")));
    const [one, ...others] = await Promise.all(asked.map((response) => response.text()));
    expect(others).toEqual([one, one]);
  });
});

describe("entries", () => {
  test("are canonical bytes, one per line, that anybody can recompute", async () => {
    const response = await get("/v1/customers/contoso/entries?limit=500");
    expect(response.headers.get("content-type")).toBe("application/jsonl");
    const lines = (await response.text()).trimEnd().split("\n");
    let prev = chainId(String(Entry.parse(JSON.parse(lines[0] ?? "")).detail["nonce"]));
    for (const [seq, line] of lines.entries()) {
      expect(Entry.parse(JSON.parse(line))).toMatchObject({ seq, prev });
      prev = entryHash(new TextEncoder().encode(line));
    }
    expect(lines).toHaveLength(all.length + sealedBeside);
  });

  test("come in pages, each naming the next", async () => {
    const first = await get("/v1/customers/contoso/entries?limit=3");
    expect(first.headers.get("link")).toBe(
      '</v1/customers/contoso/entries?from=3&limit=3>; rel="next"',
    );
    const second = await get("/v1/customers/contoso/entries?from=3&limit=3");
    const [line = ""] = (await second.text()).split("\n");
    expect(JSON.parse(line)).toMatchObject({ seq: 3 });
  });

  test.each(["from=-1", "limit=0", "limit=1001", "from=x", "page=2"])(
    "a query like %s is refused",
    async (query) => {
      expect((await get(`/v1/customers/contoso/entries?${query}`)).status).toBe(400);
    },
  );
});

describe("the trail of a ticket", () => {
  test("shows its entries in order, in the words auditors know", async () => {
    const body = Trail.parse(await (await get(`/v1/tickets/${ticket}/trail`)).json());
    expect(body).toMatchObject({ ticket, complete: true });
    const lines = body.entries.map(({ line }) => line);
    expect(lines).toHaveLength(all.length);
    expect(lines[1]).toMatch(
      /^agent\.action: password\.reset {2}#[0-9a-f]{6} {2}prev #[0-9a-f]{6}$/,
    );
    expect(lines[5]).toMatch(/^credential\.access: executor-password {2}#/);
  });

  test("L25: who reads it is an entry before the answer, by pseudonym, and once in a while", async () => {
    const read = async () => Reading.parse(await (await get(`/v1/tickets/${ticket}/trail`)).json());
    const first = await read();
    expect(await read()).toEqual(first);
    const { seq } = first.reading;
    const response = await get(`/v1/customers/contoso/entries?from=${seq}&limit=1`);
    expect(Entry.parse(JSON.parse(await response.text()))).toMatchObject({
      type: "access.read",
      actor: expect.stringMatching(/^psn:/),
      detail: { what: "trail", ticket, values: false },
    });
    audit.clock.advance(accessWindowMs);
    expect((await read()).reading.seq).toBeGreaterThan(seq);
  });

  test("L25: whoever may see what was said is told apart from whoever may not", async () => {
    const asAuditor = await (await get(`/v1/tickets/${ticket}/trail`)).text();
    const response = await get(`/v1/tickets/${ticket}/trail`, ["Audit.Read", "Audit.ReadValues"]);
    const withValues = await response.text();
    expect(asAuditor).toContain('"status":"hidden"');
    expect(asAuditor).not.toContain('"status":"shown"');
    expect(withValues).toContain('"status":"shown"');
    expect(Reading.parse(JSON.parse(withValues)).reading).not.toEqual(
      Reading.parse(JSON.parse(asAuditor)).reading,
    );
  });

  test("L25: where the reading cannot be sealed there is no answer", async () => {
    const full = await auditInProcess({ entra });
    await full.tell(...all);
    await full.drain();
    const response = await full.app.request(`/v1/tickets/${ticket}/trail`, {
      headers: { authorization: `Bearer ${entra.token(contoso.tenantId, ["Audit.Read"])}` },
    });
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain("password.reset");
  }, 20_000);

  test("is a page for a browser, without a script, with the proof at its top", async () => {
    await audit.tick();
    const path = `/v1/tickets/${ticket}/trail`;
    const response = await get(path, ["Audit.Read"], contoso, { accept: "text/html,*/*;q=0.8" });
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    const page = await response.text();
    expect(page).toMatch(/agent\.action: password\.reset {2}#[0-9a-f]{6} {2}prev #[0-9a-f]{6}/);
    expect(page.indexOf("What is proven")).toBeLessThan(page.indexOf("agent.action"));
    expect(page).not.toContain("<script");
  });

  test("a value that is missing is withheld, one that was changed is altered", async () => {
    const other = await auditInProcess({ entra });
    await other.tell(...all);
    const [gone, changed] = await other.store.list("contoso", { prefix: "value:", limit: 2 });
    if (gone === undefined || changed === undefined) throw new Error("there are values");
    await other.store.commit("contoso", [
      { kind: "delete", id: gone.id },
      { kind: "upsert", id: changed.id, body: { salt: "0".repeat(64), message: {} } },
    ]);
    const authorization = `Bearer ${entra.token(contoso.tenantId, ["Audit.Read"])}`;
    const body = await (
      await answered(other, `/v1/tickets/${ticket}/trail`, { authorization })
    ).text();
    expect(body.match(/"status":"(withheld|altered)"/g)?.sort()).toEqual([
      '"status":"altered"',
      '"status":"withheld"',
    ]);
  });

  test("an unknown ticket is not found", async () => {
    const other = story("nobody's").ticket;
    expect((await get(`/v1/tickets/${other}/trail`)).status).toBe(404);
    expect((await get("/v1/tickets/1/trail")).status).toBe(400);
  });
});

test("the description of the door names every route", async () => {
  const body: unknown = await (await audit.app.request("/openapi.json")).json();
  const { paths } = z.object({ paths: z.record(z.string(), z.unknown()) }).parse(body);
  expect(Object.keys(paths)).toEqual([
    "/v1/customers/{customer}/verify",
    "/v1/customers/{customer}/entries",
    "/v1/customers/{customer}/checkpoint",
    "/v1/customers/{customer}/keys",
    "/v1/customers/{customer}/proofs",
    "/v1/customers/{customer}/export",
    "/v1/customers/{customer}/erasures",
    "/v1/customers/{customer}/erasures/{erasure}",
    "/v1/tickets/{id}/trail",
  ]);
});
