// Public keys as the signed-note world writes them (c2sp.org/signed-note, "verifier keys"):
// `<name>+<key id>+<base64 of type and key>`. One text for a key, which a policy file or a genesis can carry.

import { sha256Bytes } from "../canonical.ts";
import { ed25519Check, p256Check, type SignatureCheck } from "../signature.ts";
import { base64Of, bytesOf, fromBase64, hexOf } from "./bytes.ts";

/** What signs, by the type byte of signed-note: the log's second line, the vault's line, a witness. */
export const keyTypes = { ed25519: 0x01, ecdsa: 0x02, cosignature: 0x04 } as const;
export type KeyType = keyof typeof keyTypes;

export interface VerifierKey {
  /** The key as its text. */
  readonly vkey: string;
  readonly name: string;
  /** Eight hexadecimal characters. It names a key, it does not prove one. */
  readonly keyId: string;
  readonly type: KeyType;
  /** 32 bytes of an Ed25519 key, or the DER of a P-256 key (SubjectPublicKeyInfo). */
  readonly publicKey: Uint8Array;
  /** Over the bytes that the type of signature prescribes. */
  readonly signs: SignatureCheck;
}

/** Names have neither spaces nor a plus: they stand between such in a note and in a key's text. */
export const keyNamePattern = /^[^\s+\u0085]{1,200}$/u;

/** Reads a key's text. @returns `undefined` where it is not exactly the text of a key known here. */
export function parseVerifierKey(vkey: string): VerifierKey | undefined {
  const [name, keyId, encoded, ...rest] = splitFirst(vkey);
  if (name === undefined || keyId === undefined || encoded === undefined || rest.length > 0)
    return undefined;
  const bytes = fromBase64(encoded);
  const type = keyTypeOf(bytes?.[0]);
  if (bytes === undefined || type === undefined) return undefined;
  const key = verifierKey(name, type, bytes.subarray(1));
  return key?.vkey === vkey ? key : undefined;
}

/** The key with its id and text. @returns `undefined` where the name or the key is not one. */
export function verifierKey(
  name: string,
  type: KeyType,
  publicKey: Uint8Array,
): VerifierKey | undefined {
  if (!keyNamePattern.test(name) || !name.isWellFormed()) return undefined;
  const signs = type === "ecdsa" ? p256Check(publicKey) : ed25519Check(publicKey);
  if (signs === undefined) return undefined;
  const typed = Buffer.concat([Buffer.of(keyTypes[type]), publicKey]);
  // The id of an ECDSA key leaves out the name: so the tools that made this type did it, and it stayed.
  const named = type === "ecdsa" ? publicKey : Buffer.concat([bytesOf(`${name}\n`), typed]);
  const keyId = hexOf(sha256Bytes(named).subarray(0, 4));
  return { vkey: `${name}+${keyId}+${base64Of(typed)}`, name, keyId, type, publicKey, signs };
}

/** Two texts may wrap one key: whether they do. */
export const isSameKey = (one: VerifierKey, other: VerifierKey): boolean =>
  Buffer.compare(one.publicKey, other.publicKey) === 0;

// Base64 has plus signs of its own, so only the first two separate.
function splitFirst(vkey: string): readonly string[] {
  const first = vkey.indexOf("+");
  const second = vkey.indexOf("+", first + 1);
  if (first < 0 || second < 0) return [];
  return [vkey.slice(0, first), vkey.slice(first + 1, second), vkey.slice(second + 1)];
}

function keyTypeOf(byte: number | undefined): KeyType | undefined {
  switch (byte) {
    case keyTypes.ed25519:
      return "ed25519";
    case keyTypes.ecdsa:
      return "ecdsa";
    case keyTypes.cosignature:
      return "cosignature";
    case undefined:
      return undefined;
  }
  return undefined;
}
