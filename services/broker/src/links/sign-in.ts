// Who is at the page: an interactive sign-in at the customer's own Entra tenant, by the authorization code
// flow with PKCE (RFC 6749, RFC 7636, OpenID Connect Core 1.0), all of it checked by openid-client.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
//
// Invariants:
//   N1. The tenant asked is the link's customer's, and the ID token is that tenant's: issuer, key, audience,
//       nonce and `tid` (R12).
//   N2. This process has no client secret: it proves itself with its workload identity's token.

import type { Customer } from "@niivo/contracts/customers";
import { Guid } from "@niivo/contracts/envelope";
import {
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";
import { z } from "zod";
import type { Secret } from "../ports.ts";

const callSeconds = 8;
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/** What has to be remembered, apart from the browser's address, until the person comes back. */
export const PendingSignIn = z.strictObject({
  state: z.string().min(1).max(200),
  nonce: z.string().min(1).max(200),
  verifier: z.string().min(43).max(128),
});
export type PendingSignIn = z.infer<typeof PendingSignIn>;

export const Person = z.strictObject({
  objectId: Guid,
  name: z.string().max(256),
  /** When they proved who they are (`auth_time`), in milliseconds since 1970; null where Entra does not say. */
  signedInAtMs: z.int().nullable(),
  /** `amr` names a second factor. */
  multifactor: z.boolean(),
});
export type Person = z.infer<typeof Person>;

type Arrival =
  | { readonly kind: "person"; readonly person: Person }
  | { readonly kind: "refused"; readonly code: string };

export interface SignIn {
  /** @throws when Entra cannot be reached. */
  readonly begin: (customer: Customer) => Promise<{ url: URL; pending: PendingSignIn }>;
  /** `url` is where the browser came back to, with its query. Never throws. */
  readonly end: (customer: Customer, url: URL, pending: PendingSignIn) => Promise<Arrival>;
}

export interface SignInOptions {
  readonly authorityHost: string;
  readonly clientId: string;
  readonly redirectUri: string;
  /** The workload identity's token for `api://AzureADTokenExchange`, anew for each sign-in. */
  readonly assertion: () => Promise<Secret>;
}

const Claims = z.object({
  oid: Guid,
  tid: Guid,
  name: z.string().max(256).default(""),
  auth_time: z.int().positive().optional(),
  amr: z.array(z.string().max(100)).max(20).default([]),
});

export function entraSignIn(options: SignInOptions): SignIn {
  const { clientId, redirectUri } = options;
  const configurationOf = async ({ tenantId }: Customer): Promise<Configuration> => {
    const assertion = await options.assertion(); // N2
    const authority = options.authorityHost.replace(/\/+$/, "");
    return discovery(
      new URL(`${authority}/${tenantId}/v2.0`),
      clientId,
      { id_token_signed_response_alg: "RS256" },
      (_server, client, body) => {
        body.set("client_id", client.client_id);
        body.set("client_assertion_type", assertionType);
        body.set("client_assertion", assertion());
      },
      { timeout: callSeconds, execute: [enableNonRepudiationChecks] },
    );
  };
  return {
    async begin(customer) {
      const configuration = await configurationOf(customer);
      const pending = {
        state: randomState(),
        nonce: randomNonce(),
        verifier: randomPKCECodeVerifier(),
      };
      const url = buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: "openid profile",
        response_mode: "query",
        state: pending.state,
        nonce: pending.nonce,
        code_challenge: await calculatePKCECodeChallenge(pending.verifier),
        code_challenge_method: "S256",
        // Anew, whatever sessions the browser has: the reveal asks for a sign-in of now.
        prompt: "login",
      });
      return { url, pending };
    },
    async end(customer, url, { state, nonce, verifier }) {
      try {
        const configuration = await configurationOf(customer);
        const tokens = await authorizationCodeGrant(configuration, url, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = Claims.safeParse(tokens.claims());
        if (!claims.success) return { kind: "refused", code: "claims-missing" };
        return arrivalOf(customer, claims.data);
      } catch {
        // The library's errors may quote the code and the tokens.
        return { kind: "refused", code: "sign-in-failed" };
      }
    },
  };
}

function arrivalOf(customer: Customer, claims: z.infer<typeof Claims>): Arrival {
  const { oid, tid, name, auth_time: signedIn, amr } = claims;
  if (tid !== customer.tenantId) return { kind: "refused", code: "other-tenant" }; // N1
  const signedInAtMs = signedIn === undefined ? null : signedIn * 1000;
  const person = { objectId: oid, name, signedInAtMs, multifactor: amr.includes("mfa") };
  return { kind: "person", person };
}
