import { sealingKeyMs } from "@niivo/contracts/audit";
import { endorsementText } from "@niivo/contracts/receipt";
import { signatureIsValid } from "@niivo/contracts/signature";
import { expect, test } from "vitest";
import { makeSealingKeys, type VaultKey } from "./sealing-key.ts";
import { testVaultKey } from "./testing/endorsed.ts";

const now = new Date("2026-11-23T09:00:00.000Z");
const at = (ms: number) => new Date(now.getTime() + ms);
const quiet = { warn: () => {} };
const away = async (): Promise<string> => {
  throw new Error("the vault is away");
};

/** A vault key that can be taken away. */
function breakable(): { vaultKey: VaultKey; calls: () => number; isAway: (away: boolean) => void } {
  const real = testVaultKey();
  let gone = false;
  let calls = 0;
  const sign = (text: string) => {
    calls += 1;
    return gone ? away() : real.sign(text);
  };
  return {
    vaultKey: { ...real, sign },
    calls: () => calls,
    isAway: (is) => {
      gone = is;
    },
  };
}

test("L10: the sealing key carries the vault key's endorsement of exactly its fields", async () => {
  const vaultKey = testVaultKey();
  const held = await (await makeSealingKeys(vaultKey, quiet, now))(now);
  const { endorsement, ...fields } = held.sealingKey;
  expect(signatureIsValid(vaultKey.publicKey, endorsementText(fields), endorsement)).toBe(true);
  expect(signatureIsValid(fields.publicKey, "text", held.sign("text"))).toBe(true);
  expect(fields.endorsedBy).toBe(vaultKey.keyId);
});

test("L10: an endorsement by another key than the vault's is refused", async () => {
  const vaultKey = { ...testVaultKey(), publicKey: testVaultKey().publicKey };
  await expect(makeSealingKeys(vaultKey, quiet, now)).rejects.toThrow(/not the vault key's/);
});

test("L11: audit does not start when the vault key does not endorse", async () => {
  const vaultKey = { ...testVaultKey(), sign: away };
  await expect(makeSealingKeys(vaultKey, quiet, now)).rejects.toMatchObject({ code: "fatal" });
});

test("one key serves for half its validity, and the next is there before it ends", async () => {
  const { vaultKey, calls } = breakable();
  const keys = await makeSealingKeys(vaultKey, quiet, now);
  const first = await keys(now);
  expect(await keys(at(sealingKeyMs / 2 - 60_000))).toBe(first);
  await keys(at(sealingKeyMs / 2 + 60_000));
  await expect.poll(() => keys(at(sealingKeyMs / 2 + 60_000))).not.toBe(first);
  expect(calls()).toBe(2);
});

test("a vault that is away at the renewal is asked again, while the old key is valid", async () => {
  const { vaultKey, isAway } = breakable();
  const keys = await makeSealingKeys(vaultKey, quiet, now);
  const first = await keys(now);
  isAway(true);
  expect(await keys(at(sealingKeyMs - 120_000))).toBe(first);
  isAway(false);
  await expect.poll(() => keys(at(sealingKeyMs - 30_000))).not.toBe(first);
});

test("L11: audit ends when its key ran out and there is no other", async () => {
  const { vaultKey, isAway } = breakable();
  const keys = await makeSealingKeys(vaultKey, quiet, now);
  isAway(true);
  await expect(keys(at(sealingKeyMs))).rejects.toMatchObject({ code: "fatal" });
  isAway(false);
  expect((await keys(at(sealingKeyMs))).sealingKey.notAfter).toBe(
    at(2 * sealingKeyMs).toISOString(),
  );
});
