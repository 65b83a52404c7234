// One authorized call to Graph: who calls, in which tenant, with which permissions.
//
// Invariants:
//   M1. The tenant is the token's. Nothing in a path or a body can name another.
//   M2. Every route names the permissions of which the token must carry one; none is a refusal.

import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { graphAudience, type TokenClaims, verifyAccessToken } from "./access-tokens.ts";
import type { User } from "./directory.ts";
import { recordEffect } from "./effects.ts";
import { Refusal } from "./refusal.ts";
import type { World } from "./world.ts";

export interface GraphEnv {
  Variables: { claims: TokenClaims; tenant: string };
}
export type GraphContext = Context<GraphEnv>;

/** Refuses a call without a good token for Graph, and puts the token's claims on the context. */
export const authenticated = (world: World) =>
  createMiddleware<GraphEnv>(async (c, next) => {
    const authorization = c.req.header("authorization");
    const verdict = await verifyAccessToken(world, authorization, graphAudience);
    if (verdict.kind === "refused") {
      throw new Refusal(401, "InvalidAuthenticationToken", verdict.reason);
    }
    c.set("claims", verdict.claims);
    c.set("tenant", verdict.claims.tid); // M1
    await next();
  });

/** M2. Refuses unless the token carries at least one of these application permissions. */
export function requirePermission(c: GraphContext, ...oneOf: readonly string[]): void {
  if (!holds(c, ...oneOf)) throw denied();
}

export const holds = (c: GraphContext, ...oneOf: readonly string[]): boolean =>
  oneOf.some((permission) => c.get("claims").roles.includes(permission));

export const denied = (): Refusal =>
  new Refusal(
    403,
    "Authorization_RequestDenied",
    "Insufficient privileges to complete the operation.",
  );

export const notFound = (id: string): Refusal =>
  new Refusal(
    404,
    "Request_ResourceNotFound",
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

export const badRequest = (message: string): Refusal =>
  new Refusal(400, "Request_BadRequest", message);

/** The person that the path names, of the token's tenant. */
export function userInPath(world: World, c: GraphContext): User {
  const id = c.req.param("user") ?? "";
  const user = world.directory.user(c.get("tenant"), id);
  if (user === undefined) throw notFound(id);
  return user;
}

/** Makes a change and its record together. */
export function change(world: World, c: GraphContext, work: () => void): void {
  world.database.transaction(() => {
    work();
    recordEffect(world.database, {
      tenant: c.get("tenant"),
      app: c.get("claims").app_displayname,
      method: c.req.method,
      path: c.req.path.replace(/^\/graph/, ""),
      clientRequestId: c.req.header("client-request-id"),
    });
  });
}

/** A JSON body of at most the server's size; null when it is not JSON. */
export async function jsonBody(c: GraphContext): Promise<unknown> {
  try {
    return await c.req.json();
  } catch {
    return null; // Every body schema refuses it, in the words of its route.
  }
}

/** The outermost object of an answer. */
export const context = (shape: Record<string, unknown>) => ({
  "@odata.context": "https://graph.microsoft.com/v1.0/$metadata",
  ...shape,
});
