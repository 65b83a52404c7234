// The join of allow and receipt, specified: what starts an action, and everything that does not.

import { actionDigest } from "@niivo/contracts/action";
import { authorizationMs } from "@niivo/contracts/policy";
import { specify } from "@niivo/host/testing/specify";
import { describe, expect, test } from "vitest";
import { actionOf, brokerActor } from "./actor.ts";
import type { Allow } from "./authorization.ts";
import type { Event } from "./messages.ts";
import {
  action,
  allowed,
  command,
  customer,
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
import {
  about,
  actor,
  allowHeld,
  allowWaits,
  at,
  audit,
  broker,
  lapsed,
  receipt,
  receiptHeld,
  rejected,
  starts,
  startsAfter,
} from "./testing/joined.ts";

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

describe("receipts on their way while keys change", () => {
  const keyEnd = 30_000;
  const underOld = audit.receipt({ expiresAt: instant(keyEnd) }, { notAfter: instant(keyEnd) });
  const next = testAudit(`${platformVaultUrl}/keys/audit-sealing/${"1".repeat(32)}`);

  test("B2 one of the sealing key before starts its action after the next key was announced", () => {
    const ofNext = audit.receipt({ allowId: id(94) }, { notBefore: instant(-1000) });
    broker
      .given(allowHeld)
      .when(received(underOld))
      .decides(...starts);
    // Another receipt, of the newer key, came first; it is for another allow.
    broker
      .given(allowHeld, rejected("other-allow", ofNext))
      .when(received(underOld), at(keyEnd - 1))
      .decides(...startsAfter(keyEnd - 1));
  });
  test("B2 at the very end of its key it starts nothing, and that is an event", () => {
    broker.given(allowHeld).when(received(underOld), at(keyEnd)).decides(lapsed("receipt-expired"));
    const outliving = audit.receipt({}, { notAfter: instant(keyEnd) });
    for (const ms of [0, keyEnd])
      broker
        .given(allowHeld)
        .when(received(outliving), at(ms))
        .decides(rejected("key-out-of-validity"));
  });
  test("B2 while the vault key is replaced both count, and afterwards the new one alone", () => {
    const trust = { customers: [customer], platformVaultUrl };
    const both = specify(
      brokerActor({ ...trust, pinnedKeys: [next.pinnedKey, audit.pinnedKey] }),
      now,
    );
    for (const one of [receipt, next.receipt()])
      both
        .given(allowHeld)
        .when(received(one))
        .decides(...starts);
    const afterwards = specify(brokerActor({ ...trust, pinnedKeys: [next.pinnedKey] }), now);
    afterwards.given(allowHeld).when(received(receipt)).decides(rejected("key-unannounced"));
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
