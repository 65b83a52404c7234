// Who calls: Entra access tokens (version 2.0), validated against the caller's own tenant.
// https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
//
// Invariants:
//   T1. Only the tenants of configured customers are believed, each with its own keys and its own issuer.
//   T2. Audience, expiry and start are checked; a token without one of them is refused.
//   T3. The customer is a function of the token's tenant and of nothing a caller can write (R12).
//   T4. Keys that cannot be fetched are no answer about the token: 503, not 401.

import type { Customer } from "@niivo/contracts/customers";
import { Guid } from "@niivo/contracts/envelope";
import { type Language, languageOf } from "@niivo/contracts/language";
import type { Context, MiddlewareHandler } from "hono";
import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import type { HostEnvironment } from "./env.ts";
import { problem } from "./problem.ts";

export interface Caller {
  readonly customer: Customer;
  readonly objectId: string;
  readonly tenantId: string;
  readonly displayName: string;
  readonly userPrincipalName: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** ISO 8601; where the token says when the person signed in (`auth_time`). */
  readonly signedInAt: string | undefined;
  /** The token's `amr` names a second factor. */
  readonly multifactor: boolean;
  /** A person's delegated token, not an application's own. */
  readonly isPerson: boolean;
  /** Where the token names one of ours (`xms_pl`, the directory's `preferredLanguage`). */
  readonly language: Language | undefined;
}

export interface CallerVariables {
  readonly Variables: { caller: Caller };
}

type TokenEnvironment = Pick<HostEnvironment, "customers" | "entraAuthorityHost" | "entraAudience">;

const clockSkewSeconds = 60;
const tokenLengthMax = 16 * 1024;
const keysTimeoutMs = 5000;

const text = z.string().max(256);
const Claims = z.object({
  oid: Guid,
  tid: Guid,
  nbf: z.number(),
  ver: z.literal("2.0"),
  name: text.optional(),
  preferred_username: text.optional(),
  app_displayname: text.optional(),
  azp: text.optional(),
  idtyp: text.optional(),
  scp: z.string().max(2000).optional(),
  roles: z.array(text).max(100).default([]),
  amr: z.array(text).max(20).default([]),
  auth_time: z.int().positive().optional(),
  // https://learn.microsoft.com/entra/identity-platform/optional-claims-reference
  xms_pl: text.optional().catch(undefined),
});
type Claims = z.infer<typeof Claims>;

type Verdict =
  | { readonly kind: "caller"; readonly caller: Caller }
  | { readonly kind: "refused"; readonly code: string }
  | { readonly kind: "unavailable" };

/**
 * Lets a request through when its bearer token is valid and, if `anyOf` is given, carries one of those app roles or
 * scopes. Answers 401 or 403 otherwise. The caller is `c.var.caller`.
 */
export function requireToken(options: {
  readonly environment: TokenEnvironment;
  readonly anyOf?: readonly string[];
}): MiddlewareHandler<CallerVariables> {
  const { anyOf } = options;
  const verify = tokenVerifier(options.environment);
  return async (c, next) => {
    const [, token = ""] = /^Bearer ([^\s]+)$/i.exec(c.req.header("authorization") ?? "") ?? [];
    const verdict = await verify(token);
    switch (verdict.kind) {
      case "unavailable":
        return problem(c, 503, "keys-unavailable", "The token cannot be checked now.");
      case "refused":
        return unauthorized(c, verdict.code);
      case "caller": {
        const { caller } = verdict;
        const held = [...caller.roles, ...caller.scopes];
        if (anyOf !== undefined && !anyOf.some((right) => held.includes(right)))
          return problem(c, 403, "right-missing", `This needs one of: ${anyOf.join(", ")}.`);
        c.set("caller", caller);
        return next();
      }
    }
  };
}

/** After `requireToken`: the path's `:customer` is the caller's own, or 403 (R12). */
export function requireCustomer(): MiddlewareHandler<CallerVariables> {
  return (c, next) =>
    c.req.param("customer") === c.var.caller.customer.id
      ? next()
      : Promise.resolve(problem(c, 403, "other-customer", "This is not the caller's customer."));
}

function unauthorized(c: Context, code: string): Response {
  const response = problem(c, 401, code, "A valid access token of a known tenant is needed.");
  response.headers.set("www-authenticate", 'Bearer error="invalid_token"');
  return response;
}

function tokenVerifier({ customers, entraAuthorityHost, entraAudience }: TokenEnvironment) {
  const authority = entraAuthorityHost.replace(/\/+$/, "");
  const tenants = new Map(
    customers.map((customer) => {
      const keysUrl = new URL(`${authority}/${customer.tenantId}/discovery/v2.0/keys`);
      const keys = createRemoteJWKSet(keysUrl, { timeoutDuration: keysTimeoutMs });
      return [customer.tenantId, { customer, keys }];
    }),
  );
  return async (token: string): Promise<Verdict> => {
    if (token === "" || token.length > tokenLengthMax) return refused("token-missing");
    const tenantId = tenantOf(token);
    const tenant = tenantId === undefined ? undefined : tenants.get(tenantId); // T1, T3
    if (tenant === undefined) return refused("tenant-unknown");
    try {
      const { payload } = await jwtVerify(token, tenant.keys, {
        issuer: `${authority}/${tenant.customer.tenantId}/v2.0`, // T1
        audience: entraAudience,
        algorithms: ["RS256"],
        clockTolerance: clockSkewSeconds,
        requiredClaims: ["exp", "nbf", "aud"], // T2
      });
      const claims = Claims.safeParse(payload);
      if (!claims.success) return refused("claims-missing");
      return { kind: "caller", caller: callerOf(tenant.customer, claims.data) };
    } catch (error) {
      if (isAboutToken(error)) return refused("token-invalid");
      return { kind: "unavailable" }; // T4
    }
  };
}

const refused = (code: string): Verdict => ({ kind: "refused", code });

/** What the token claims, believed only after it is verified with that tenant's keys. */
function tenantOf(token: string): string | undefined {
  try {
    const claims: JWTPayload = decodeJwt(token);
    return Guid.safeParse(claims["tid"]).data;
  } catch {
    return undefined;
  }
}

/** Everything jose says is about the token, but these two, which are about fetching keys. */
const isAboutToken = (error: unknown): boolean =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout) &&
  !(error instanceof errors.JWKSInvalid) &&
  error.code !== errors.JOSEError.code;

function callerOf(customer: Customer, claims: Claims): Caller {
  const { oid, tid, scp, auth_time: signedIn, azp = oid } = claims;
  const isPerson = scp !== undefined && claims.idtyp !== "app";
  return {
    customer,
    objectId: oid,
    tenantId: tid,
    displayName: claims.name ?? claims.app_displayname ?? azp,
    userPrincipalName: claims.preferred_username ?? azp,
    roles: claims.roles,
    scopes: scp?.split(" ").filter((scope) => scope !== "") ?? [],
    signedInAt: signedIn === undefined ? undefined : new Date(signedIn * 1000).toISOString(),
    multifactor: claims.amr.includes("mfa"),
    isPerson,
    language: languageOf(claims.xms_pl),
  };
}
