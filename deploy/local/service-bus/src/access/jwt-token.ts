// Checks a token of Microsoft Entra, or of whatever issues tokens in its place here.
// https://learn.microsoft.com/azure/service-bus-messaging/authenticate-application
//
// Invariants:
//   J1. A token is believed only if it is signed by a key of the configured key set, with an
//       asymmetric algorithm, by a configured issuer and for a configured audience.
//   J2. A token without an expiry, or past it, is not believed. No clock difference is forgiven.
//   J3. An identity has exactly the rights that the configuration gives its roles and its id;
//       an identity with none is refused.

import { readFileSync } from "node:fs";
import { createLocalJWKSet, createRemoteJWKSet, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";
import { normalPath } from "../address.ts";
import { ConfigError } from "../config.ts";
import { limits } from "../limits.ts";
import type { IdentityConfig } from "./identity-config.ts";
import { mayWith } from "./rights.ts";
import type { Verdict } from "./sas-token.ts";

const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"];
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });
const Identity = z.object({
  exp: z.number(),
  oid: z.string().optional(),
  sub: z.string().optional(),
  roles: z.array(z.string()).optional(),
});

/** Checks `token` for `audience`, the resource a client asks for. Its promise never rejects. */
export type VerifyJwt = (token: string, audience: string, now: number) => Promise<Verdict>;

/** Throws `ConfigError` when the key file is none. Keys behind an address are fetched when needed. */
export function createJwtVerifier(config: IdentityConfig): VerifyJwt {
  const keys =
    config.jwksFile === undefined
      ? createRemoteJWKSet(new URL(config.jwksUrl ?? ""), { timeoutDuration: limits.jwksFetchMs })
      : createLocalJWKSet(readKeySet(config.jwksFile));
  return async (token, audience, now) => {
    if (token.length > limits.tokenCharactersMax) return refused("the token is too long");
    const path = pathOf(audience);
    if (path === undefined) return refused("the resource is not an address");
    let payload: JWTPayload;
    try {
      const verified = await jwtVerify(token, keys, {
        issuer: config.issuers, // J1
        audience: config.audiences, // J1
        algorithms, // J1
        currentDate: new Date(now), // J2
        requiredClaims: ["exp"], // J2
      });
      payload = verified.payload;
    } catch (error) {
      return refused(reasonOf(error));
    }
    const identity = Identity.safeParse(payload);
    if (!identity.success) return refused("the token's claims are not understood");
    const holder = holderOf(config, identity.data);
    if (holder === undefined) return refused("the identity has no rights here"); // J3
    return { kind: "accepted", claim: { holder, path, expiresAt: identity.data.exp * 1_000 } };
  };
}

function holderOf({ grants }: IdentityConfig, identity: z.output<typeof Identity>) {
  const { oid, sub, roles = [] } = identity;
  const own = grants.filter(({ role, principal }) =>
    role === undefined ? principal === (oid ?? sub) : roles.includes(role),
  );
  if (own.length === 0) return undefined;
  const all = own.map((grant) => mayWith(grant));
  return {
    name: oid ?? sub ?? roles.join("+"),
    may: (...wish: Parameters<(typeof all)[number]>) => all.some((may) => may(...wish)),
  };
}

// What the library says about a token names claims and codes, never the token or a key.
function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  switch (code) {
    case "ERR_JWT_EXPIRED":
      return "the token has expired";
    case "ERR_JWT_CLAIM_VALIDATION_FAILED":
      return error instanceof Error ? `the token is not for this bus: ${error.message}` : code;
    case "ERR_JWKS_TIMEOUT":
      return "the issuer's keys cannot be fetched";
    default:
      return "the token's signature does not verify";
  }
}

function readKeySet(file: string) {
  try {
    return KeySet.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new ConfigError(`identity.jwksFile: ${file} is not a readable JSON Web Key Set`, {
      cause,
    });
  }
}

// The host is not compared: behind a custom endpoint address the SDK names the one of the cloud.
function pathOf(audience: string): string | undefined {
  const url = URL.parse(audience.includes("://") ? audience : `sb://${audience}`);
  try {
    return url === null ? undefined : normalPath(decodeURIComponent(url.pathname));
  } catch {
    return undefined;
  }
}

const refused = (reason: string): Verdict => ({ kind: "refused", reason });
