// The bot's own token towards the Bot Connector: its client secret is read from the platform's Key Vault
// at the moment of use and exchanged at Entra (client credentials). The secret is never kept; the token is,
// for a few minutes, because one request to approvers is many calls.
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication

import { ClientSecretCredential, type TokenCredential } from "@azure/identity";
import { SecretClient } from "@azure/keyvault-secrets";
import { isLoopback } from "@niivo/host/local";
import { tracedCall } from "@niivo/host/outbound-span";
import { attribute } from "@niivo/host/telemetry-names";

const secretName = "bot-client-secret";
const scope = "https://api.botframework.com/.default";
/** Each of the two calls ends within this time. */
const callMsMax = 10_000;
/** A token is used for at most this long, whatever its own lifetime. */
const tokenMsMax = 5 * 60 * 1000;

export interface BotTokenOptions {
  readonly vaultUrl: string;
  /** This service's own identity, for the vault. */
  readonly credential: TokenCredential;
  readonly authorityHost: string;
  readonly tenantId: string;
  readonly appId: string;
  readonly now: () => Date;
}

/** A function that yields a bearer token. It throws when vault or Entra do not give one in time. */
export function botToken(options: BotTokenOptions): () => Promise<string> {
  const { vaultUrl, credential, authorityHost, tenantId, appId, now } = options;
  const vault = new SecretClient(vaultUrl, credential, {
    // A vault on this machine cannot be under the domain its challenge names.
    disableChallengeResourceVerification: isLoopback(vaultUrl),
    retryOptions: { maxRetries: 1 },
  });
  let kept: { readonly token: string; readonly untilMs: number } | undefined;

  return async () => {
    if (kept !== undefined && now().getTime() < kept.untilMs) return kept.token;
    const client = new ClientSecretCredential(tenantId, appId, await read(vault, now()), {
      authorityHost,
      disableInstanceDiscovery: isLoopback(authorityHost),
      retryOptions: { maxRetries: 1 },
    });
    const abortSignal = AbortSignal.timeout(callMsMax);
    const { token, expiresOnTimestamp } = await tracedCall("entra.token", {}, () =>
      client.getToken(scope, { abortSignal }),
    );
    kept = { token, untilMs: Math.min(now().getTime() + tokenMsMax, expiresOnTimestamp - 60_000) };
    return token;
  };
}

const read = (vault: SecretClient, now: Date): Promise<string> =>
  tracedCall("keyvault.get_secret", { [attribute.azureNamespace]: "Microsoft.KeyVault" }, () =>
    readSecret(vault, now),
  );

/** Key Vault hands out expired and not yet valid secrets all the same, so both are looked at here. */
async function readSecret(vault: SecretClient, now: Date): Promise<string> {
  const abortSignal = AbortSignal.timeout(callMsMax);
  const { value, properties } = await vault.getSecret(secretName, { abortSignal });
  const { expiresOn, notBefore } = properties;
  if (value === undefined || value === "") throw new Error(`${secretName} is empty`);
  if (expiresOn !== undefined && expiresOn <= now) throw new Error(`${secretName} has expired`);
  if (notBefore !== undefined && notBefore > now) throw new Error(`${secretName} is not valid yet`);
  return value;
}
