// Erasure by person over the whole service: ordered over HTTP, sealed, swept from a real file, and confirmed.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { derivedId } from "@niivo/contracts/canonical";
import { controlTypes } from "@niivo/contracts/evidence/control";
import { timeToLiveMs } from "@niivo/contracts/topology";
import { sqliteStore } from "@niivo/host/sqlite-store";
import type { Store } from "@niivo/host/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { headId, nameOf, personId, valueId } from "../src/rows.ts";
import { SealedEvent } from "../src/sealed-event.ts";
import { answered } from "../src/testing/answered.ts";
import { type AuditInProcess, auditInProcess } from "../src/testing/audit-in-process.ts";
import { contoso, fabrikam } from "../src/testing/customers.ts";
import { type TestEntra, testEntra } from "../src/testing/entra.ts";
import { people, startsAt, story, text } from "../src/testing/story.ts";

const path = "/v1/customers/contoso/erasures";
const order = { person: people.anna, ground: "request-of-the-person" };
const canaries = ["Anna Muster", "anna.muster@contoso.example", text, people.anna];

const Trail = z.looseObject({
  entries: z.array(z.looseObject({ seq: z.int(), type: z.string(), value: z.unknown() })),
});
const Ordered = z.strictObject({ erasure: z.uuid() });
const Finding = z.looseObject({ code: z.string(), from: z.int(), to: z.int() });
const Verified = z.looseObject({
  verdicts: z.record(z.string(), z.string()),
  findings: z.array(Finding),
});

let entra: TestEntra;
let folder: string;
let store: Store;
let audit: AuditInProcess;
const { all, ticket, opened, access, resolved } = story();
/** Its end, without the action in between. */
const ended = SealedEvent.parse({ ...resolved, causationid: access.id });

beforeAll(async () => {
  entra = await testEntra();
});
afterAll(() => entra.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "erasures-"));
  store = sqliteStore(join(folder, "audit.sqlite"), () => startsAt);
  audit = await auditInProcess({ entra, store });
  await audit.tell(...all);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const post = async ({
  body = order,
  roles = ["Audit.Erase"],
  of = contoso,
}: {
  readonly body?: unknown;
  readonly roles?: readonly string[];
  readonly of?: typeof contoso;
} = {}): Promise<Response> => {
  const response = await audit.app.request(path, {
    method: "POST",
    headers: {
      authorization: `Bearer ${entra.token(of.tenantId, roles)}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });
  await audit.bus.idle();
  return response;
};
const get = (where: string, of = contoso) =>
  answered(audit, where, {
    authorization: `Bearer ${entra.token(of.tenantId, ["Audit.Read", "Audit.ReadValues"])}`,
  });
const trail = async () =>
  Trail.parse(await (await get(`/v1/tickets/${ticket}/trail`)).json()).entries;
const verified = async (of = contoso) =>
  Verified.parse(await (await get(`/v1/customers/${of.id}/verify`, of)).json());
const erased = async (): Promise<string> => {
  await audit.tell(ended);
  return Ordered.parse(await (await post()).json()).erasure;
};
const found = (): readonly string[] =>
  readdirSync(folder).flatMap((file) => {
    const bytes = readFileSync(join(folder, file)).toString("latin1").toLowerCase();
    return canaries.filter((canary) => bytes.includes(canary.toLowerCase()));
  });

describe("an erasure", () => {
  test("leaves no byte of the person in the store's files, and a chain that verifies", async () => {
    await audit.tell(ended);
    expect(found()).not.toEqual([]);
    expect((await post()).status).toBe(202);
    const { verdicts, findings } = await verified();
    expect(verdicts).toMatchObject({ integrity: "OK", completeness: "OK", conduct: "OK" });
    expect(verdicts["privacy"]).toBe("ERASED");
    const ranges = findings.filter(({ code }) => code === "ERASED");
    expect(ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0)).toBe(all.length + 1);
    // The inbox holds the order until it is marked as published, and the drain writes the marks.
    await audit.drain();
    const again = sqliteStore(join(folder, "audit.sqlite"), () => startsAt);
    await again.scrub();
    expect(found()).toEqual([]);
    await again.close();
  });

  test("is told with who confirmed it and who did not", async () => {
    const erasure = await erased();
    expect(await (await get(`${path}/${erasure}`)).json()).toMatchObject({
      erasure,
      ground: order.ground,
      parts: 1,
      sealed: 1,
      tickets: 1,
      entries: all.length + 1,
      confirmed: [{ service: "audit", documents: all.length + 1 }],
      unconfirmed: ["tickets", "agent", "policy", "approvals", "broker", "links"],
      busCopiesUntil: new Date(startsAt.getTime() + timeToLiveMs).toISOString(),
    });
  });

  test("counts a service once its confirmation is an entry", async () => {
    const erasure = await erased();
    const ordered = audit.bus.stored("audit").find(({ type }) => type === "erasure.ordered.v1");
    await audit.tell(
      SealedEvent.parse({
        specversion: "1.0",
        id: derivedId("confirmed", erasure),
        source: "policy",
        type: "erasure.confirmed.v1",
        subject: `erasure:${erasure}`,
        time: startsAt.toISOString(),
        customer: "contoso",
        correlationid: erasure,
        causationid: ordered?.id,
        sequence: 1,
        data: { erasure, part: 1, states: 3, documents: 2, deadLetters: 0 },
      }),
    );
    const status: unknown = await (await get(`${path}/${erasure}`)).json();
    expect(status).toMatchObject({
      confirmed: [{ service: "policy", states: 3, documents: 2 }, { service: "audit" }],
    });
    expect((await verified()).verdicts).toMatchObject({ completeness: "OK", conduct: "OK" });
  });

  test("is shown in the trail with the entry that says so", async () => {
    await erased();
    const entries = await trail();
    expect(entries).toHaveLength(all.length + 1);
    const [one] = entries;
    const by = z.object({ status: z.literal("erased"), seq: z.int() }).parse(one?.value).seq;
    const line = await (await get(`/v1/customers/contoso/entries?from=${by}&limit=1`)).text();
    expect(JSON.parse(line)).toMatchObject({ seq: by, type: controlTypes.erasure });
    for (const { value } of entries) expect(value).toEqual({ status: "erased", seq: by });
  });

  test("a value that somebody deletes without an order is withheld", async () => {
    await store.commit("contoso", [{ kind: "delete", id: valueId(nameOf(opened)) }]);
    expect((await trail())[0]?.value).toEqual({ status: "withheld" });
  });

  test("done again, there is nobody of that id any more", async () => {
    await erased();
    const head = await store.read("contoso", headId);
    const again = await post();
    expect(again.status).toBe(404);
    expect(await again.json()).toMatchObject({ code: "unknown-person" });
    expect(await store.read("contoso", headId)).toEqual(head);
  });

  test("the person who comes back is somebody else in the chain", async () => {
    const before = await store.read("contoso", personId(people.anna));
    await erased();
    expect(await store.read("contoso", personId(people.anna))).toBeUndefined();
    await audit.tell(story("again").opened);
    const after = await store.read("contoso", personId(people.anna));
    expect(after?.body).not.toEqual(before?.body);
  });

  test("R12: leaves another customer's chain as it was", async () => {
    const other = story("theirs", "fabrikam");
    await audit.tell(...other.all);
    await erased();
    expect(await store.read("fabrikam", personId(people.anna))).toBeDefined();
    for (const event of other.all)
      expect(await store.read("fabrikam", valueId(nameOf(event)))).toBeDefined();
    expect((await verified(fabrikam)).verdicts["privacy"]).toBe("OK");
  });
});

describe("an order is refused", () => {
  test("while a ticket of the person is open, and the answer names it", async () => {
    const response = await post();
    expect(response.status).toBe(409);
    const body: unknown = await response.json();
    expect(body).toMatchObject({ code: "open-tickets", detail: expect.stringContaining(ticket) });
    expect(await store.read("contoso", valueId(nameOf(opened)))).toBeDefined();
  });

  test("without the role for it, and to another customer's people", async () => {
    await audit.tell(ended);
    expect((await post({ roles: ["Audit.Read", "Admin.ReadWrite"] })).status).toBe(403);
    expect((await post({ of: fabrikam })).status).toBe(403);
    expect(await store.read("contoso", personId(people.anna))).toBeDefined();
  });

  test("where it does not say whom and why", async () => {
    expect((await post({ body: { person: people.anna } })).status).toBe(400);
  });
});
