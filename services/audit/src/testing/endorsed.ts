// A vault key of the tests' own, with a real private half: what it endorses is endorsed.

import { generateKeyPairSync, sign } from "node:crypto";
import { PublicKey } from "@niivo/contracts/audit";
import type { VaultKey } from "../sealing-key.ts";

export function testVaultKey(
  keyId = "https://vault.example/keys/audit/0123456789abcdef",
): VaultKey {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { kty, crv, x, y } = publicKey.export({ format: "jwk" });
  return {
    keyId,
    publicKey: PublicKey.parse({ kty, crv, x, y }),
    sign: async (text) =>
      sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString(
        "base64url",
      ),
  };
}
