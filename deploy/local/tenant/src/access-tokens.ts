// Makes and checks the access tokens that Entra issues: RS256, one hour, claims as in
// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference and, for
// agents, https://learn.microsoft.com/entra/agent-id/agent-token-claims.
//
// Invariants:
//   T1. Every token is in the ledger before anybody holds it.
//   T2. A token is accepted only with our signature, for the asked audience, from the issuer that
//       belongs to its own tenant, inside its lifetime.

import { createHash, randomBytes } from "node:crypto";
import { errors, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import type { RegisteredApplication } from "./applications.ts";
import type { SecretKind } from "./ledger.ts";
import { apiAudience } from "./seed.ts";
import type { World } from "./world.ts";

export const accessTokenSeconds = 3_600;
export const graphAudience = "https://graph.microsoft.com";
export const vaultAudience = "https://vault.azure.net";
export const storageAudience = "https://storage.azure.com";
export const botAudience = "https://api.botframework.com";

/** The facet number that marks an agent identity. */
const agentFacet = "11";
/** Resources whose tokens are of version 1.0: another issuer and `appid` for `azp`. */
const versionOne: readonly string[] = [graphAudience, vaultAudience, storageAudience, botAudience];

export const issuerOf = (world: World, tenantId: string): string =>
  `${world.addresses.authorityHost}/${tenantId}/v2.0`;
const issuerOfVersionOne = (tenantId: string): string => `https://sts.windows.net/${tenantId}/`;

const issuerFor = (world: World, tenantId: string, audience: string): string =>
  versionOne.includes(audience) ? issuerOfVersionOne(tenantId) : issuerOf(world, tenantId);

export const pairwise = (...parts: readonly string[]): string =>
  createHash("sha256").update(parts.join(" ")).digest("base64url");

/** Signs claims as Entra and records the token (T1). Lifetime in seconds; negative is expired. */
export async function signAsEntra(
  world: World,
  kind: SecretKind,
  claims: Readonly<Record<string, unknown>>,
  lifetimeSeconds: number,
): Promise<string> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const issuedAt = lifetimeSeconds > 0 ? nowSeconds : nowSeconds + lifetimeSeconds - 1;
  const { kid, privateKey } = world.keys.entra;
  const unique = { iat: issuedAt, nbf: issuedAt, exp: nowSeconds + lifetimeSeconds };
  const token = await new SignJWT({
    ...claims,
    ...unique,
    uti: randomBytes(16).toString("base64url"),
  })
    .setProtectedHeader({ typ: "JWT", alg: "RS256", kid })
    .sign(privateKey);
  world.ledger(kind, token); // T1
  return token;
}

/** An application's own token for one resource; carries exactly the roles it was granted. */
export async function issueApplicationToken(
  world: World,
  app: RegisteredApplication,
  audience: string,
): Promise<string> {
  const isVersionOne = versionOne.includes(audience);
  const roles = audience === graphAudience ? app.graphRoles : app.apiRoles;
  const hasRoles = audience === graphAudience || audience === apiAudience;
  const claims = {
    iss: issuerFor(world, app.tenantId, audience),
    aud: audience,
    tid: app.tenantId,
    oid: app.objectId,
    sub: app.objectId,
    [isVersionOne ? "appid" : "azp"]: app.clientId,
    app_displayname: app.name,
    idtyp: "app",
    ver: isVersionOne ? "1.0" : "2.0",
    xms_idrel: "7",
    ...(hasRoles && roles.length > 0 ? { roles } : {}),
    ...(app.kind === "agent"
      ? { xms_par_app_azp: app.blueprint, xms_act_fct: agentFacet, xms_sub_fct: agentFacet }
      : {}),
  };
  return await signAsEntra(world, "access-token", claims, accessTokenSeconds);
}

const Claims = z.object({
  tid: z.string(),
  oid: z.string(),
  iss: z.string(),
  appid: z.string().optional(),
  azp: z.string().optional(),
  idtyp: z.string().optional(),
  roles: z.array(z.string()).default([]),
  app_displayname: z.string().default(""),
});
export type TokenClaims = z.infer<typeof Claims>;

export type TokenVerdict =
  | { readonly kind: "accepted"; readonly claims: TokenClaims }
  | { readonly kind: "refused"; readonly reason: string };

/** T2. Checks a bearer token for one of the emulated resources; never throws for a bad token. */
export async function verifyAccessToken(
  world: World,
  authorization: string | undefined,
  audience: string,
): Promise<TokenVerdict> {
  const token = /^Bearer ([\w.-]+)$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) return { kind: "refused", reason: "Access token is empty." };
  try {
    const options = { audience, algorithms: ["RS256"], requiredClaims: ["exp", "tid", "oid"] };
    const { payload } = await jwtVerify(token, world.keys.entra.publicKey, options);
    const claims = Claims.parse(payload);
    if (claims.iss !== issuerFor(world, claims.tid, audience)) {
      return { kind: "refused", reason: "Access token validation failure. Invalid issuer." };
    }
    return { kind: "accepted", claims };
  } catch (error) {
    return { kind: "refused", reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) {
    return "Lifetime validation failed, the token is expired.";
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "aud") {
    return "Access token validation failure. Invalid audience.";
  }
  return "Access token validation failure.";
}
