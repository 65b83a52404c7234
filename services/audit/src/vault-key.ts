// The vault key in Azure Key Vault: it signs, and never leaves the vault.
// https://learn.microsoft.com/rest/api/keyvault/keys/sign/sign

import { createHash } from "node:crypto";
import type { TokenCredential } from "@azure/identity";
import {
  CryptographyClient,
  KeyClient,
  type KeyVaultKey,
  parseKeyVaultKeyIdentifier,
} from "@azure/keyvault-keys";
import { PublicKey } from "@niivo/contracts/audit";
import { FatalError } from "@niivo/host/fatal-error";
import { isLoopback } from "@niivo/host/local";
import { tracedCall } from "@niivo/host/outbound-span";
import { attribute } from "@niivo/host/telemetry-names";
import type { z } from "zod";
import type { VaultKey } from "./sealing-key.ts";

const callMs = 10_000;
const retriesMax = 3;

/**
 * Opens the key and reads its public half, by which every signature is checked before it is used.
 * @param keyId the versioned identifier, `https://<vault>/keys/<name>/<version>`
 * @throws FatalError when the key cannot be read, is disabled, or is not a P-256 key that may sign
 */
export async function openVaultKey(keyId: string, credential: TokenCredential): Promise<VaultKey> {
  const { vaultUrl, name, version } = parseKeyVaultKeyIdentifier(keyId);
  if (version === undefined) throw new FatalError("AUDIT_KEY_ID names no version of its key");
  const options = {
    // The challenge names the public vault domain, which a vault on this machine is not part of.
    disableChallengeResourceVerification: isLoopback(keyId),
    retryOptions: { maxRetries: retriesMax },
  };
  const key = await readKey(new KeyClient(vaultUrl, credential, options), name, version);
  if (key.id !== keyId) throw new FatalError("the vault gave another key than AUDIT_KEY_ID");
  const client = new CryptographyClient(keyId, credential, options);
  return {
    keyId,
    publicKey: publicHalf(key),
    sign: async (text) => {
      const digest = createHash("sha256").update(text).digest();
      const about = { [attribute.azureNamespace]: "Microsoft.KeyVault" };
      const { result } = await tracedCall("keyvault.sign", about, () =>
        client.sign("ES256", digest, { abortSignal: AbortSignal.timeout(callMs) }),
      );
      return Buffer.from(result).toString("base64url");
    },
  };
}

async function readKey(client: KeyClient, name: string, version: string): Promise<KeyVaultKey> {
  try {
    return await client.getKey(name, { version, abortSignal: AbortSignal.timeout(callMs) });
  } catch (error) {
    throw new FatalError("the vault key of AUDIT_KEY_ID cannot be read", { cause: error });
  }
}

function publicHalf({ key, properties }: KeyVaultKey): z.infer<typeof PublicKey> {
  const { x, y, crv } = key ?? {};
  const parsed = PublicKey.safeParse({ kty: "EC", crv, x: base64url(x), y: base64url(y) });
  if (!parsed.success) throw new FatalError("the vault key of AUDIT_KEY_ID is not a P-256 key");
  if (properties.enabled === false)
    throw new FatalError("the vault key of AUDIT_KEY_ID is disabled");
  return parsed.data;
}

const base64url = (bytes: Uint8Array | undefined): string | undefined =>
  bytes === undefined ? undefined : Buffer.from(bytes).toString("base64url");
