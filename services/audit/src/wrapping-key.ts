// The key in Azure Key Vault that wraps the keys of values, with RSA-OAEP-256; its private half never leaves the vault.
// https://learn.microsoft.com/rest/api/keyvault/keys/wrap-key/wrap-key
//
// Invariant: K6. Only configured versions are asked: what a row of the store names is no address to call.

import type { TokenCredential } from "@azure/identity";
import {
  CryptographyClient,
  KeyClient,
  type KeyVaultKey,
  parseKeyVaultKeyIdentifier,
} from "@azure/keyvault-keys";
import { FatalError } from "@niivo/host/fatal-error";
import { isLoopback } from "@niivo/host/local";
import { tracedCall } from "@niivo/host/outbound-span";
import { attribute } from "@niivo/host/telemetry-names";
import type { WrappingKey } from "./value-keys.ts";

const algorithm = "RSA-OAEP-256";
/** A call with all its retries. Sealing waits for it, and its messages are locked for longer. */
const callMs = 5000;
const retriesMax = 2;
const modulusBytesMin = 256;
const badRequest = 400;

/**
 * Opens the key that wraps, and the one before it while keys are wrapped anew.
 * @param keyIds versioned identifiers, `https://<vault>/keys/<name>/<version>`; the first one wraps.
 * @throws FatalError when one cannot be read, or is not an RSA key of 2048 bits or more that may do it
 */
export async function openWrappingKey(
  [keyId, ...older]: readonly [string, ...string[]],
  credential: TokenCredential,
): Promise<WrappingKey> {
  const clients = new Map<string, CryptographyClient>();
  for (const id of [keyId, ...older]) clients.set(id, await clientOf(id, credential));
  const clientFor = (id: string): CryptographyClient => {
    const client = clients.get(id);
    if (client === undefined)
      throw new TypeError("a key of values is wrapped by no configured key");
    return client;
  };
  return {
    keyId,
    wrap: async (key) => {
      const client = clientFor(keyId);
      const { result } = await tracedCall("keyvault.wrap_key", about, () =>
        client.wrapKey(algorithm, key, { abortSignal: AbortSignal.timeout(callMs) }),
      );
      return result;
    },
    unwrap: async (by, wrapped) => {
      const client = clientFor(by); // K6
      try {
        const { result } = await tracedCall("keyvault.unwrap_key", about, () =>
          client.unwrapKey(algorithm, wrapped, { abortSignal: AbortSignal.timeout(callMs) }),
        );
        return result;
      } catch (error) {
        if (isBadRequest(error)) return undefined;
        throw error;
      }
    },
  };
}

const about = { [attribute.azureNamespace]: "Microsoft.KeyVault" };

async function clientOf(keyId: string, credential: TokenCredential): Promise<CryptographyClient> {
  const { vaultUrl, name, version } = parseKeyVaultKeyIdentifier(keyId);
  if (version === undefined) throw new FatalError("a wrapping key is named without its version");
  const options = {
    // The challenge names the public vault domain, which a vault on this machine is not part of.
    disableChallengeResourceVerification: isLoopback(keyId),
    retryOptions: { maxRetries: retriesMax },
  };
  const key = await readKey(new KeyClient(vaultUrl, credential, options), name, version);
  const operations = key.keyOperations ?? [];
  const isFit =
    key.id === keyId &&
    key.keyType?.startsWith("RSA") === true &&
    (key.key?.n?.length ?? 0) >= modulusBytesMin &&
    key.properties.enabled !== false &&
    ["wrapKey", "unwrapKey"].every((one) => operations.includes(one));
  if (!isFit)
    throw new FatalError("a wrapping key is not an enabled RSA key that wraps and unwraps");
  return new CryptographyClient(key, credential, options);
}

async function readKey(client: KeyClient, name: string, version: string): Promise<KeyVaultKey> {
  try {
    return await client.getKey(name, { version, abortSignal: AbortSignal.timeout(callMs) });
  } catch (error) {
    throw new FatalError("a wrapping key cannot be read", { cause: error });
  }
}

/** The vault understood it, and it is nothing that the key wrapped. */
const isBadRequest = (error: unknown): boolean =>
  error instanceof Error && "statusCode" in error && error.statusCode === badRequest;
