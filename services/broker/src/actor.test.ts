// The broker's actor, specified. Receipts are really signed, by a key pair of this test's own.

import { actionDigest } from "@niivo/contracts/action";
import { effectLeaseMs } from "@niivo/contracts/broker";
import { authorizationMs } from "@niivo/contracts/policy";
import { specify } from "@niivo/host/testing/specify";
import { describe, expect, test } from "vitest";
import { actionOf, brokerActor } from "./actor.ts";
import type { Allow } from "./authorization.ts";
import type { Event, Outcome } from "./messages.ts";
import {
  action,
  allowed,
  command,
  customer,
  digest,
  id,
  ids,
  instant,
  now,
  platformVaultUrl,
  received,
  requester,
  target,
  testAudit,
} from "./testing/fixtures.ts";

const audit = testAudit();
const actor = brokerActor({ customers: [customer], pinnedKey: audit.pinnedKey, platformVaultUrl });
const broker = specify(actor, now);
const at = (ms: number) => new Date(now.getTime() + ms);
const receipt = audit.receipt();
const about = { actionId: ids.action, digest, tool: "password.reset" };
const outcome = { ...about, mode: "approved" } as const;

const allowHeld: Event = {
  type: "note.allow-held",
  data: { id: ids.allow, allow: allowed().data },
};
const allowWaits: Event[] = [
  allowHeld,
  {
    type: "authorization.due.v1",
    data: { actionId: ids.action },
    notBefore: instant(authorizationMs),
  },
];
const receiptHeld: Event = { type: "note.receipt-held", data: receipt };
const access = (credential: string): Event => ({
  type: "credential.access.v1",
  data: {
    actionId: ids.action,
    purpose: "action",
    credential,
    vault: "contoso-niivo.vault.azure.net",
    principal: "executor-password",
    digest,
  },
});
const started: Event = {
  type: "action.started.v1",
  data: {
    action,
    digest,
    mode: "approved",
    requester,
    target,
    receipt: { chain: receipt.chain, seq: receipt.seq, entryHash: receipt.entryHash },
  },
};
const starts: Event[] = [
  access("executor-password-secret"),
  access("secret-link-key"),
  {
    type: "credential.access.v1",
    data: {
      actionId: ids.action,
      purpose: "action",
      credential: "bot-client-secret",
      vault: "niivo-platform.vault.azure.net",
      principal: "niivo-bot",
      digest,
    },
  },
  started,
  {
    type: "lease.due.v1",
    data: { actionId: ids.action },
    notBefore: instant(effectLeaseMs + 30_000),
  },
];
const rejected = (code: string, of = receipt): Event => ({
  type: "receipt.rejected.v1",
  data: { actionId: of.actionId, digest: of.digest, code },
});
const lapsed = (code: string, data = about): Event => ({
  type: "authorization.lapsed.v1",
  data: { ...data, code },
});

describe("the join of allow and receipt", () => {
  test("B1 an allow waits for its receipt, until it expires", () => {
    broker
      .given()
      .when(allowed())
      .decides(...allowWaits);
  });
  test("B1 the receipt for a waiting allow starts the action", () => {
    broker
      .given(allowHeld)
      .when(received(receipt))
      .decides(...starts);
  });
  test("B1 the allow for a waiting receipt starts the action", () => {
    broker
      .given(receiptHeld)
      .when(allowed())
      .decides(...allowWaits, ...starts);
  });
  test("B5 every credential is announced before the start that takes it", () => {
    const types = actor
      .decide(received(receipt), actor.evolve(actor.initialState, allowHeld), now)
      .map(({ type }) => type);
    expect(types).toEqual([
      "credential.access.v1",
      "credential.access.v1",
      "credential.access.v1",
      "action.started.v1",
      "lease.due.v1",
    ]);
  });
  test("everything about one action meets under its id", () => {
    expect(actionOf(allowed())).toBe(ids.action);
    expect(actionOf(received(receipt))).toBe(ids.action);
  });
});

describe("an allow that starts nothing", () => {
  const other = (change: Partial<typeof action>): Partial<Allow> => {
    const changed = { ...action, ...change };
    return { action: changed, digest: actionDigest(changed) };
  };
  const refused: [string, Partial<Allow>, object?][] = [
    ["other-customer", other({ customer: "fabrikam" })],
    ["other-customer", {}, { customer: "fabrikam" }],
    ["other-ticket", other({ ticket: id(99) })],
    ["other-ticket", {}, { ticket: undefined }],
    ["agent-unknown", other({ agent: "somebody-else" })],
    ["other-digest", { digest: "d".repeat(64) }],
    ["other-digest", { action: { ...action, arguments: { user: "marco@contoso.example" } } }],
    ["tool-unknown", other({ tool: "account.delete" })],
    ["arguments-invalid", other({ arguments: { user: "lena.frei@contoso.example", force: true } })],
    ["other-tenant", { requester: { ...requester, tenantId: id(98) } }],
    ["other-tenant", { target: { ...target, tenantId: id(98) } }],
    ["other-target", { target: { ...target, objectId: id(97), userPrincipalName: "petra@c.ch" } }],
    ["allow-expired", { expiresAt: instant(0) }],
  ];
  test.each(refused)("B4 %s lapses, and leaves nothing waiting", (code, change, outer) => {
    const input = allowed(change, outer);
    const { action: named, digest: claimed } = input.data;
    const data = { actionId: named.id, digest: claimed, tool: named.tool };
    broker.given().when(input).decides(lapsed(code, data));
    broker.given(receiptHeld).when(input).decides(lapsed(code, data));
  });
  test("B4 a target that is missing lapses", () => {
    const { target: _, ...rest } = allowed().data;
    broker
      .given()
      .when({ ...allowed(), data: rest })
      .decides(lapsed("target-missing"));
  });
  test("B4 an approval without those who granted it lapses", () => {
    const { grantedBy: _, ...rest } = allowed().data;
    broker
      .given()
      .when({ ...allowed(), data: rest })
      .decides(lapsed("grant-missing"));
  });
  test("R12 a customer that this broker does not know lapses", () => {
    const changed = { ...action, customer: "initech" };
    const input = allowed(
      { action: changed, digest: actionDigest(changed) },
      { customer: "initech" },
    );
    const data = { ...about, digest: actionDigest(changed) };
    broker.given().when(input).decides(lapsed("customer-unknown", data));
  });
  test("B1 a forged allow alone lapses when its time is over, and nothing starts", () => {
    const due = command("authorization.due.v1", { actionId: ids.action });
    broker.given(allowHeld).when(due, at(authorizationMs)).decides(lapsed("receipt-missing"));
    broker
      .given(allowHeld)
      .when(due, at(authorizationMs - 1))
      .decides();
  });
  test("B4 after a lapse policy's next attempt can come", () => {
    const next = allowed({ attempt: 2 }, { id: id(4) });
    broker
      .given(allowHeld, lapsed("receipt-missing"))
      .when(next)
      .decides(
        { type: "note.allow-held", data: { id: id(4), allow: next.data } },
        {
          type: "authorization.due.v1",
          data: { actionId: ids.action },
          notBefore: instant(300_000),
        },
      );
  });
  test("an allow of the same attempt does not take the place of one that waits", () => {
    broker
      .given(allowHeld)
      .when(allowed({}, { id: id(4) }))
      .decides();
  });
  test("the receipt of a lapsed allow starts nothing", () => {
    const input = allowed({ attempt: 2 }, { id: id(4) });
    const held: Event = { type: "note.allow-held", data: { id: id(4), allow: input.data } };
    broker
      .given(allowHeld, lapsed("receipt-missing"), held)
      .when(received(receipt))
      .decides(rejected("other-allow"));
  });
});

describe("a receipt that starts nothing", () => {
  const stranger = testAudit();
  const altered = { ...receipt, seq: receipt.seq + 1 };
  const longLived = audit.receipt({ expiresAt: instant(60_001) });
  const early = audit.receipt({ issuedAt: instant(10_000), expiresAt: instant(20_000) });
  const oldKey = audit.receipt({}, { notAfter: instant(0) });
  const youngKey = audit.receipt({}, { notBefore: instant(1) });
  const otherVersion = audit.receipt({}, { endorsedBy: "https://x.vault.azure.net/keys/a/1" });
  const borrowed = { ...stranger.receipt(), sealingKey: receipt.sealingKey };
  const bad: [string, typeof receipt][] = [
    ["key-unannounced", stranger.receipt()],
    ["key-unannounced", otherVersion],
    ["signature-invalid", altered],
    ["signature-invalid", borrowed],
    ["signature-invalid", { ...receipt, expiresAt: instant(59_000) }],
    ["key-out-of-validity", oldKey],
    ["key-out-of-validity", youngKey],
    ["lifetime-too-long", longLived],
    ["lifetime-too-long", early],
  ];
  test.each(bad)("B2 %s is rejected with and without its allow", (code, forged) => {
    broker.given().when(received(forged)).decides(rejected(code));
    broker.given(allowHeld).when(received(forged)).decides(rejected(code));
  });
  const elsewhere: [string, typeof receipt][] = [
    ["other-allow", audit.receipt({ allowId: id(96) })],
    ["other-digest", audit.receipt({ digest: "d".repeat(64) })],
    ["other-action", audit.receipt({ actionId: id(95) })],
  ];
  test.each(elsewhere)("B1 one for something else (%s) is rejected", (code, other) => {
    broker.given(allowHeld).when(received(other)).decides(rejected(code, other));
  });
  test("B2 the allow keeps waiting after a bad receipt, and a good one starts it", () => {
    broker
      .given(allowHeld, rejected("signature-invalid"))
      .when(received(receipt))
      .decides(...starts);
  });
  test("B1 a genuine receipt alone starts nothing and waits for its allow", () => {
    broker
      .given()
      .when(received(receipt))
      .decides(receiptHeld, {
        type: "authorization.due.v1",
        data: { actionId: ids.action },
        notBefore: instant(60_000 + authorizationMs),
      });
  });
  test("B4 a receipt whose allow never came is rejected in the end", () => {
    const due = command("authorization.due.v1", { actionId: ids.action });
    const dropped: Event = { type: "note.receipts-dropped", data: { allowIds: [ids.allow] } };
    const end = 60_000 + authorizationMs;
    broker.given(receiptHeld).when(due, at(end)).decides(rejected("allow-missing"), dropped);
    broker
      .given(receiptHeld)
      .when(due, at(end - 1))
      .decides();
    broker.given(receiptHeld, dropped).when(due, at(end)).decides();
  });
  test("B3 a second receipt for the same allow does not wait beside the first", () => {
    broker.given(receiptHeld).when(received(audit.receipt())).decides(rejected("replayed"));
  });
  test("no more receipts wait than policy has attempts", () => {
    const held = [0, 1, 2].map(
      (n): Event => ({
        type: "note.receipt-held",
        data: audit.receipt({ allowId: id(60 + n) }),
      }),
    );
    broker
      .given(...held)
      .when(received(receipt))
      .decides(rejected("too-many"));
  });
  test("B1 receipts that waited for another allow are rejected when one comes", () => {
    const other = audit.receipt({ allowId: id(61) });
    broker
      .given({ type: "note.receipt-held", data: other })
      .when(allowed())
      .decides(rejected("other-allow", other), ...allowWaits);
  });
});

describe("lateness", () => {
  test("B1 an expired receipt lapses the authorization", () => {
    broker.given(allowHeld).when(received(receipt), at(60_000)).decides(lapsed("receipt-expired"));
  });
  test("B1 a receipt in time whose allow is over lapses the authorization", () => {
    const late = audit.receipt({
      issuedAt: instant(authorizationMs - 1),
      expiresAt: instant(authorizationMs + 50_000),
    });
    broker
      .given(allowHeld)
      .when(received(late), at(authorizationMs))
      .decides(lapsed("allow-expired"));
  });
  test("B1 a receipt that expired while it waited lapses the authorization", () => {
    broker
      .given(receiptHeld)
      .when(allowed(), at(60_000))
      .decides(...allowWaits, lapsed("receipt-expired"));
  });
  test("B1 an expired and forged receipt is forged, and lapses nothing", () => {
    broker
      .given(allowHeld)
      .when(received({ ...receipt, seq: 8 }), at(60_000))
      .decides(rejected("signature-invalid"));
  });
});

describe("single use", () => {
  const ends: Event[][] = [
    [allowHeld, ...starts],
    [allowHeld, ...starts, { type: "action.unknown.v1", data: { ...outcome, detail: "?" } }],
    [
      allowHeld,
      ...starts,
      { type: "action.failed.v1", data: { ...outcome, code: "x", detail: "x", costMicroChf: 0 } },
    ],
  ];
  test.each(ends.map((history) => ({ history })))(
    "B3 the same receipt starts nothing a second time (%#)",
    ({ history }) => {
      broker
        .given(...history)
        .when(received(receipt))
        .decides(rejected("replayed"));
    },
  );
  test.each(ends.map((history) => ({ history })))(
    "B3 a new allow and a new receipt start nothing a second time (%#)",
    ({ history }) => {
      const again = audit.receipt({ allowId: id(4) });
      broker
        .given(...history)
        .when(allowed({ attempt: 2 }, { id: id(4) }))
        .decides();
      broker
        .given(...history)
        .when(received(again))
        .decides(rejected("replayed"));
    },
  );
  test("B3 the authorization's timer does nothing after the start", () => {
    const due = command("authorization.due.v1", { actionId: ids.action });
    broker
      .given(allowHeld, ...starts)
      .when(due, at(authorizationMs))
      .decides();
  });
});

describe("the outcome", () => {
  const running: Event[] = [allowHeld, ...starts];
  const secret = { secretId: id(70), recipient: ids.lena, expiresAt: instant(86_400_000) };
  const result = {
    delivered: "one-time-link",
    recipient: "person",
    secretId: secret.secretId,
    expiresAt: secret.expiresAt,
  };
  const good: Outcome = { kind: "completed", result, costMicroChf: 5, secret };
  const bad: Outcome = { kind: "failed", code: "graph-refused", detail: "403", costMicroChf: 0 };
  const ended = (outcome: Outcome) => command("effect.ended.v1", { actionId: ids.action, outcome });
  const stored: Event = { type: "secret.stored.v1", data: { actionId: ids.action, ...secret } };
  const completed: Event = {
    type: "action.completed.v1",
    data: { ...outcome, result, costMicroChf: 5 },
  };
  const invalid: Event = {
    type: "action.failed.v1",
    data: {
      ...outcome,
      code: "invalid-result",
      detail: "The result does not have the form that the tool's catalogue entry declares.",
      costMicroChf: 5,
    },
  };
  const leaseDue = command("lease.due.v1", { actionId: ids.action });
  const unknown: Event = {
    type: "action.unknown.v1",
    data: { ...outcome, detail: "The effect's lease ended without a result." },
  };

  test("B6 a result completes the action, and its secret is told first", () => {
    broker
      .given(...running)
      .when(ended(good))
      .decides(stored, completed);
  });
  test("B6 a failure fails it", () => {
    broker
      .given(...running)
      .when(ended(bad))
      .decides({
        type: "action.failed.v1",
        data: { ...outcome, code: "graph-refused", detail: "403", costMicroChf: 0 },
      });
  });
  test.each([
    ["an unknown field", { ...good, result: { ...result, password: "x" } }],
    ["a missing field", { ...good, result: { delivered: "one-time-link" } }],
    ["no secret from a tool that makes one", { kind: "completed", result, costMicroChf: 5 }],
  ] as [string, Outcome][])("B7 a result with %s is a failure", (_, outcome) => {
    broker
      .given(...running)
      .when(ended(outcome))
      .decides(invalid);
  });
  test("B6 an interrupted effect is unknown", () => {
    broker
      .given(...running)
      .when(ended({ kind: "unknown", detail: "gone" }))
      .decides({ type: "action.unknown.v1", data: { ...outcome, detail: "gone" } });
  });
  test("B6 a secret that may be in force is told of before the action is unknown", () => {
    const stays: Outcome = { kind: "unknown", detail: "gone", secret };
    const late: Event = { type: "action.unknown.v1", data: { ...outcome, detail: "gone" } };
    broker
      .given(...running)
      .when(ended(stays))
      .decides(stored, late);
    broker
      .given(...running, unknown)
      .when(ended(stays))
      .decides(stored);
  });
  test("B7 a tool that makes no secret has none to tell of", () => {
    const about = { actionId: ids.action, digest, tool: "mfa.reset", mode: "approved" } as const;
    const settled: Event = { type: "action.unknown.v1", data: { ...about, detail: "?" } };
    broker
      .given(settled)
      .when(ended({ kind: "unknown", detail: "gone", secret }))
      .decides();
  });
  test("B4 a lease that ends without a result makes the action unknown", () => {
    broker
      .given(...running)
      .when(leaseDue)
      .decides(unknown);
  });
  test("B6 a result after unknown is evidence, and its secret still a fact", () => {
    const reconciled: Event = {
      type: "action.reconciled.v1",
      data: { ...outcome, outcome: "completed" },
    };
    broker
      .given(...running, unknown)
      .when(ended(good))
      .decides(stored, reconciled);
    broker
      .given(...running, unknown, reconciled)
      .when(ended(good))
      .decides();
  });
  test("B6 a failure after unknown is evidence with its code", () => {
    broker
      .given(...running, unknown)
      .when(ended(bad))
      .decides({
        type: "action.reconciled.v1",
        data: { ...outcome, outcome: "failed", code: "graph-refused" },
      });
  });
  test("B6 nothing follows an outcome", () => {
    broker
      .given(...running, completed)
      .when(ended(bad))
      .decides();
    broker
      .given(...running, completed)
      .when(leaseDue)
      .decides();
    broker
      .given(...running, unknown)
      .when(ended({ kind: "unknown", detail: "gone" }))
      .decides();
  });
  test("an end without a start is a bug that is set aside", () => {
    expect(() => actor.decide(ended(good), actor.initialState, now)).toThrow("effect-not-started");
  });
});

describe("facts", () => {
  const question = { kind: "user", user: "lena.frei@contoso.example" } as const;
  const data = { request: id(80), actionId: ids.action, question };
  const asked = (source: "policy" | "approvals", customerId = "contoso") => ({
    ...command("facts.requested.v1", data),
    source,
    customer: customerId,
  });
  test.each(["policy", "approvals"] as const)("B5 %s's question is announced, then read", (by) => {
    broker
      .given()
      .when(asked(by))
      .decides(
        {
          type: "credential.access.v1",
          data: {
            actionId: ids.action,
            purpose: "facts",
            credential: "facts-secret",
            vault: "contoso-niivo.vault.azure.net",
            principal: "facts",
          },
        },
        { type: "facts.fetch.v1", data: { ...data, requestedBy: by } },
      );
  });
  test("R12 nothing is read for a customer that this broker does not know", () => {
    broker
      .given()
      .when(asked("policy", "initech"))
      .decides({
        type: "facts.attested.v1",
        data: {
          request: id(80),
          actionId: ids.action,
          requestedBy: "policy",
          answer: { kind: "unavailable" },
          attestedAt: instant(0),
        },
      });
  });
  test("what was read is attested, whatever the action's state", () => {
    const fetched = {
      request: id(80),
      actionId: ids.action,
      requestedBy: "policy",
      answer: { kind: "not-found" },
      attestedAt: instant(-5),
    } as const;
    const attested: Event = { type: "facts.attested.v1", data: fetched };
    broker.given().when(command("facts.fetched.v1", fetched)).decides(attested);
    broker
      .given(allowHeld, ...starts)
      .when(command("facts.fetched.v1", fetched))
      .decides(attested);
  });
  test("R1 a question from another topic is set aside", () => {
    const input = { ...asked("policy"), source: "agent" as const };
    expect(() => actor.decide(input, actor.initialState, now)).toThrow("facts-not-for-this-topic");
  });
});
