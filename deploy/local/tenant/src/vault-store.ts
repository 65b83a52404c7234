// The secrets and keys of the vaults, with their versions. No function returns a private key.

import { createPrivateKey, createPublicKey, privateDecrypt, publicEncrypt } from "node:crypto";
import { z } from "zod";
import type { Database } from "./database.ts";
import { signP256Digest } from "./p256-digest-signature.ts";
import { newKeyPem, newVersion } from "./planting.ts";
import { Refusal } from "./refusal.ts";
import type { VaultName } from "./seed.ts";

const Secret = z.object({
  name: z.string(),
  version: z.string(),
  value: z.string(),
  content_type: z.string().nullable(),
  tags: z.string().transform((text) => z.record(z.string(), z.string()).parse(JSON.parse(text))),
  enabled: z.number(),
  nbf: z.number().nullable(),
  exp: z.number().nullable(),
  created: z.number(),
});
export type StoredSecret = z.infer<typeof Secret>;

const Key = z.object({ version: z.string(), private_pem: z.string(), created: z.number() });

export interface NewSecret {
  readonly value: string;
  readonly contentType: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly enabled: boolean;
  readonly nbf: number | null;
  readonly exp: number | null;
}

export interface PublicKey {
  readonly version: string;
  readonly created: number;
  /** kty with crv, x, y of an EC key, or n, e of an RSA key. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

export type VaultStore = ReturnType<typeof openVaultStore>;

export function openVaultStore(database: Database, vault: VaultName) {
  const columns = "name, version, value, content_type, tags, enabled, nbf, exp, created";
  const secrets = `SELECT ${columns} FROM vault_secrets WHERE vault = ?`;
  const latest =
    "seq IN (SELECT max(seq) FROM vault_secrets WHERE vault = ? GROUP BY name) ORDER BY name";
  const keyRow = (name: string, version: string) => {
    const sql = "SELECT version, private_pem, created FROM vault_keys WHERE vault = ? AND name = ?";
    return version === ""
      ? database.first(Key, `${sql} ORDER BY created DESC, rowid DESC`, vault, name)
      : database.first(Key, `${sql} AND version = ?`, vault, name, version);
  };
  const key = (name: string, version: string): PublicKey | undefined => {
    const row = keyRow(name, version);
    if (row === undefined) return undefined;
    const jwk = createPublicKey(row.private_pem).export({ format: "jwk" });
    return { version: row.version, created: row.created, jwk: { ...jwk } };
  };
  const secret = (name: string, version: string): StoredSecret | undefined =>
    version === ""
      ? database.first(Secret, `${secrets} AND name = ? ORDER BY seq DESC`, vault, name)
      : database.first(Secret, `${secrets} AND name = ? AND version = ?`, vault, name, version);
  return {
    /** An empty version means the newest one. */
    secret,
    latestSecrets: () => database.all(Secret, `${secrets} AND ${latest}`, vault, vault),
    /** Adds a version and returns it as stored. */
    setSecret: (name: string, added: NewSecret): StoredSecret | undefined => {
      const version = newVersion();
      database.run(
        `INSERT INTO vault_secrets (vault, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        vault,
        name,
        version,
        added.value,
        added.contentType,
        JSON.stringify(added.tags),
        Number(added.enabled),
        added.nbf,
        added.exp,
        Math.floor(Date.now() / 1000),
      );
      return secret(name, version);
    },
    key,
    /** Adds a version of the same kind and returns it. Undefined without such a key. */
    rotateKey: (name: string): PublicKey | undefined => {
      const before = keyRow(name, "");
      if (before === undefined) return undefined;
      const version = newVersion();
      database.run(
        "INSERT INTO vault_keys (vault, name, version, private_pem, created) VALUES (?, ?, ?, ?, ?)",
        vault,
        name,
        version,
        newKeyPem(kindOf(before.private_pem)),
        Math.floor(Date.now() / 1000),
      );
      return key(name, version);
    },
    /** ES256 over a SHA-256 digest; 64 bytes, r then s. Undefined without such a key. */
    signDigest: (name: string, version: string, digest: Buffer): Buffer | undefined => {
      const row = keyRow(name, version);
      if (row === undefined) return undefined;
      permit(row.private_pem, "EC", "sign");
      return signP256Digest(row.private_pem, digest);
    },
    /** RSA-OAEP-256 (RFC 8017, section 7.1). Undefined without such a key. */
    wrap: (name: string, version: string, key: Buffer): Buffer | undefined => {
      const row = keyRow(name, version);
      if (row === undefined) return undefined;
      permit(row.private_pem, "RSA", "wrapKey");
      return refusing(() => publicEncrypt({ key: row.private_pem, oaepHash: "sha256" }, key));
    },
    /** The other way round. @throws Refusal where it is not what was wrapped under this key. */
    unwrap: (name: string, version: string, wrapped: Buffer): Buffer | undefined => {
      const row = keyRow(name, version);
      if (row === undefined) return undefined;
      permit(row.private_pem, "RSA", "unwrapKey");
      return refusing(() => privateDecrypt({ key: row.private_pem, oaepHash: "sha256" }, wrapped));
    },
  };
}

const kindOf = (pem: string): "EC" | "RSA" =>
  createPrivateKey(pem).asymmetricKeyType === "rsa" ? "RSA" : "EC";

// A key is for one use, as in the real vault: its `key_ops` name it.
function permit(pem: string, kind: "EC" | "RSA", operation: string): void {
  if (kindOf(pem) === kind) return;
  const message = `Operation ${operation} is not permitted on this key.`;
  throw new Refusal(403, "Forbidden", message, { detail: "KeyOperationForbidden" });
}

function refusing(work: () => Buffer): Buffer {
  try {
    return work();
  } catch (error) {
    throw badParameter(error);
  }
}

const badParameter = (cause: unknown): Refusal =>
  new Refusal(400, "BadParameter", "The parameter is incorrect.", { cause });
