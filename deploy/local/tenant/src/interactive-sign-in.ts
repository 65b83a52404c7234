// The interactive half of Entra: the authorization endpoint, with a page to pick a person in place of a
// password, and the codes that the token endpoint takes for an ID token.
// https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
//
// Invariants:
//   I1. Only a registered redirect address gets a code; until the client and the address are known, an
//       error is a page and never a redirect.
//   I2. A code is good once, for ten minutes, for the client, address, tenant and PKCE verifier it was asked with.
//   I3. A disabled person is not signed in.
//
// Not emulated: passwords, consent, single sign-on, response modes other than query, Conditional Access. The
// page lets a test choose how old the sign-in is and whether it had a second factor.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import { html } from "hono/html";
import { z } from "zod";
import { graphAudience, issuerOf, pairwise, signAsEntra } from "./access-tokens.ts";
import { Refusal } from "./refusal.ts";
import { platform } from "./seed.ts";
import type { World } from "./world.ts";

const codeMs = 10 * 60 * 1000;
const codeBytes = 32;
const tokenSeconds = 3_600;
const daySeconds = 24 * 60 * 60;
const Text = z.string().min(1).max(1_000);

/** The multi-tenant applications that people sign in to, by client id, with their redirect addresses. */
const signInClients: ReadonlyMap<string, string> = new Map([
  [platform.applications.secretLinks.clientId, "/sign-in/callback"],
]);

const Request = z.object({
  client_id: Text,
  response_type: z.literal("code"),
  redirect_uri: z.url().max(1_000),
  response_mode: z.literal("query").default("query"),
  scope: Text.refine((scope) => scope.split(" ").includes("openid"), "openid is missing"),
  state: Text,
  nonce: Text,
  code_challenge: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  code_challenge_method: z.literal("S256"),
  prompt: z.enum(["login", "select_account"]).optional(),
});
type Request = z.infer<typeof Request>;

const Choice = z.object({
  /** User principal name. */
  person: z.string().min(1).max(320),
  mfa: z.enum(["yes", "no"]).default("yes"),
  auth_age_seconds: z.coerce.number().int().min(0).max(daySeconds).default(0),
});

interface Code {
  readonly tenantId: string;
  readonly request: Request;
  readonly choice: z.infer<typeof Choice>;
  readonly issuedAtMs: number;
}

const CodeRedemption = z.object({
  client_id: Text,
  code: Text,
  redirect_uri: Text,
  code_verifier: z.string().min(43).max(128),
});

const invalidGrant = (number: string, message: string) =>
  new Refusal(400, "invalid_grant", message, { detail: number });

export type InteractiveSignIn = ReturnType<typeof interactiveSignIn>;

/** @param tenantOf the known tenant of a path, or a Refusal. */
export function interactiveSignIn(world: World, tenantOf: (id: string) => string) {
  const codes = new Map<string, Code>();
  const routes = new Hono();
  routes.get("/:tenant/oauth2/v2.0/authorize", (c) => {
    const tenantId = tenantOf(c.req.param("tenant"));
    const request = checked(c.req.query());
    const people = world.directory.users().filter((user) => user.tenantId === tenantId);
    return c.html(picker(request, people));
  });
  // The emulator's own step: what Entra's page sends has another form.
  routes.post("/:tenant/oauth2/v2.0/authorize", async (c) => {
    const tenantId = tenantOf(c.req.param("tenant"));
    const form = await c.req.parseBody();
    const request = checked(form);
    const choice = Choice.safeParse(form);
    if (!choice.success) throw new Refusal(400, "invalid_request", "Pick a person.");
    const user = world.directory.user(tenantId, choice.data.person);
    if (user === undefined)
      throw invalidGrant("50034", "The user account does not exist in the directory.");
    if (!user.accountEnabled) throw invalidGrant("50057", "The user account is disabled."); // I3
    const code = randomBytes(codeBytes).toString("base64url");
    world.ledger("authorization-code", code);
    codes.set(code, { tenantId, request, choice: choice.data, issuedAtMs: Date.now() });
    const back = new URL(request.redirect_uri);
    back.searchParams.set("code", code);
    back.searchParams.set("state", request.state);
    return c.redirect(back.href, 302);
  });

  /** I2. The client has proved who it is. */
  const redeem = async (tenantId: string, form: unknown) => {
    const parsed = CodeRedemption.safeParse(form);
    if (!parsed.success) {
      const message = "The request body must contain code, redirect_uri and code_verifier.";
      throw new Refusal(400, "invalid_request", message, { detail: "900144" });
    }
    const { client_id, code, redirect_uri, code_verifier } = parsed.data;
    const kept = codes.get(code);
    codes.delete(code);
    if (kept === undefined || kept.tenantId !== tenantId)
      throw invalidGrant("54005", "The code was already redeemed, or was never issued here.");
    if (Date.now() - kept.issuedAtMs > codeMs)
      throw invalidGrant("70008", "The provided authorization code is expired.");
    if (kept.request.client_id !== client_id || kept.request.redirect_uri !== redirect_uri)
      throw invalidGrant("500112", "The reply address does not match that of the authorization.");
    const challenge = createHash("sha256").update(code_verifier).digest("base64url");
    if (!timingSafeEqual(Buffer.from(challenge), Buffer.from(kept.request.code_challenge)))
      throw invalidGrant("501481", "The Code_Verifier does not match the code_challenge.");
    return await tokensOf(world, kept);
  };
  return { routes, redeem };
}

/** I1. */
function checked(parameters: unknown): Request {
  const parsed = Request.safeParse(parameters);
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => path.join(".")).join(", ");
    const message = `The request is missing or has wrong parameters: ${names}.`;
    throw new Refusal(400, "invalid_request", message, { detail: "900144" });
  }
  const { client_id, redirect_uri } = parsed.data;
  const path = signInClients.get(client_id);
  if (path === undefined) {
    const message = `Application with identifier '${client_id}' was not found in the directory.`;
    throw new Refusal(400, "unauthorized_client", message, { detail: "700016" });
  }
  // As Entra does for localhost, the port counts for nothing:
  // https://learn.microsoft.com/entra/identity-platform/reply-url#localhost-exceptions
  const { protocol, hostname, pathname, search, hash } = new URL(redirect_uri);
  const isRegistered = `${protocol}//${hostname}${pathname}` === `http://localhost${path}`;
  if (isRegistered && search === "" && hash === "") return parsed.data;
  const message = `The redirect URI '${redirect_uri}' does not match the redirect URIs configured for the application.`;
  throw new Refusal(400, "invalid_request", message, { detail: "50011" });
}

async function tokensOf(world: World, { tenantId, request, choice }: Code) {
  const user = world.directory.user(tenantId, choice.person);
  if (user?.accountEnabled !== true) throw invalidGrant("50057", "The user account is disabled."); // I3
  const { id, displayName, userPrincipalName } = user;
  const who = {
    iss: issuerOf(world, tenantId),
    tid: tenantId,
    oid: id,
    sub: pairwise(id, request.client_id),
    name: displayName,
    preferred_username: userPrincipalName,
    ver: "2.0",
  };
  const idToken = {
    ...who,
    aud: request.client_id,
    nonce: request.nonce,
    auth_time: Math.floor(Date.now() / 1000) - choice.auth_age_seconds,
    amr: choice.mfa === "yes" ? ["pwd", "mfa"] : ["pwd"],
  };
  const access = { ...who, aud: graphAudience, scp: "openid profile", idtyp: "user" };
  return {
    token_type: "Bearer",
    scope: request.scope,
    expires_in: tokenSeconds,
    access_token: await signAsEntra(world, "access-token", access, tokenSeconds),
    id_token: await signAsEntra(world, "id-token", idToken, tokenSeconds),
  };
}

type Users = readonly { userPrincipalName: string; displayName: string; accountEnabled: boolean }[];

const picker = (request: Request, users: Users) => html`<!doctype html>
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>Emulated sign-in</title>
      <style>
        :root { color-scheme: light dark; }
        body { max-width: 32rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; }
        button, select { width: 100%; min-height: 2.75rem; margin: 0.25rem 0; font: inherit; }
      </style>
    </head>
    <body>
      <main>
        <h1>Who are you?</h1>
        <p>This is an emulator of Microsoft Entra ID. It asks for no password.</p>
        <form method="post">
          ${Object.entries(request).map(
            ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
          )}
          <label for="mfa">Second factor</label>
          <select id="mfa" name="mfa">
            <option value="yes">given</option>
            <option value="no">not given</option>
          </select>
          <label for="age">Signed in</label>
          <select id="age" name="auth_age_seconds">
            <option value="0">now</option>
            <option value="600">ten minutes ago</option>
          </select>
          ${users.map(
            ({ userPrincipalName, displayName, accountEnabled }) =>
              html`<button name="person" value="${userPrincipalName}">
                ${displayName}${accountEnabled ? "" : " (disabled)"}
              </button>`,
          )}
        </form>
      </main>
    </body>
  </html>`;
