// Receipts that the broker kept show what no checkpoint shows yet.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { PublicKey } from "@niivo/contracts/audit";
import { digestOf, sha256 } from "@niivo/contracts/canonical";
import { type Entry, entryHash } from "@niivo/contracts/evidence";
import { bytesOf } from "@niivo/contracts/evidence/bytes";
import { endorsementText, type Receipt, receiptText } from "@niivo/contracts/receipt";
import { describe, expect, test } from "vitest";
import { foundText } from "../src/judge/chain-judge.ts";
import { givenCheckpoint } from "../src/judge/checkpoint-judge.ts";
import { evidenceJudge, staleAfterMs } from "../src/judge/evidence-judge.ts";
import {
  approvedStory,
  at,
  begun,
  chain,
  checkpointOf,
  now,
  origin,
  policyIn,
  sealedStory,
  signer,
  vault,
  witness,
  witnessedText,
} from "./sealed-chain.ts";

const newKey = () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { kty, crv, x, y } = publicKey.export({ format: "jwk" });
  return { publicKey: PublicKey.parse({ kty, crv, x, y }), privateKey };
};
const sealingKey = newKey();

const tell = begun();
tell.control("sealing-key.announced", {
  ...{ key: digestOf(sealingKey.publicKey), notBefore: at(-5), notAfter: at(3600) },
  endorsedBy: "https://vault.example/keys/audit/1",
});
approvedStory(tell);
const entries = sealedStory(tell);
const allowSeq = tell.told.findIndex(({ type }) => type === "action.allowed.v1");
const note = checkpointOf(entries, allowSeq);

const es256 = (key: KeyObject, text: string): string =>
  sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");

function receiptFor(
  change: Partial<Receipt> = {},
  endorser: KeyObject = vault.privateKey,
  { publicKey, privateKey } = sealingKey,
): Receipt {
  const unendorsed = {
    publicKey,
    notBefore: at(-5),
    notAfter: at(3600),
    endorsedBy: "https://vault.example/keys/audit/1",
  };
  const { event, action }: Entry = JSON.parse(entries[allowSeq] ?? "");
  const unsigned = {
    audience: "broker" as const,
    actionId: action?.id ?? "",
    digest: action?.digest ?? "",
    allowId: event?.id ?? "",
    chain,
    seq: allowSeq,
    entryHash: entryHash(bytesOf(entries[allowSeq] ?? "")),
    nonce: "7".repeat(64),
    issuedAt: at(10),
    expiresAt: at(70),
    ...change,
  };
  return {
    ...unsigned,
    sealingKey: { ...unendorsed, endorsement: es256(endorser, endorsementText(unendorsed)) },
    signature: es256(privateKey, receiptText(unsigned)),
  };
}

function findingsOf(
  log: readonly string[],
  receipts: readonly Receipt[],
  signed = note,
): readonly string[] {
  const given = givenCheckpoint(signed, false);
  const judging = evidenceJudge({
    policy: policyIn(witnessedText),
    given: given === undefined ? [] : [given],
    receipts,
    hasValues: false,
    now,
    staleAfterMs,
  });
  for (const entry of log) judging.add(foundText(entry));
  return judging
    .end()
    .findings.filter(({ code }) => code !== "UNANCHORED")
    .map(({ code, from }) => `${code} ${from}`);
}

test("V16: a receipt of an entry that is here says nothing new, however old it is", () => {
  expect(findingsOf(entries, [receiptFor()])).toEqual([]);
});

test("V16: a tail cut before any checkpoint covered it is shown by the receipt alone", () => {
  const cut = entries.slice(0, allowSeq);
  expect(findingsOf(cut, [])).toEqual([]);
  expect(findingsOf(cut, [receiptFor()])).toEqual([`TRUNCATED ${allowSeq}`]);
});

test("V16: another entry in its place, unsigned by anybody yet, is a fork", () => {
  const changed = [...entries.slice(0, allowSeq)];
  const told = tell.told.with(allowSeq, { ...tell.told[allowSeq]!, occurredAt: at(1) });
  changed.push(...sealedStory({ ...tell, told }).slice(allowSeq));
  expect(findingsOf(changed, [receiptFor()])).toContain(`FORK ${allowSeq}`);
});

test("V16: what is no receipt of this chain counts for nothing, and is said", () => {
  const stranger = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  for (const receipt of [
    receiptFor({}, stranger),
    { ...receiptFor(), entryHash: sha256("other") },
    { ...receiptFor(), seq: 400 },
    receiptFor({ chain: "e".repeat(64) }),
  ])
    expect(findingsOf(entries, [receipt])).toEqual([`KEY_UNKNOWN ${receipt.seq}`]);
});

test("V19: a key that the vault endorsed and the chain did not announce signs for nobody", () => {
  const secret = receiptFor({}, vault.privateKey, newKey());
  expect(findingsOf(entries, [secret])).toEqual([`KEY_UNKNOWN ${allowSeq}`]);
});

test("V19: a receipt that a later vault key vouches for counts, once the chain names that key", () => {
  const next = signer(origin, "ecdsa");
  const rotated = begun();
  rotated.control("key.rotate", { vkey: next.key.vkey, replaces: vault.key.vkey });
  for (const { type, detail } of tell.told)
    if (type === "sealing-key.announced") rotated.control(type, detail);
  approvedStory(rotated);
  const log = sealedStory(rotated);
  const seq = rotated.told.findIndex(({ type }) => type === "action.allowed.v1");
  const entryOf = { seq, entryHash: entryHash(bytesOf(log[seq] ?? "")) };
  const checkpoint = checkpointOf(log, log.length, [vault, next, witness]);
  expect(findingsOf(log, [receiptFor(entryOf, next.privateKey)], checkpoint)).toEqual([]);
});

describe("an announced sealing key", () => {
  const fields = {
    publicKey: sealingKey.publicKey,
    notBefore: at(-5),
    notAfter: at(12 * 3600),
    endorsedBy: "https://vault.example/keys/audit/1",
  };
  /** What the verifier says of a chain that announces a key so. */
  const announced = (
    change: Partial<typeof fields> & { readonly key?: string; readonly x?: string } = {},
    by: KeyObject = vault.privateKey,
    coveredUpTo?: number,
  ) => {
    const { key, x, ...others } = change;
    const { publicKey, ...validity } = { ...fields, ...others };
    const one = begun();
    one.control("sealing-key.announced", {
      ...validity,
      key: key ?? digestOf(publicKey),
      x: x ?? publicKey.x,
      y: publicKey.y,
      endorsement: es256(by, endorsementText({ publicKey, ...validity })),
    });
    approvedStory(one);
    const log = sealedStory(one);
    return findingsOf(log, [], checkpointOf(log, coveredUpTo ?? log.length));
  };

  test("V20: counts with the endorsement of the vault key over that very key", () => {
    expect(announced()).toEqual([]);
    expect(announced({}, newKey().privateKey)).toEqual(["KEY_UNKNOWN 2"]);
    expect(announced({ key: "e".repeat(64) })).toEqual(["KEY_UNKNOWN 2"]);
    expect(announced({ x: newKey().publicKey.x })).toEqual(["KEY_UNKNOWN 2"]);
    expect(announced({ x: "no point" })).toEqual(["KEY_UNKNOWN 2"]);
  });

  test("V20: not for longer than such keys live", () => {
    expect(announced({ notAfter: at(12 * 3600 + 1) })).toEqual(["KEY_EPOCH 2"]);
  });

  test("V20: is judged from the first checkpoint over it, where a new vault key counts too", () => {
    expect(announced({}, newKey().privateKey, 2)).toEqual([]);
  });
});
