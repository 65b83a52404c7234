// The agent identity's own token, in two steps: its blueprint obtains an exchange token for this one child,
// which the child then presents as its assertion
// (https://learn.microsoft.com/entra/agent-id/agent-autonomous-app-oauth-flow).
//
// @azure/identity 4.14 cannot send `fmi_path`, so step 1 is one request of ours; step 2 is the library's.

import type { AccessToken, GetTokenOptions, TokenCredential } from "@azure/core-auth";
import { ClientAssertionCredential } from "@azure/identity";
import { z } from "zod";
import { callSignal, within } from "./deadline.ts";
import { identityOptions } from "./entra.ts";
import type { Secret, Work } from "./ports.ts";

const exchangeScope = "api://AzureADTokenExchange/.default";
const tokenMax = 16 * 1024;
const ExchangeAnswer = z.object({ access_token: z.string().min(1).max(tokenMax) });

export interface AgentPrincipal {
  readonly tenantId: string;
  /** The agent identity: client id and object id are the same. */
  readonly identity: string;
  readonly blueprint: { readonly clientId: string; readonly secret: Secret };
}

class AgentTokenError extends Error {
  readonly code: "exchange-refused";
  constructor(code: "exchange-refused", message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AgentTokenError";
    this.code = code;
  }
}

/**
 * A credential of the agent identity for one piece of work.
 * Its `getToken` throws AgentTokenError when step 1 is refused, and as @azure/identity does in step 2.
 */
export function agentCredential(
  authorityHost: string,
  agent: AgentPrincipal,
  work: Work,
): TokenCredential {
  const { tenantId, identity } = agent;
  const assertion = () => exchangeToken(authorityHost, agent, work);
  const options = identityOptions(authorityHost);
  const child = new ClientAssertionCredential(tenantId, identity, assertion, options);
  return {
    getToken: (scopes: string | string[], given?: GetTokenOptions): Promise<AccessToken> =>
      within(callSignal(work), (abortSignal) => child.getToken(scopes, { ...given, abortSignal })),
  };
}

async function exchangeToken(
  authorityHost: string,
  { tenantId, identity, blueprint }: AgentPrincipal,
  work: Work,
): Promise<string> {
  const url = new URL(`${tenantId}/oauth2/v2.0/token`, `${authorityHost.replace(/\/$/, "")}/`);
  const response = await fetch(url, {
    method: "POST",
    redirect: "error",
    signal: callSignal(work),
    headers: { "client-request-id": work.requestId },
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: blueprint.clientId,
      client_secret: blueprint.secret(),
      scope: exchangeScope,
      fmi_path: identity,
    }),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new AgentTokenError("exchange-refused", `exchange token refused (${response.status})`);
  }
  return ExchangeAnswer.parse(await response.json()).access_token;
}
