// password.reset: who receives the password, and in which order the world changes.

import { memoryStore } from "@niivo/host/memory-store";
import type { Store } from "@niivo/host/store";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { passwordReset, signInMaxMs } from "./password-reset.ts";
import { type Execution, failed, type GraphAnswer } from "./ports.ts";
import { open, SealedSecret, secretDocument } from "./sealed-secret.ts";
import { secretLinks } from "./secret-links.ts";
import type { TellRecipient } from "./tell-recipient.ts";
import {
  execution,
  fakeGraph,
  linkKey,
  noSessions,
  ok,
  refused,
  sessionsOf,
  unclear,
} from "./testing/executions.ts";
import { id, ids, instant, requester, target, unverified } from "./testing/fixtures.ts";

const Patch = z.strictObject({
  passwordProfile: z.strictObject({
    password: z.string(),
    forceChangePasswordNextSignIn: z.literal(true),
  }),
});
const telling: TellRecipient = async () => ({ kind: "told" });

/** Runs it against a Graph that gives this answer, and shows everything that happened. */
async function reset(
  answer: GraphAnswer,
  change: Partial<Execution> = {},
  store = memoryStore(),
  tell = telling,
) {
  const seen: { stored: number; password: string }[] = [];
  const stored = () => store.list("contoso", { prefix: "secret:", limit: 10 });
  const { graph, calls } = fakeGraph(async (_, body) => {
    const { passwordProfile } = Patch.parse(body);
    seen.push({ stored: (await stored()).length, password: passwordProfile.password });
    return answer;
  });
  const { sessions, openedAs } = sessionsOf(graph);
  const outcome = await passwordReset(sessions, secretLinks(store), tell)(execution(change));
  return { outcome, calls, openedAs, seen, stored: await stored() };
}

const opened = (body: unknown, secretId: string, recipient: string): string | undefined =>
  open(() => linkKey, SealedSecret.parse(body), { secretId, recipient })?.();

describe("the change", () => {
  test("P1 the secret is in the store before Graph is asked, and is the password that was set", async () => {
    const { outcome, seen, stored, openedAs } = await reset(ok());
    expect(openedAs).toEqual(["executor-password"]);
    expect(seen.map((one) => one.stored)).toEqual([1]);
    expect(outcome).toMatchObject({
      kind: "completed",
      result: { delivered: "one-time-link", recipient: "person", expiresAt: instant(86_400_000) },
      secret: { recipient: ids.lena },
    });
    const secretId = outcome.kind === "completed" ? outcome.secret?.secretId : undefined;
    const document = stored[0];
    expect(document?.id).toBe(secretDocument(secretId ?? ""));
    expect(opened(document?.body, secretId ?? "", ids.lena)).toBe(seen[0]?.password);
    expect(JSON.stringify([outcome, stored])).not.toContain(seen[0]?.password);
  });
  test("L2 the secret opens neither for another recipient nor under another id", async () => {
    const { outcome, stored } = await reset(ok());
    const secretId = outcome.kind === "completed" ? (outcome.secret?.secretId ?? "") : "";
    expect(opened(stored[0]?.body, secretId, ids.lena)).toBeDefined();
    expect(opened(stored[0]?.body, secretId, ids.marco)).toBeUndefined();
    expect(opened(stored[0]?.body, id(1), ids.lena)).toBeUndefined();
  });
  test("P3 the account is the attested one, whatever the argument says", async () => {
    const { calls } = await reset(ok(), { target: { ...target, objectId: id(33) } });
    expect(calls).toEqual([`PATCH /users/${id(33)}`]);
  });
  test("the stored secret is gone when Graph refuses", async () => {
    const { outcome, stored } = await reset(refused(403, "Authorization_RequestDenied"));
    expect(outcome).toMatchObject({ kind: "failed", code: "graph-refused" });
    expect(stored).toEqual([]);
  });
  test("the stored secret stays, and is reported, when nobody knows whether the password was set", async () => {
    const { outcome, stored } = await reset(unclear);
    expect(stored).toHaveLength(1);
    const secret = { recipient: ids.lena, expiresAt: instant(86_400_000) };
    expect(outcome).toMatchObject({ kind: "unknown", secret });
    const secretId = outcome.kind === "unknown" ? outcome.secret?.secretId : undefined;
    expect(stored[0]?.id).toBe(secretDocument(secretId ?? ""));
  });
});

describe("P1 nothing changes when the recipient could not learn the password", () => {
  test("the recipient is told after the secret is kept, and before Graph is asked", async () => {
    const order: string[] = [];
    const store = memoryStore();
    const tell: TellRecipient = async ({ secretId, recipient }) => {
      const kept = await store.read("contoso", secretDocument(secretId));
      order.push(`told ${recipient} ${kept === undefined ? "too early" : "of what is kept"}`);
      return { kind: "told" };
    };
    const { seen } = await reset(ok(), {}, store, tell);
    expect(order).toEqual([`told ${ids.lena} of what is kept`]);
    expect(seen).toHaveLength(1);
  });
  test("a recipient who could not be told: the secret is gone", async () => {
    const tell: TellRecipient = async () => failed("recipient-not-told", "no");
    const { outcome, calls, stored } = await reset(ok(), {}, memoryStore(), tell);
    expect(outcome).toMatchObject({ kind: "failed", code: "recipient-not-told" });
    expect([calls, stored]).toEqual([[], []]);
  });
  const lost: [string, Partial<Execution>][] = [
    ["vault-refused", { readSecret: async () => failed("vault-refused", "no") }],
    [
      "secret-link-key-invalid",
      { readSecret: async () => ({ kind: "secret", value: () => "c2hvcnQ=" }) },
    ],
  ];
  test.each(lost)("%s", async (code, change) => {
    const { outcome, calls, stored } = await reset(ok(), change);
    expect(outcome).toMatchObject({ kind: "failed", code });
    expect([calls, stored]).toEqual([[], []]);
  });
  test("the store is away", async () => {
    const store: Store = {
      ...memoryStore(),
      commit: () => Promise.reject(new Error("away")),
    };
    const { outcome, calls } = await reset(ok(), {}, store);
    expect(outcome).toMatchObject({ kind: "failed", code: "secret-store-unavailable" });
    expect(calls).toEqual([]);
  });
  test("this action has stored one before", async () => {
    const store = memoryStore();
    await reset(unclear, {}, store);
    const { outcome, calls } = await reset(ok(), {}, store);
    expect(outcome).toMatchObject({ kind: "failed", code: "secret-exists" });
    expect(calls).toEqual([]);
  });
  test("no token", async () => {
    const store = memoryStore();
    const outcome = await passwordReset(noSessions, secretLinks(store), telling)(execution());
    expect(outcome).toMatchObject({ kind: "failed", code: "token-refused" });
    expect(await store.list("contoso", { prefix: "secret:", limit: 1 })).toEqual([]);
  });
});

describe("P2 the recipient", () => {
  const { signedInAt: _, ...neverSignedIn } = requester;
  const toManager: [string, Partial<Execution>][] = [
    ["somebody else asked", { requester: { ...requester, objectId: id(55) } }],
    ["the requester is not verified", { requester: unverified }],
    ["there was no second factor", { requester: { ...requester, multifactor: false } }],
    [
      "the sign-in is too old",
      { requester: { ...requester, signedInAt: instant(-signInMaxMs - 1) } },
    ],
    ["the sign-in is in the future", { requester: { ...requester, signedInAt: instant(60_000) } }],
    ["nobody knows when they signed in", { requester: neverSignedIn }],
  ];
  test.each(toManager)("is the manager when %s", async (_name, change) => {
    const { outcome } = await reset(ok(), change);
    expect(outcome).toMatchObject({
      kind: "completed",
      result: { recipient: "manager" },
      secret: { recipient: ids.marco },
    });
  });
  test("is the person at exactly five minutes", async () => {
    const { outcome } = await reset(ok(), {
      requester: { ...requester, signedInAt: instant(-signInMaxMs) },
    });
    expect(outcome).toMatchObject({
      result: { recipient: "person" },
      secret: { recipient: ids.lena },
    });
  });
  const { manager: __, ...withoutManager } = target;
  test.each([
    ["there is no manager", withoutManager],
    ["people manage themselves", { ...target, manager: ids.lena }],
  ])("is nobody when the person may not have it and %s", async (_name, someone) => {
    const change = { target: someone, requester: { ...requester, multifactor: false } };
    const { outcome, calls, stored } = await reset(ok(), change);
    expect(outcome).toMatchObject({ kind: "failed", code: "no-recipient" });
    expect([calls, stored]).toEqual([[], []]);
  });
});
