// Signed notes (c2sp.org/signed-note): a text, an empty line, and a line per signature.
//
// Invariants:
//   N1. A note is read in its one form or not at all: reading and writing it again gives the same characters.
//   N2. Lines of unknown keys are ignored, whatever they say. A line of a known key that does not verify makes
//       the whole note worthless. A key counts once, however many lines it has.
//   N3. What a note says counts for nothing before a trusted key's signature was verified.

import { base64Of, bytesOf, fromBase64, fromHex, hexOf } from "./bytes.ts";
import { keyNamePattern, type VerifierKey } from "./verifier-key.ts";

/** One signature line: `— <name> <base64 of key id and signature>`. */
export interface NoteSignature {
  readonly name: string;
  readonly keyId: string;
  readonly signature: Uint8Array;
}

export interface Note {
  /** With its last newline, without the empty line after it. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export const noteCharactersMax = 65_536;
/** The format asks for at least 16. */
export const noteSignaturesMax = 100;

/** Reads a note without believing it (N1). */
export function parseNote(message: string): Note | undefined {
  if (message.length > noteCharactersMax || !message.isWellFormed()) return undefined;
  if (hasControlCharacter(message)) return undefined;
  const split = message.lastIndexOf("\n\n");
  if (split < 0 || !message.endsWith("\n")) return undefined;
  const text = message.slice(0, split + 1);
  const lines = message.slice(split + 2, -1).split("\n");
  if (lines.length > noteSignaturesMax || split + 2 >= message.length) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === undefined) return undefined;
    signatures.push(signature);
  }
  return { text, signatures };
}

/** The note as text. */
export const noteText = ({ text, signatures }: Note): string =>
  `${text}\n${signatures.map(signatureLine).join("")}`;

/** One line of it, with its newline. */
export const signatureLine = ({ name, keyId, signature }: NoteSignature): string => {
  const bytes = Buffer.concat([fromHex(keyId, 4) ?? Buffer.alloc(4), signature]);
  return `— ${name} ${base64Of(bytes)}\n`;
};

/** A signature line without its newline. */
export function parseSignatureLine(line: string): NoteSignature | undefined {
  const [dash, name, encoded, ...rest] = line.split(" ");
  if (dash !== "—" || name === undefined || encoded === undefined || rest.length > 0)
    return undefined;
  const bytes = fromBase64(encoded);
  if (bytes === undefined || bytes.length < 5 || !keyNamePattern.test(name)) return undefined;
  return { name, keyId: hexOf(bytes.subarray(0, 4)), signature: bytes.subarray(4) };
}

/** A line that a known key verified. A cosignature carries its time. */
export interface VerifiedSignature {
  readonly key: VerifierKey;
  /** Seconds since 1970, of a cosignature. */
  readonly time?: number;
}

export type NoteVerdict =
  | { readonly kind: "signed"; readonly by: readonly VerifiedSignature[] }
  | { readonly kind: "unsigned" }
  | { readonly kind: "forged"; readonly key: VerifierKey };

/** Who of the known keys signed the note (N2). */
export function verifyNote({ text, signatures }: Note, keys: readonly VerifierKey[]): NoteVerdict {
  const by = new Map<string, VerifiedSignature>();
  for (const { name, keyId, signature } of signatures)
    for (const key of keys) {
      if (key.name !== name || key.keyId !== keyId) continue;
      const time = key.type === "cosignature" ? cosignatureTime(signature) : undefined;
      if (!isSigned(key, text, signature, time)) return { kind: "forged", key };
      if (!by.has(key.vkey)) by.set(key.vkey, time === undefined ? { key } : { key, time });
    }
  return by.size === 0 ? { kind: "unsigned" } : { kind: "signed", by: [...by.values()] };
}

/** What a witness signs (c2sp.org/tlog-cosignature): the time and the whole text. @param time in seconds. */
export const cosignedText = (text: string, time: number): string =>
  `cosignature/v1\ntime ${time}\n${text}`;

/** The signature part of a cosignature line: eight bytes of time, and the Ed25519 signature. */
export function cosignature(time: number, signature: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(time));
  return Buffer.concat([bytes, signature]);
}

function isSigned(
  { type, signs }: VerifierKey,
  text: string,
  signature: Uint8Array,
  time: number | undefined,
): boolean {
  if (type !== "cosignature") return signs(bytesOf(text), signature);
  return time !== undefined && signs(bytesOf(cosignedText(text, time)), signature.subarray(8));
}

function cosignatureTime(signature: Uint8Array): number | undefined {
  if (signature.length !== 72) return undefined;
  const time = Buffer.from(signature).readBigUInt64BE();
  return time <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(time) : undefined;
}

function hasControlCharacter(message: string): boolean {
  for (let at = 0; at < message.length; at += 1) {
    const code = message.charCodeAt(at);
    if (code < 0x20 && code !== 0x0a) return true;
  }
  return false;
}
