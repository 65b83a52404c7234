// The witness's own key: Ed25519, made at the first start and kept in a file that only its owner can read. Its public
// half, as a verifier key, is what an auditor writes into a policy file.

import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf } from "@niivo/contracts/evidence/bytes";
import { cosignature, cosignedText, signatureLine } from "@niivo/contracts/evidence/note";
import { verifierKey } from "@niivo/contracts/evidence/verifier-key";

export interface WitnessKey {
  /** `<name>+<key id>+<base64>`, of the type of cosignatures (c2sp.org/tlog-cosignature). */
  readonly vkey: string;
  /** The signature line over a checkpoint's text. @param time in seconds since 1970. */
  readonly cosign: (text: string, time: number) => string;
}

export class WitnessKeyError extends Error {
  override readonly name = "WitnessKeyError";
}

/** The raw public key ends its DER form (RFC 8410, section 4). */
const rawBytes = 32;
const othersMayRead = 0o077;

/** Reads `witness.key` in `folder`, or makes it. @throws WitnessKeyError without any part of the key. */
export function openWitnessKey(folder: string, name: string): WitnessKey {
  const file = join(folder, "witness.key");
  const pem = readOrMake(folder, file);
  const privateKey = parsed(file, pem);
  const der = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  const key = verifierKey(name, "cosignature", der.subarray(-rawBytes));
  if (key === undefined) throw new WitnessKeyError(`"${name}" cannot be a witness's name`);
  const { vkey, keyId } = key;
  return {
    vkey,
    cosign: (text, time) => {
      const signature = sign(null, bytesOf(cosignedText(text, time)), privateKey);
      return signatureLine({ name, keyId, signature: cosignature(time, signature) });
    },
  };
}

function parsed(file: string, pem: string) {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // The library's message could repeat what is in the file.
  }
  throw new WitnessKeyError(`${file} is not an Ed25519 private key`);
}

function readOrMake(folder: string, file: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  try {
    writeFileSync(file, pem, { flag: "wx", mode: 0o600, flush: true });
    return pem;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  if ((statSync(file).mode & othersMayRead) !== 0)
    throw new WitnessKeyError(`${file} can be read by others: chmod 600 it, or replace the key`);
  return readFileSync(file, "utf8");
}
