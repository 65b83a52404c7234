// The sealing key changes while receipts are on their way.

import { receiptMs, sealingKeyMs } from "@niivo/contracts/audit";
import { digestOf } from "@niivo/contracts/canonical";
import { Entry } from "@niivo/contracts/evidence";
import { judgeReceipt } from "@niivo/contracts/receipt";
import { expect, test } from "vitest";
import { SealedEvent } from "../src/sealed-event.ts";
import { readEntries } from "../src/stored-chain.ts";
import { auditInProcess } from "../src/testing/audit-in-process.ts";
import { testVaultKey } from "../src/testing/endorsed.ts";
import { customer, story } from "../src/testing/story.ts";
import { verifyStored } from "../src/verify-stored.ts";

test("L10: receipts of the key before stay good after the change, and each key is announced before its receipts", async () => {
  const audit = await auditInProcess();
  const tellAt = async (name: string) => {
    const one = story(name);
    await audit.tell(...one.all);
    const found = audit.receipts().find(({ receipt }) => receipt.allowId === one.allowed.id);
    if (found === undefined) throw new Error("no receipt came");
    return found.receipt;
  };
  audit.clock.advance(sealingKeyMs / 2 - receiptMs / 2);
  const before = await tellAt("in flight");
  audit.clock.advance(receiptMs / 2);
  await tellAt("asks for the next key");
  const after = await tellAt("after");
  const keyOf = ({ sealingKey }: typeof before) => digestOf(sealingKey.publicKey);
  expect(keyOf(before)).not.toBe(keyOf(after));
  for (const receipt of [before, after])
    expect(judgeReceipt(receipt, [audit.vaultKey], audit.clock.now())).toBe("valid");

  const entries = (await readEntries(audit.store, customer, { from: 0, limit: 500 })).map(
    ({ bytes }) => Entry.parse(JSON.parse(bytes)),
  );
  for (const receipt of [before, after]) {
    const announced = entries.findIndex(
      ({ type, detail }) => type === "sealing-key.announced" && detail["key"] === keyOf(receipt),
    );
    expect(announced).toBeGreaterThan(0);
    expect(announced).toBeLessThan(receipt.seq);
  }
  expect(await verifyStored(audit.store, customer, { now: audit.clock.now() })).toMatchObject({
    verdict: "OK",
  });
});

test("L10: no receipt outlives its key, so what is in flight when an unrenewed key ends is expired", async () => {
  const real = testVaultKey();
  let isAway = false;
  const vaultKey = {
    ...real,
    sign: (text: string) => (isAway ? Promise.reject(new Error("away")) : real.sign(text)),
  };
  const audit = await auditInProcess({ vaultKey });
  isAway = true;
  audit.clock.advance(sealingKeyMs - receiptMs / 2);
  await audit.tell(...story().all);
  const [{ receipt } = { receipt: undefined }] = audit.receipts();
  if (receipt === undefined) throw new Error("no receipt came");
  expect(receipt.expiresAt).toBe(receipt.sealingKey.notAfter);
  expect(judgeReceipt(receipt, [vaultKey], audit.clock.now())).toBe("valid");
  audit.clock.advance(receiptMs / 2);
  expect(judgeReceipt(receipt, [vaultKey], audit.clock.now())).toBe("expired");
});

test("what the broker refuses, for an unknown sealing key too, is an entry with the reason", async () => {
  const audit = await auditInProcess();
  const one = story();
  await audit.tell(...one.all);
  const { actionId, digest } = audit.receipts()[0]?.receipt ?? { actionId: "", digest: "" };
  const refusal = { ...one.access, id: one.ticket, type: "receipt.rejected.v1" };
  await audit.tell(
    SealedEvent.parse({
      ...{ ...refusal, sequence: one.access.sequence + 1 },
      data: { actionId, digest, code: "key-unannounced" },
    }),
  );
  const last = (await readEntries(audit.store, customer, { from: 0, limit: 500 })).at(-1);
  expect(Entry.parse(JSON.parse(last?.bytes ?? ""))).toMatchObject({
    ...{ type: "receipt.rejected.v1", outcome: "key-unannounced", actor: "service:broker" },
    action: { id: actionId, digest },
  });
});

test("L10: a receipt whose key another vault key endorsed, or outside the key's validity, is worth nothing", async () => {
  const audit = await auditInProcess();
  await audit.tell(...story().all);
  const [{ receipt } = { receipt: undefined }] = audit.receipts();
  if (receipt === undefined) throw new Error("no receipt came");
  const now = audit.clock.now();
  expect(judgeReceipt(receipt, [testVaultKey(audit.vaultKey.keyId)], now)).toBe("key-unannounced");
  expect(judgeReceipt(receipt, [testVaultKey("https://v.example/keys/b/1")], now)).toBe(
    "key-unannounced",
  );
  const late = new Date(now.getTime() + receiptMs);
  expect(judgeReceipt(receipt, [audit.vaultKey], late)).toBe("expired");
});
