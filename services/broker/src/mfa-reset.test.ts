// mfa.reset against a Graph that guards its default method as the real one does.

import { describe, expect, test } from "vitest";
import { mfaReset } from "./mfa-reset.ts";
import type { GraphAnswer } from "./ports.ts";
import {
  execution,
  fakeGraph,
  noSessions,
  ok,
  refused,
  sessionsOf,
  unclear,
} from "./testing/executions.ts";
import { ids } from "./testing/fixtures.ts";

const base = `/users/${ids.lena}/authentication`;
const listOf = (...kinds: string[]) => ({
  value: kinds.map((kind) => ({
    "@odata.type": `#microsoft.graph.${kind}AuthenticationMethod`,
    id: `${kind}-id`,
  })),
});

/** Graph with these methods; `byMethod` overrides the answer to one deletion. */
async function reset(
  kinds: readonly string[],
  defaultKind: string,
  byMethod: Readonly<Record<string, GraphAnswer>> = {},
) {
  const left = new Set(kinds);
  const { graph, calls } = fakeGraph((call) => {
    if (call === `GET ${base}/methods`) return ok(listOf(...kinds));
    const kind = call.split("/").at(-1)?.replace("-id", "") ?? "";
    const special = byMethod[kind];
    if (special !== undefined) return special;
    const others = [...left].filter((one) => one !== kind && one !== "password");
    if (kind === defaultKind && others.length > 0) return refused(400, "badRequest");
    left.delete(kind);
    return ok();
  });
  const { sessions, openedAs } = sessionsOf(graph);
  const outcome = await mfaReset(sessions)(execution());
  return { outcome, left: [...left], deletions: calls.slice(1), openedAs };
}

describe("mfa.reset", () => {
  test("M2 the default method goes last, wherever it stands in the list", async () => {
    const { outcome, left, deletions, openedAs } = await reset(
      ["password", "microsoftAuthenticator", "phone", "fido2"],
      "microsoftAuthenticator",
    );
    expect(openedAs).toEqual(["executor-mfa"]);
    expect(outcome).toEqual({
      kind: "completed",
      costMicroChf: 0,
      result: { removed: ["phone", "fido2", "microsoftAuthenticator"], remaining: ["password"] },
    });
    expect(left).toEqual(["password"]);
    expect(deletions.at(-1)).toBe(
      `DELETE ${base}/microsoftAuthenticatorMethods/microsoftAuthenticator-id`,
    );
  });
  test("M1 the password is never asked to go", async () => {
    const { outcome, deletions } = await reset(["password"], "password");
    expect(deletions).toEqual([]);
    expect(outcome).toMatchObject({ result: { removed: [], remaining: ["password"] } });
  });
  test("a method that is gone already counts as removed", async () => {
    const { outcome } = await reset(["phone", "softwareOath"], "phone", {
      softwareOath: refused(404),
      phone: refused(404),
    });
    expect(outcome).toMatchObject({
      kind: "completed",
      result: { removed: ["phone", "softwareOath"] },
    });
  });
  test("M3 what stayed is a failure that names it", async () => {
    const { outcome } = await reset(["phone", "fido2"], "phone", { fido2: refused(403) });
    expect(outcome).toMatchObject({
      kind: "failed",
      code: "not-removed",
      detail: "Stayed: fido2, phone. Removed: none.",
    });
    const some = await reset(["phone", "fido2", "email"], "phone", { fido2: refused(403) });
    expect(some.outcome).toMatchObject({
      kind: "failed",
      code: "partially-removed",
      detail: "Stayed: fido2, phone. Removed: email.",
    });
  });
  test("M3 a kind of method that we do not know stays and is named", async () => {
    const { outcome, deletions } = await reset(["phone", "palmVein"], "none");
    expect(outcome).toMatchObject({ code: "partially-removed" });
    expect(JSON.stringify(outcome)).toContain("palmVein");
    expect(deletions).toHaveLength(1);
  });
  test("M3 a removal that nobody confirmed ends the work as unknown", async () => {
    const { outcome, deletions } = await reset(["email", "phone", "fido2"], "fido2", {
      phone: unclear,
    });
    expect(outcome).toMatchObject({ kind: "unknown" });
    expect(JSON.stringify(outcome)).toContain("phone");
    expect(deletions).toHaveLength(2);
  });
  test("methods that cannot be listed, or no token, change nothing", async () => {
    for (const answer of [unclear, refused(403), ok({ value: [{ id: 1 }] })]) {
      const { graph, calls } = fakeGraph(() => answer);
      const outcome = await mfaReset(sessionsOf(graph).sessions)(execution());
      expect(outcome).toMatchObject({ kind: "failed", code: "methods-unreadable" });
      expect(calls).toHaveLength(1);
    }
    expect(await mfaReset(noSessions)(execution())).toMatchObject({ code: "token-refused" });
  });
});
