// Emulator only, no part of Entra: hands out the token that a person's browser would get, without
// a browser. In place of it the real world has interactive sign-in with authorization code.
//
// Invariant: S1. A disabled person gets no token; a token says exactly what was asked for about
// age and second factor, so that tests can present old and weak sign-ins.

import { Hono } from "hono";
import { z } from "zod";
import { issueApplicationToken, issuerOf, pairwise, signAsEntra } from "./access-tokens.ts";
import { Refusal } from "./refusal.ts";
import { apiAudience, customers } from "./seed.ts";
import type { World } from "./world.ts";

const hourSeconds = 3_600;
const yearSeconds = 365 * 24 * hourSeconds;
const Seconds = z.int().min(-yearSeconds).max(yearSeconds);

const PersonSignIn = z.strictObject({
  /** User principal name. */
  person: z.string().min(1).max(320),
  audience: z.string().min(1).max(200).default(apiAudience),
  mfa: z.boolean().default(true),
  /** How long ago the person proved who they are. */
  authAgeSeconds: z.int().min(0).max(yearSeconds).default(0),
  /** Negative makes an expired token. */
  expiresInSeconds: Seconds.refine((seconds) => seconds !== 0).default(hourSeconds),
});
const ApplicationSignIn = z.strictObject({
  customer: z.enum(["contoso", "fabrikam"]),
  /** The customer's own application, which holds `Tickets.Inbound`. */
  application: z.literal("itsm-connector"),
});
const SignIn = z.union([PersonSignIn, ApplicationSignIn]);

/** Routes: `POST /emulator/sign-in`. */
export function signIn(world: World): Hono {
  const app = new Hono();
  app.post("/emulator/sign-in", async (c) => {
    const parsed = SignIn.safeParse(await c.req.json().catch(() => null));
    if (!parsed.success) {
      const message = "Give person, or customer and application; see the README.";
      return c.json({ error: "invalid_request", message, issues: parsed.error.issues }, 400);
    }
    const request = parsed.data;
    try {
      return c.json(
        "person" in request
          ? await signInPerson(world, request)
          : await signInApplication(world, request),
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return c.json({ error: error.code, message: error.message }, error.status);
    }
  });
  return app;
}

async function signInPerson(world: World, request: z.infer<typeof PersonSignIn>) {
  const user = world.directory.userByName(request.person);
  if (user === undefined) {
    throw new Refusal(404, "unknown_person", `There is no person ${request.person}.`);
  }
  if (!user.accountEnabled) {
    throw new Refusal(403, "invalid_grant", "AADSTS50057: The user account is disabled."); // S1
  }
  const { tenantId, id, displayName, userPrincipalName, preferredLanguage } = user;
  const roles = world.directory.apiRolesOf(tenantId, id);
  const claims = {
    iss: issuerOf(world, tenantId),
    aud: request.audience,
    tid: tenantId,
    oid: id,
    sub: pairwise(id, request.audience),
    preferred_username: userPrincipalName,
    name: displayName,
    scp: "Tickets.ReadWrite",
    auth_time: Math.floor(Date.now() / 1000) - request.authAgeSeconds,
    amr: request.mfa ? ["pwd", "mfa"] : ["pwd"],
    idtyp: "user",
    // An optional claim that NIIVO's registration asks for.
    xms_pl: preferredLanguage,
    ver: "2.0",
    ...(roles.length > 0 ? { roles } : {}),
  };
  const token = await signAsEntra(world, "access-token", claims, request.expiresInSeconds);
  const expires_in = request.expiresInSeconds;
  return { token_type: "Bearer", expires_in, access_token: token, emulator: true };
}

async function signInApplication(world: World, request: z.infer<typeof ApplicationSignIn>) {
  const { tenantId } = customers[request.customer];
  const app = world.applications.byName(tenantId, request.application);
  if (app === undefined) throw new Refusal(404, "unknown_application", request.application);
  const token = await issueApplicationToken(world, app, apiAudience);
  return { token_type: "Bearer", expires_in: hourSeconds, access_token: token, emulator: true };
}
