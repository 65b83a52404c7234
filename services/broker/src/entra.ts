// Entra tokens of principals that have a client secret, for one piece of work each.
//
// Every call makes a credential of its own, so no token outlives the work it was asked for.

import { ClientSecretCredential } from "@azure/identity";
import { isLoopback } from "@niivo/host/local";
import { tracedCall } from "@niivo/host/outbound-span";
import { attribute } from "@niivo/host/telemetry-names";
import { callSignal, within } from "./deadline.ts";
import { type Failed, failed, type Secret, type Work } from "./ports.ts";

export const graphScope = "https://graph.microsoft.com/.default";
export const botScope = "https://api.botframework.com/.default";

type TokenAnswer = { readonly kind: "token"; readonly token: Secret } | Failed;

/** An application with a client secret, in one tenant. */
export interface SecretPrincipal {
  readonly name: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly secret: Secret;
}

export type ClientTokens = (
  principal: SecretPrincipal,
  scope: string,
  work: Work,
) => Promise<TokenAnswer>;

/** What every credential of @azure/identity is made with. */
export const identityOptions = (authorityHost: string) => ({
  authorityHost,
  disableInstanceDiscovery: isLoopback(authorityHost),
  retryOptions: { maxRetries: 0 },
  redirectOptions: { maxRetries: 0 },
});

/** The client credentials grant with a secret (RFC 6749 section 4.4). */
export const clientTokens =
  (authorityHost: string): ClientTokens =>
  async ({ name, tenantId, clientId, secret }, scope, work) => {
    const options = identityOptions(authorityHost);
    const credential = new ClientSecretCredential(tenantId, clientId, secret(), options);
    try {
      const { token } = await tracedCall(
        "entra.token",
        { [attribute.requestId]: work.requestId },
        () =>
          within(callSignal(work), (abortSignal) => credential.getToken(scope, { abortSignal })),
      );
      return { kind: "token", token: () => token };
    } catch {
      // The library's message may repeat parts of the request.
      return failed("token-refused", `The directory gave no token to ${name}.`);
    }
  };
