// Signs checkpoints: one line by the vault key, which is the authority, one by a software key for the tools and
// witnesses that read Ed25519, and while a vault key is being replaced one by the key before.
//
// Invariants:
//   L20. A note leaves this file only with a line of every key, each checked against its public half.

import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { checkpointText, originOf } from "@niivo/contracts/evidence/checkpoint";
import { derOf } from "@niivo/contracts/evidence/ecdsa-form";
import { noteText, verifyNote } from "@niivo/contracts/evidence/note";
import type { Hash } from "@niivo/contracts/evidence/tree";
import {
  type KeyType,
  type VerifierKey,
  verifierKey,
} from "@niivo/contracts/evidence/verifier-key";
import type { VaultKey } from "./sealing-key.ts";
import type { NoteNames } from "./work.ts";

export interface NoteSigner extends NoteNames {
  /** All keys of a chain as their texts, the authority first. */
  readonly keys: (chain: string) => readonly string[];
  /** The signed note of a checkpoint. @throws when a key did not sign, or not with itself (L20). */
  readonly sign: (chain: string, size: number, root: Hash) => Promise<string>;
}

export interface NoteKeys {
  /** A name that the operator controls, such as `audit.example.ch`. */
  readonly host: string;
  readonly vaultKey: VaultKey;
  /** The vault key before it: signs with it until a checkpoint with its line covers `key.rotate`. */
  readonly previousVaultKey?: VaultKey;
  /** The seed of the Ed25519 key: 32 bytes. */
  readonly ed25519Seed: Uint8Array;
}

interface NoteKey {
  readonly type: KeyType;
  readonly publicKey: Uint8Array;
  readonly sign: (text: string) => Promise<Uint8Array>;
}

export function noteSigner(options: NoteKeys): NoteSigner {
  const { host, vaultKey, previousVaultKey, ed25519Seed } = options;
  const all: readonly NoteKey[] = [
    vaultNoteKey(vaultKey),
    ...(previousVaultKey === undefined ? [] : [vaultNoteKey(previousVaultKey)]),
    softwareNoteKey(ed25519Seed),
  ];
  const origin = (chain: string): string => originOf(host, chain);
  /** By chain, of which there are as many as customers: every turn of the sealer asks for them. */
  const known = new Map<string, readonly VerifierKey[]>();
  const keysOf = (chain: string): readonly VerifierKey[] => {
    const made =
      known.get(chain) ??
      all.map(({ type, publicKey }) => {
        const key = verifierKey(origin(chain), type, publicKey);
        if (key === undefined) throw new TypeError("the origin or a key cannot stand in a note");
        return key;
      });
    known.set(chain, made);
    return made;
  };
  return {
    origin,
    vkey: (chain) => keysOf(chain)[0]?.vkey ?? "",
    vkeys: (chain) => keysOf(chain).flatMap(({ type, vkey }) => (type === "ecdsa" ? [vkey] : [])),
    softwareVkey: (chain) => keysOf(chain).at(-1)?.vkey ?? "",
    keys: (chain) => keysOf(chain).map(({ vkey }) => vkey),
    sign: async (chain, size, root) => {
      const text = checkpointText({ origin: origin(chain), size, root, extensions: [] });
      const keys = keysOf(chain);
      const signatures = await Promise.all(
        all.map(async (one, index) => {
          const { name = "", keyId = "" } = keys[index] ?? {};
          return { name, keyId, signature: await one.sign(text) };
        }),
      );
      const note = { text, signatures };
      const verdict = verifyNote(note, keys);
      if (verdict.kind !== "signed" || verdict.by.length !== all.length)
        throw new TypeError("a key of the checkpoint signed something else"); // L20
      return noteText(note);
    },
  };
}

function vaultNoteKey({ publicKey, sign: signText }: VaultKey): NoteKey {
  const key = createPublicKey({ key: publicKey, format: "jwk" });
  return {
    type: "ecdsa",
    publicKey: key.export({ type: "spki", format: "der" }),
    sign: async (text) => {
      const der = derOf(Buffer.from(await signText(text), "base64url"));
      if (der === undefined) throw new TypeError("the vault gave something that is no signature");
      return der;
    },
  };
}

/** RFC 8410: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
const spkiPrefixBytes = 12;
const seedBytes = 32;

function softwareNoteKey(seed: Uint8Array): NoteKey {
  if (seed.length !== seedBytes) throw new TypeError("an Ed25519 key has 32 bytes");
  const privateKey: KeyObject = createPrivateKey({
    key: Buffer.concat([pkcs8Prefix, seed]),
    format: "der",
    type: "pkcs8",
  });
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return {
    type: "ed25519",
    publicKey: spki.subarray(spkiPrefixBytes),
    sign: async (text) => sign(null, Buffer.from(text), privateKey),
  };
}
