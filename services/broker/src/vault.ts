// Azure Key Vault: reading a secret at the moment of use.
//
// Invariants:
//   V1. A value is read for one use and kept nowhere: no client option caches, nothing is logged.
//   V2. `exp` and `nbf` are checked here, because the vault itself does not enforce them
//       (https://learn.microsoft.com/azure/key-vault/secrets/about-secrets).

import type { TokenCredential } from "@azure/core-auth";
import { type KeyVaultSecret, SecretClient } from "@azure/keyvault-secrets";
import { isLoopback } from "@niivo/host/local";
import { tracedCall } from "@niivo/host/outbound-span";
import { attribute } from "@niivo/host/telemetry-names";
import { callSignal, within } from "./deadline.ts";
import { type Failed, failed, type ReadSecret } from "./ports.ts";

/** Reads with the broker's own identity. Failures are values and carry codes only. */
export const vaultReader = (credential: TokenCredential, now: () => Date): ReadSecret => {
  // One client a vault (there is one a customer): it remembers the vault's challenge, and no value.
  const clients = new Map<string, SecretClient>();
  return async ({ vaultUrl, name }, work) => {
    const client = clients.get(vaultUrl) ?? clientOf(vaultUrl, credential);
    clients.set(vaultUrl, client);
    try {
      const requestOptions = { headers: { "x-ms-client-request-id": work.requestId } };
      const secret = await tracedCall(
        "keyvault.get_secret",
        { [attribute.azureNamespace]: "Microsoft.KeyVault", [attribute.requestId]: work.requestId },
        () =>
          within(callSignal(work), (abortSignal) =>
            client.getSecret(name, { abortSignal, requestOptions }),
          ),
      );
      return judged(secret, now());
    } catch (error) {
      return refusal(name, error);
    }
  };
};

const clientOf = (vaultUrl: string, credential: TokenCredential): SecretClient =>
  new SecretClient(vaultUrl, credential, {
    disableChallengeResourceVerification: isLoopback(vaultUrl),
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
  });

// V2.
function judged({ value, name, properties }: KeyVaultSecret, now: Date) {
  const { enabled, expiresOn, notBefore } = properties;
  if (enabled === false) return failed("secret-disabled", `The secret ${name} is disabled.`);
  if (expiresOn !== undefined && expiresOn <= now)
    return failed("secret-expired", `The secret ${name} has expired.`);
  if (notBefore !== undefined && notBefore > now)
    return failed("secret-not-yet-valid", `The secret ${name} is not valid yet.`);
  if (value === undefined || value === "")
    return failed("secret-empty", `The secret ${name} has no value.`);
  return { kind: "secret" as const, value: () => value };
}

function refusal(name: string, error: unknown): Failed {
  const status = statusOf(error);
  if (status === 404) return failed("secret-missing", `The vault has no secret ${name}.`);
  if (status === 401 || status === 403)
    return failed("vault-refused", `The vault refused the secret ${name} (${status}).`);
  return failed("vault-unavailable", `The vault did not answer for the secret ${name}.`);
}

const statusOf = (error: unknown): unknown =>
  typeof error === "object" && error !== null && "statusCode" in error
    ? error.statusCode
    : undefined;
