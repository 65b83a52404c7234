// A wrapping key of the tests' own, with a real private half.

import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt } from "node:crypto";
import type { WrappingKey } from "../value-keys.ts";

const oaep = { oaepHash: "sha256", padding: constants.RSA_PKCS1_OAEP_PADDING } as const;

/** @param older keys before it, which still unwrap. */
export function testWrappingKey(
  keyId = "https://vault.example/keys/values/1",
  older: readonly WrappingKey[] = [],
): WrappingKey {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    keyId,
    wrap: async (key) => publicEncrypt({ key: publicKey, ...oaep }, key),
    unwrap: async (by, wrapped) => {
      const before = older.find((one) => one.keyId === by);
      if (before !== undefined) return before.unwrap(by, wrapped);
      if (by !== keyId) throw new Error("another key");
      try {
        return privateDecrypt({ key: privateKey, ...oaep }, wrapped);
      } catch {
        return undefined;
      }
    },
  };
}

/** For tests in which it is nobody's subject: made once, shared. */
export const wrappingKey = testWrappingKey();
