import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { PublicKey, receiptMs, type SealingKey, sealingKeyMs } from "./audit.ts";
import {
  clockSkewMs,
  endorsementText,
  judgeReceipt,
  type PinnedKey,
  type Receipt,
  receiptText,
} from "./receipt.ts";
import { signatureIsValid } from "./signature.ts";

const keyPair = () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { kty, crv, x, y } = publicKey.export({ format: "jwk" });
  return { publicKey: PublicKey.parse({ kty, crv, x, y }), privateKey };
};
const es256 = (key: KeyObject, text: string): string =>
  sign("sha256", Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }).toString("base64url");

const now = new Date("2026-11-23T09:00:00.000Z");
const at = (ms: number): string => new Date(now.getTime() + ms).toISOString();
const hourMs = 3_600_000;

const vault = keyPair();
const sealing = keyPair();
const pinned: PinnedKey = {
  keyId: "https://vault.example/keys/audit/1",
  publicKey: vault.publicKey,
};

const endorsed = (change: Partial<SealingKey> = {}, by = vault.privateKey): SealingKey => {
  const { endorsement: _endorsement, ...fields } = {
    publicKey: sealing.publicKey,
    notBefore: at(-hourMs),
    notAfter: at(hourMs),
    endorsedBy: pinned.keyId,
    ...change,
  };
  return { ...fields, endorsement: es256(by, endorsementText(fields)) };
};

type Signed = Omit<Receipt, "signature" | "sealingKey">;
const fields: Signed = {
  audience: "broker",
  actionId: "0b0e9a5c-53ce-8a3e-8b1f-2f6d3c1a4e55",
  digest: "a".repeat(64),
  allowId: "0b0e9a5c-53ce-8a3e-8b1f-2f6d3c1a4e56",
  chain: "b".repeat(64),
  seq: 7,
  entryHash: "c".repeat(64),
  nonce: "9".repeat(64),
  issuedAt: at(0),
  expiresAt: at(receiptMs),
};
const issued = (change: Partial<Signed> = {}, sealingKey = endorsed(), by = sealing.privateKey) => {
  const signed = { ...fields, ...change };
  return { ...signed, sealingKey, signature: es256(by, receiptText(signed)) };
};

test("a receipt of ours is valid, until the very instant it expires", () => {
  expect(judgeReceipt(issued(), [pinned], now)).toBe("valid");
  expect(judgeReceipt(issued(), [pinned], new Date(at(receiptMs - 1)))).toBe("valid");
  expect(judgeReceipt(issued(), [pinned], new Date(at(receiptMs)))).toBe("expired");
});

describe("C1: a receipt is refused", () => {
  test("when any signed field is another, also one replayed for another digest", () => {
    const others: Readonly<Record<keyof Signed, string | number>> = {
      audience: "agent",
      actionId: "0b0e9a5c-53ce-8a3e-8b1f-2f6d3c1a4e57",
      digest: "d".repeat(64),
      allowId: "0b0e9a5c-53ce-8a3e-8b1f-2f6d3c1a4e58",
      chain: "e".repeat(64),
      seq: 8,
      entryHash: "f".repeat(64),
      nonce: "8".repeat(64),
      issuedAt: at(-1),
      expiresAt: at(receiptMs - 1),
    };
    for (const [name, value] of Object.entries(others))
      expect(judgeReceipt({ ...issued(), [name]: value }, [pinned], now), name).toBe(
        "signature-invalid",
      );
  });

  test("when another key than the endorsed one signed it", () => {
    const foreign = issued({}, endorsed(), keyPair().privateKey);
    expect(judgeReceipt(foreign, [pinned], now)).toBe("signature-invalid");
  });

  test("when the sealing key is not endorsed by the pinned key", () => {
    const forged = endorsed({}, keyPair().privateKey);
    expect(judgeReceipt(issued({}, forged), [pinned], now)).toBe("key-unannounced");
    const swapped = { ...endorsed(), publicKey: keyPair().publicKey };
    expect(judgeReceipt(issued({}, swapped), [pinned], now)).toBe("key-unannounced");
    const elsewhere = endorsed({ endorsedBy: "https://vault.example/keys/audit/2" });
    expect(judgeReceipt(issued({}, elsewhere), [pinned], now)).toBe("key-unannounced");
  });

  test("when its key's validity was stretched", () => {
    const stretched = { ...endorsed(), notAfter: at(100 * hourMs) };
    expect(judgeReceipt(issued({}, stretched), [pinned], now)).toBe("key-unannounced");
  });

  test("when it was issued outside its key's validity", () => {
    const over = endorsed({ notAfter: at(0) });
    expect(judgeReceipt(issued({}, over), [pinned], now)).toBe("key-out-of-validity");
    const outlived = endorsed({ notAfter: at(receiptMs - 1) });
    expect(judgeReceipt(issued({}, outlived), [pinned], now)).toBe("key-out-of-validity");
    const early = endorsed({ notBefore: at(1) });
    expect(judgeReceipt(issued({}, early), [pinned], now)).toBe("key-out-of-validity");
  });
});

describe("C1: while one vault key replaces the other", () => {
  const next = keyPair();
  const nextPinned: PinnedKey = {
    keyId: "https://vault.example/keys/audit/2",
    publicKey: next.publicKey,
  };
  const byNext = issued({}, endorsed({ endorsedBy: nextPinned.keyId }, next.privateKey));

  test("a receipt of either counts for who has pinned both, and of one for nobody else", () => {
    for (const receipt of [issued(), byNext])
      expect(judgeReceipt(receipt, [pinned, nextPinned], now)).toBe("valid");
    expect(judgeReceipt(byNext, [pinned], now)).toBe("key-unannounced");
    expect(judgeReceipt(issued(), [nextPinned], now)).toBe("key-unannounced");
    expect(judgeReceipt(issued(), [], now)).toBe("key-unannounced");
  });

  test("neither endorses in the other's name", () => {
    const crossed = issued({}, endorsed({ endorsedBy: pinned.keyId }, next.privateKey));
    expect(judgeReceipt(crossed, [pinned, nextPinned], now)).toBe("key-unannounced");
  });
});

test("C1: a key that was endorsed for longer than such keys live signs nothing", () => {
  const notAfter = (ms: number) => at(-hourMs + sealingKeyMs + clockSkewMs + ms);
  expect(judgeReceipt(issued({}, endorsed({ notAfter: notAfter(0) })), [pinned], now)).toBe(
    "valid",
  );
  expect(judgeReceipt(issued({}, endorsed({ notAfter: notAfter(1) })), [pinned], now)).toBe(
    "key-out-of-validity",
  );
});

test("C2: a receipt that lives longer than receipts do, or comes from the future, is refused", () => {
  const long = issued({ expiresAt: at(receiptMs + 1) });
  expect(judgeReceipt(long, [pinned], now)).toBe("lifetime-too-long");
  const future = issued({
    issuedAt: at(clockSkewMs + 1),
    expiresAt: at(clockSkewMs + 1 + receiptMs),
  });
  expect(judgeReceipt(future, [pinned], now)).toBe("lifetime-too-long");
});

describe("a signature", () => {
  const signature = es256(vault.privateKey, "text");

  test("holds for its key and its text alone", () => {
    expect(signatureIsValid(vault.publicKey, "text", signature)).toBe(true);
    expect(signatureIsValid(vault.publicKey, "texts", signature)).toBe(false);
    expect(signatureIsValid(sealing.publicKey, "text", signature)).toBe(false);
  });

  test("has one form only", () => {
    for (const form of [`${signature}=`, ` ${signature}`, signature.slice(0, -1), "", "*"])
      expect(signatureIsValid(vault.publicKey, "text", form), form).toBe(false);
    const der = sign("sha256", Buffer.from("text"), vault.privateKey).toString("base64url");
    expect(signatureIsValid(vault.publicKey, "text", der)).toBe(false);
  });

  test("of a point that is not on the curve is not valid", () => {
    const key = { ...vault.publicKey, x: "A".repeat(43) };
    expect(signatureIsValid(key, "text", signature)).toBe(false);
  });
});

// Project Wycheproof's edge cases for r and s as the vault gives them; beside the repository, not in it.
const folder = new URL("../../../shared/vectors/signatures/wycheproof/", import.meta.url);
const file = new URL("ecdsa_secp256r1_sha256_p1363_test.json", folder);
const present = existsSync(file);

test.skipIf(!present)(
  present ? "Wycheproof P-256 vectors" : "Wycheproof vectors (skipped: vectors not present)",
  () => {
    const Case = z.object({ msg: z.string(), sig: z.string(), result: z.string() });
    const Group = z.object({
      publicKey: z.object({ uncompressed: z.string().regex(/^04[0-9a-f]{128}$/) }),
      tests: z.array(Case),
    });
    const { testGroups } = z
      .object({ testGroups: z.array(Group).min(1) })
      .parse(JSON.parse(readFileSync(file, "utf8")));
    let checked = 0;
    for (const { publicKey, tests } of testGroups) {
      const key = keyOf(publicKey.uncompressed);
      for (const { msg, sig, result } of tests) {
        const message = Buffer.from(msg, "hex");
        // The function takes text; a message that is none cannot be given to it.
        if (!Buffer.from(message.toString("utf8")).equals(message)) continue;
        const given = Buffer.from(sig, "hex").toString("base64url");
        expect(signatureIsValid(key, message.toString("utf8"), given), sig).toBe(
          result === "valid",
        );
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(50);
  },
);

function keyOf(uncompressed: string): z.infer<typeof PublicKey> {
  const [x, y] = [uncompressed.slice(2, 66), uncompressed.slice(66)].map((hex) =>
    Buffer.from(hex, "hex").toString("base64url"),
  );
  return PublicKey.parse({ kty: "EC", crv: "P-256", x, y });
}
