// Who reads a chain and who verifies it stands in it, over the whole service.

import { accessWindowMs } from "@niivo/contracts/audit";
import { Entry } from "@niivo/contracts/evidence";
import { subscriptions } from "@niivo/contracts/topology";
import { memoryBus } from "@niivo/host/memory-bus";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { EntryRow, entryPrefix } from "../src/rows.ts";
import { answered } from "../src/testing/answered.ts";
import { type AuditInProcess, auditInProcess } from "../src/testing/audit-in-process.ts";
import { contoso, fabrikam } from "../src/testing/customers.ts";
import { type TestEntra, testEntra } from "../src/testing/entra.ts";
import { startsAt, story } from "../src/testing/story.ts";

let entra: TestEntra;
let audit: AuditInProcess;
const { all } = story();
const base = "/v1/customers/contoso";

beforeAll(async () => {
  entra = await testEntra();
});
beforeEach(async () => {
  audit = await auditInProcess({ entra });
  await audit.tell(...all);
  await audit.tick();
});
afterAll(() => entra.close());

const token = (of = contoso) => `Bearer ${entra.token(of.tenantId, ["Audit.Read"])}`;
const get = (path: string, of = contoso) => answered(audit, path, { authorization: token(of) });

/** Every entry of these types, by number. */
async function sealed(types: readonly string[], customer = "contoso"): Promise<readonly Entry[]> {
  const rows = await audit.store.list(customer, { prefix: entryPrefix, limit: 200 });
  return rows
    .map(({ body }) => Entry.parse(JSON.parse(EntryRow.parse(body).bytes)))
    .filter(({ type }) => types.includes(type));
}
const runs = (customer?: string) => sealed(["verify.run"], customer);
const reads = (customer?: string) => sealed(["access.read"], customer);

const Verified = z.looseObject({
  verdict: z.string(),
  entries: z.int(),
  recorded: z.boolean(),
  recording: z.looseObject({ seq: z.int().optional(), reason: z.string().optional() }),
});
const verify = async (of = contoso, path = base) =>
  Verified.parse(await (await get(`${path}/verify`, of)).json());

describe("a verification", () => {
  test("is an entry that says who, how much, what came out and by which verifier", async () => {
    const { entries, recorded, recording } = await verify();
    expect(recorded).toBe(true);
    expect(await runs()).toMatchObject([
      {
        seq: recording.seq,
        actor: expect.stringMatching(/^psn:/),
        outcome: "ok",
        detail: {
          of: "own",
          mode: "full",
          size: entries,
          codes: "",
          verifier: expect.stringMatching(/^([0-9a-f]{64}|unbuilt)$/),
          until: expect.any(String),
        },
      },
    ]);
  });

  test("L27: of the same result is one entry in a window, however often it is asked", async () => {
    const first = await verify();
    for (let time = 0; time < 5; time += 1)
      expect((await verify()).recording).toEqual(first.recording);
    expect(await runs()).toHaveLength(1);
    audit.clock.advance(accessWindowMs);
    expect((await verify()).recording.seq).toBeGreaterThan(first.recording.seq ?? 0);
    expect(await runs()).toHaveLength(2);
  });

  test("L27: that failed is an entry of its own, though one in order was sealed just before", async () => {
    await verify();
    const [row] = await audit.store.list("contoso", {
      prefix: `${entryPrefix}000000000003`,
      limit: 1,
    });
    if (row === undefined) throw new Error("there is an entry 3");
    const { bytes, hash } = EntryRow.parse(row.body);
    const body = { bytes: bytes.replace(/"actor":"[^"]*"/, '"actor":"nobody"'), hash };
    await audit.store.commit("contoso", [{ kind: "upsert", id: row.id, body }]);
    expect(await verify()).toMatchObject({ verdict: "BROKEN", recorded: true });
    const [, failed] = await runs();
    expect(failed).toMatchObject({ outcome: "broken" });
    expect(String(failed?.detail["codes"]).split(",")).toContain("ALTERED");
  });

  test("L26: is answered where nothing can be sealed, and says that it is not recorded", async () => {
    await audit.drain();
    const asked = audit.app.request(`${base}/verify`, { headers: { authorization: token() } });
    const body = Verified.parse(await (await asked).json());
    expect(body).toMatchObject({
      verdict: "OK",
      recorded: false,
      recording: { reason: "not-sealed-in-time" },
    });
    expect(await runs()).toEqual([]);
  }, 20_000);

  test("L26: is answered where the bus takes nothing, and says so", async () => {
    let isAway = false;
    const bus = memoryBus({
      subscriptions: subscriptions.filter(({ reader }) => reader === "audit"),
      now: () => startsAt,
      publishFault: () => (isAway ? "lost" : "none"),
    });
    audit = await auditInProcess({ entra, bus });
    await audit.tell(...all);
    isAway = true;
    expect(await verify()).toMatchObject({
      verdict: "OK",
      recorded: false,
      recording: { reason: "bus-unavailable" },
    });
  });

  test("of the platform's chain is an entry of the reader's own", async () => {
    const path = "/v1/customers/platform";
    expect((await verify(fabrikam, path)).recorded).toBe(true);
    await get(`${path}/entries`, fabrikam);
    expect(await runs("platform")).toEqual([]);
    expect(await runs("fabrikam")).toMatchObject([{ detail: { of: "platform" } }]);
    expect(await reads("fabrikam")).toMatchObject([
      { detail: { of: "platform", what: "entries" } },
    ]);
    expect(await runs()).toEqual([]);
  });
});

describe("a reading", () => {
  test.each([
    ["entries", "/entries?limit=2"],
    ["export", "/export"],
    ["export", "/export?format=csv"],
    ["proofs", "/proofs?entry=1"],
    ["proofs", "/proofs?from=1"],
  ])("of %s (%s) is an entry, and the answer names it", async (what, path) => {
    const response = await get(`${base}${path}`);
    const [read, ...others] = await reads();
    expect(others).toEqual([]);
    expect(response.headers.get("niivo-recorded")).toBe(String(read?.seq));
    expect(read).toMatchObject({
      actor: expect.stringMatching(/^psn:/),
      detail: { what, of: "own", values: false },
    });
  });

  test("L27: of the same kind is one entry in a window; each kind has its own", async () => {
    for (const path of ["/entries", "/entries?from=3", "/proofs?entry=1", "/proofs?entry=2"])
      await get(`${base}${path}`);
    expect((await reads()).map(({ detail }) => detail["what"])).toEqual(["entries", "proofs"]);
  });

  test("of a checkpoint, or of the keys, is none: they are for everybody", async () => {
    expect((await get(`${base}/checkpoint`)).status).toBe(200);
    expect((await get(`${base}/keys`)).status).toBe(200);
    expect(await reads()).toEqual([]);
  });

  test("an export ends before the entry about itself, so a chain at rest ends under its checkpoint", async () => {
    const lines = (await (await get(`${base}/export?format=ocsf`)).text()).trimEnd().split("\n");
    const [read] = await reads();
    expect(lines).toHaveLength(read?.seq ?? 0);
  });

  test("L26: is answered where nothing can be sealed, and the answer says so", async () => {
    await audit.drain();
    const headers = { authorization: token() };
    const response = await audit.app.request(`${base}/entries`, { headers });
    expect(response.status).toBe(200);
    expect(response.headers.get("niivo-recorded")).toBe('?0;reason="not-sealed-in-time"');
  }, 20_000);
});
