import { describe, expect, test } from "vitest";
import { licenseAssign } from "./license-assign.ts";
import type { GraphAnswer } from "./ports.ts";
import { sessionsRevoke } from "./sessions-revoke.ts";
import {
  execution,
  fakeGraph,
  noSessions,
  ok,
  refused,
  sessionsOf,
  unclear,
} from "./testing/executions.ts";
import { action, id, ids } from "./testing/fixtures.ts";

const e3 = { skuId: id(90), skuPartNumber: "SPE_E3", capabilityStatus: "Enabled" };
const units = (consumedUnits: number, enabled = 2) => ({
  consumedUnits,
  prepaidUnits: { enabled },
});
const person = (usageLocation: string | null, ...skuIds: string[]) => ({
  usageLocation,
  assignedLicenses: skuIds.map((skuId) => ({ skuId, disabledPlans: [] })),
});
const wanted = (license: unknown) =>
  execution({ action: { ...action, arguments: { user: ids.lena, license: license as string } } });

async function assign(
  skus: object,
  user: object,
  answer: GraphAnswer = ok({}),
  license: unknown = "SPE_E3",
) {
  const { graph, calls } = fakeGraph((call) => {
    if (call === "GET /subscribedSkus") return ok({ value: [skus] });
    return call.startsWith("GET ") ? ok(user) : answer;
  });
  const { sessions, openedAs } = sessionsOf(graph);
  const outcome = await licenseAssign(sessions)(wanted(license));
  return { outcome, openedAs, posts: calls.filter((call) => call.startsWith("POST ")) };
}

describe("license.assign", () => {
  test("assigns a free unit as the agent identity itself", async () => {
    const { outcome, posts, openedAs } = await assign({ ...e3, ...units(1) }, person("CH"));
    expect(outcome).toMatchObject({ result: { license: "SPE_E3", alreadyAssigned: false } });
    expect(posts).toEqual([`POST /users/${ids.lena}/assignLicense`]);
    expect(openedAs).toEqual(["niivo-l1-desk"]);
  });

  test("what is assigned already changes nothing, even where no unit is free", async () => {
    const { outcome, posts } = await assign({ ...e3, ...units(2) }, person("CH", e3.skuId));
    expect(outcome).toMatchObject({ result: { alreadyAssigned: true } });
    expect(posts).toEqual([]);
  });

  test.each([
    ["no-units-left", units(2), person("CH"), "SPE_E3"],
    ["no-units-left", { ...units(0), capabilityStatus: "Suspended" }, person("CH"), "SPE_E3"],
    ["usage-location-missing", units(0), person(null), "SPE_E3"],
    ["unknown-license", units(0), person("CH"), "SPE_E5"],
    ["arguments-invalid", units(0), person("CH"), 7],
  ])("L1, L2: %s changes nothing and is said by name", async (code, sku, user, license) => {
    const { outcome, posts } = await assign({ ...e3, ...sku }, user, ok({}), license);
    expect(outcome).toMatchObject({ kind: "failed", code });
    expect(posts).toEqual([]);
  });

  test("a refusal is a failure, and no answer is unknown", async () => {
    const given = [{ ...e3, ...units(0) }, person("CH")] as const;
    expect((await assign(...given, refused(400))).outcome).toMatchObject({ code: "graph-refused" });
    expect((await assign(...given, unclear)).outcome).toMatchObject({ kind: "unknown" });
  });

  test("what cannot be read changes nothing", async () => {
    const { graph, calls } = fakeGraph(() => unclear);
    const outcome = await licenseAssign(sessionsOf(graph).sessions)(wanted("SPE_E3"));
    expect(outcome).toMatchObject({ kind: "failed", code: "directory-unavailable" });
    expect(calls.filter((call) => call.startsWith("POST"))).toEqual([]);
    expect(await licenseAssign(noSessions)(wanted("SPE_E3"))).toMatchObject({
      code: "token-refused",
    });
  });
});

describe("sessions.revoke", () => {
  test.each([
    ["done", ok({ value: true }), { kind: "completed", result: { revoked: true } }],
    ["refused", refused(403), { kind: "failed", code: "graph-refused" }],
    ["no answer", unclear, { kind: "unknown" }],
    ["another answer", ok({ value: false }), { kind: "unknown" }],
  ])("%s", async (_name, answer, outcome) => {
    const { graph, calls } = fakeGraph(() => answer);
    const { sessions, openedAs } = sessionsOf(graph);
    expect(await sessionsRevoke(sessions)(execution())).toMatchObject(outcome);
    expect(calls).toEqual([`POST /users/${ids.lena}/revokeSignInSessions`]);
    expect(openedAs).toEqual(["niivo-l1-desk"]);
  });

  test("without a target, or a token, nothing is asked", async () => {
    const { graph, calls } = fakeGraph(() => ok());
    const { sessions } = sessionsOf(graph);
    expect(await sessionsRevoke(sessions)(execution({ target: undefined }))).toMatchObject({
      code: "target-missing",
    });
    expect(await sessionsRevoke(noSessions)(execution())).toMatchObject({ code: "token-refused" });
    expect(calls).toEqual([]);
  });
});
