// The bundle of one ticket over HTTP, judged by the offline verifier's own judges.

import { checkpointMs } from "@niivo/contracts/audit";
import { sha256 } from "@niivo/contracts/canonical";
import { BundleManifest, proofPath, ValueLine } from "@niivo/contracts/evidence/bundle";
import { bytesOf } from "@niivo/contracts/evidence/bytes";
import { parsePolicy } from "@niivo/contracts/evidence/signing-policy";
import { judgeProofs } from "@niivo/verify/proof-judge";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SealedEvent } from "../src/sealed-event.ts";
import { answered } from "../src/testing/answered.ts";
import { type AuditInProcess, auditInProcess } from "../src/testing/audit-in-process.ts";
import { contoso } from "../src/testing/customers.ts";
import { type TestEntra, testEntra } from "../src/testing/entra.ts";
import { filesIn } from "../src/testing/files-in.ts";
import { people, story } from "../src/testing/story.ts";

let entra: TestEntra;
let audit: AuditInProcess;
const { all, ticket, access, resolved } = story();
const withValues = ["Audit.Read", "Audit.ReadValues"];

beforeAll(async () => {
  entra = await testEntra();
  audit = await auditInProcess({ entra });
  await audit.tell(...all, ...story("another").all);
  audit.clock.advance(checkpointMs);
  await audit.tick();
});
afterAll(() => entra.close());

const get = (query: string, roles: readonly string[] = ["Audit.Read"]) =>
  answered(audit, `/v1/customers/contoso/export?${query}`, {
    authorization: `Bearer ${entra.token(contoso.tenantId, roles)}`,
  });

async function bundle(query: string, roles?: readonly string[]) {
  const response = await get(query, roles);
  expect(response.status).toBe(200);
  const files = filesIn(Buffer.from(await response.arrayBuffer()));
  const text = (path: string) => String(files.get(path) ?? "");
  const linesOf = (path: string) => text(path).split("\n").slice(0, -1);
  const manifest = BundleManifest.parse(JSON.parse(text("manifest.json")));
  for (const [path, digest] of Object.entries(manifest.files))
    expect(sha256(files.get(path) ?? ""), path).toBe(digest);
  const values = linesOf("values.jsonl").map((line) => ValueLine.parse(JSON.parse(line)));
  const items = linesOf("entries.jsonl").map((line) => {
    const { seq } = JSON.parse(line) as { seq: number };
    const value = values.find((one) => one.seq === seq);
    const proof = text(proofPath(seq));
    return { bytes: bytesOf(line), proof, ...(value === undefined ? {} : { value }) };
  });
  const policy = parsePolicy(`log ${linesOf("keys.txt")[0]}\nquorum none\n`);
  if (policy.kind === "refused") throw new Error(policy.reason);
  const report = judgeProofs({
    policy: policy.policy,
    items,
    ticket,
    chain: manifest.chain,
    trusted: [],
    hasValues: files.has("values.jsonl"),
  });
  return { manifest, items, values, report, recorded: response.headers.get("niivo-recorded") };
}

test("has the genesis and the ticket's entries, each with its proof, and verifies", async () => {
  const { manifest, items, values, report, recorded } = await bundle(`ticket=${ticket}`);
  expect(manifest.scope).toEqual({ kind: "ticket", ticket });
  expect(items).toHaveLength(1 + all.length);
  expect(values).toEqual([]);
  expect(report).toMatchObject({ mode: "ticket", exitCode: 0, findings: [] });
  expect(recorded).toMatch(/^\d+$/);
});

test("with values, each is the message that its entry commits to", async () => {
  const { values, report } = await bundle(`ticket=${ticket}&values=true`, withValues);
  expect(values).toHaveLength(all.length);
  expect(report).toMatchObject({ exitCode: 0, verdicts: { privacy: "OK", completeness: "OK" } });
});

test("a value that is gone without an order is withheld", async () => {
  const [row] = await audit.store.list("contoso", { prefix: "value:", limit: 100 });
  if (row === undefined) throw new Error("there are values");
  await audit.store.commit("contoso", [{ kind: "delete", id: row.id }]);
  const bundles = [`ticket=${ticket}&values=true`, `ticket=${story("another").ticket}&values=true`];
  const found = await Promise.all(
    bundles.map(async (query) => (await get(query, withValues)).status),
  );
  expect(found).toEqual([200, 200]);
  const { report, values } = await bundle(bundles[0] ?? "", withValues);
  const isOurs = values.length < all.length;
  expect(report.exitCode).toBe(isOurs ? 20 : 0);
  if (isOurs) expect(report.findings).toMatchObject([{ code: "WITHHELD" }]);
});

test("messages are for whoever may see them, and only where that is sealed (L25)", async () => {
  expect((await get(`ticket=${ticket}&values=true`)).status).toBe(403);
  const other = await auditInProcess({ entra });
  await other.tell(...all);
  await other.tick();
  await other.drain();
  const response = await other.app.request(
    `/v1/customers/contoso/export?ticket=${ticket}&values=true`,
    { headers: { authorization: `Bearer ${entra.token(contoso.tenantId, withValues)}` } },
  );
  expect(response.status).toBe(503);
}, 20_000);

test.each([
  [`ticket=${story("nobody's").ticket}`, 404],
  [`ticket=${ticket}&format=csv`, 400],
  ["values=true", 400],
])("%s is refused with %i", async (query, status) => {
  expect((await get(query, withValues)).status).toBe(status);
});

test("values that were erased by order are erased, and the order is in the bundle with its proof", async () => {
  audit = await auditInProcess({ entra });
  await audit.tell(...all, SealedEvent.parse({ ...resolved, causationid: access.id }));
  const authorization = `Bearer ${entra.token(contoso.tenantId, ["Audit.Erase"])}`;
  const ordered = await audit.app.request("/v1/customers/contoso/erasures", {
    method: "POST",
    headers: { authorization, "content-type": "application/json" },
    body: JSON.stringify({ person: people.anna, ground: "request-of-the-person" }),
  });
  expect(ordered.status).toBe(202);
  await audit.bus.idle();
  audit.clock.advance(checkpointMs);
  await audit.tick();
  const { report, items } = await bundle(`ticket=${ticket}&values=true`, withValues);
  expect(report).toMatchObject({
    exitCode: 0,
    verdicts: { privacy: "ERASED", completeness: "OK" },
  });
  expect(report.erased).toBeGreaterThan(0);
  expect(
    items.filter(({ bytes }) => String(Buffer.from(bytes)).includes('"type":"erasure"')),
  ).not.toEqual([]);
});
