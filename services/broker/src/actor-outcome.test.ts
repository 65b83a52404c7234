// What comes after the join, specified: lateness, single use, the outcome of a started action, and facts.

import { authorizationMs } from "@niivo/contracts/policy";
import { describe, expect, test } from "vitest";
import type { Event, Outcome } from "./messages.ts";
import { allowed, command, digest, id, ids, instant, now, received } from "./testing/fixtures.ts";
import {
  actor,
  allowHeld,
  allowWaits,
  at,
  audit,
  broker,
  lapsed,
  outcome,
  receipt,
  receiptHeld,
  rejected,
  starts,
} from "./testing/joined.ts";

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
