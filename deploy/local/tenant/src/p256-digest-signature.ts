// ES256 over a digest that the caller computed, as Key Vault's `sign` does it.
//
// node:crypto always hashes what it signs, so the last step of ECDSA (FIPS 186-5, 6.4.1) is here:
// the library makes a fresh key pair (k, k·G) per signature, and two modular operations remain.
// The big integers are not constant-time: good enough for an emulator on loopback, never for
// production, where the key lives in Key Vault.

import { createECDH, createPrivateKey } from "node:crypto";

const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const scalarBytes = 32;

/** `digest` is 32 bytes of SHA-256; the answer is 64 bytes, r then s (RFC 7518, 3.4). */
export function signP256Digest(privatePem: string, digest: Buffer): Buffer {
  const { d } = createPrivateKey(privatePem).export({ format: "jwk" });
  if (d === undefined) throw new Error("the sealing key is not an EC private key");
  const secret = toInteger(Buffer.from(d, "base64url"));
  for (;;) {
    const pair = createECDH("prime256v1");
    const point = pair.generateKeys();
    const k = toInteger(pair.getPrivateKey());
    const r = toInteger(point.subarray(1, 1 + scalarBytes)) % order;
    const s = (inverse(k) * (toInteger(digest) + r * secret)) % order;
    if (r !== 0n && s !== 0n) return Buffer.concat([toBytes(r), toBytes(s)]);
  }
}

const toInteger = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString("hex")}`);
const toBytes = (value: bigint): Buffer =>
  Buffer.from(value.toString(16).padStart(2 * scalarBytes, "0"), "hex");

// The extended Euclidean algorithm.
function inverse(value: bigint): bigint {
  let [remainder, next] = [value % order, order];
  let [factor, nextFactor] = [1n, 0n];
  while (next !== 0n) {
    const quotient = remainder / next;
    [remainder, next] = [next, remainder - quotient * next];
    [factor, nextFactor] = [nextFactor, factor - quotient * nextFactor];
  }
  return ((factor % order) + order) % order;
}
