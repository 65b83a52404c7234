// Entra ID: metadata, keys and the token endpoint of three tenants, for the client credentials
// grant (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow) and, for
// people at a browser, the authorization code (`interactive-sign-in.ts`).
//
// Not emulated: device code, refresh, on behalf of, Conditional Access.

import { randomUUID } from "node:crypto";
import { type Context, Hono } from "hono";
import { z } from "zod";
import {
  accessTokenSeconds,
  botAudience,
  graphAudience,
  issueApplicationToken,
  issuerOf,
  storageAudience,
  vaultAudience,
} from "./access-tokens.ts";
import type { RegisteredApplication } from "./applications.ts";
import { authenticate, issueExchangeToken } from "./client-authentication.ts";
import { exchangeAudience, workloadIssuer } from "./federation.ts";
import { interactiveSignIn } from "./interactive-sign-in.ts";
import { Refusal } from "./refusal.ts";
import { apiAudience, platform, tenants } from "./seed.ts";
import type { World } from "./world.ts";

const resources = [graphAudience, vaultAudience, storageAudience, botAudience, apiAudience];
const guid = "[0-9a-fA-F-]{36}";
const Text = z.string().min(1).max(16_384);

const TokenRequest = z.object({
  grant_type: Text,
  client_id: Text,
  scope: Text,
  client_secret: Text.optional(),
  client_assertion: Text.optional(),
  client_assertion_type: Text.optional(),
  fmi_path: Text.optional(),
});
type TokenRequest = z.infer<typeof TokenRequest>;
const CodeRequest = TokenRequest.omit({ scope: true, fmi_path: true });

export function entra(world: World): Hono {
  const app = new Hono();
  const people = interactiveSignIn(world, knownTenant);
  app.route("/", people.routes);
  app.get(`/:tenant{${guid}}/v2.0/.well-known/openid-configuration`, (c) => {
    const tenantId = knownTenant(c.req.param("tenant"));
    const base = `${world.addresses.authorityHost}/${tenantId}`;
    return c.json({
      issuer: issuerOf(world, tenantId),
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"],
      response_types_supported: ["code", "id_token"],
      subject_types_supported: ["pairwise"],
      id_token_signing_alg_values_supported: ["RS256"],
      tenant_region_scope: "EU",
    });
  });
  app.get(`/:tenant{${guid}}/discovery/v2.0/keys`, (c) => {
    const issuer = issuerOf(world, knownTenant(c.req.param("tenant")));
    return c.json({ keys: [{ ...world.keys.entra.jwk, issuer }] });
  });
  app.post(`/:tenant{${guid}}/oauth2/v2.0/token`, async (c) => {
    const tenantId = knownTenant(c.req.param("tenant"));
    const body = await c.req.parseBody();
    c.header("Cache-Control", "no-store, no-cache");
    if (body["grant_type"] === "authorization_code") {
      const form = parseForm(CodeRequest, body);
      // The application lives in its own tenant; the people of every customer may sign in to it.
      await authenticate(world, application(world, platform.tenantId, form.client_id), form);
      return c.json(await people.redeem(tenantId, body));
    }
    return c.json(await answer(world, tenantId, parseForm(TokenRequest, body)));
  });
  app.get("/workload-identity/.well-known/openid-configuration", (c) =>
    c.json({ issuer: workloadIssuer(world), jwks_uri: `${workloadIssuer(world)}/keys` }),
  );
  app.get("/workload-identity/keys", (c) => c.json({ keys: [world.keys.workload.jwk] }));
  app.onError(respondAsEntra);
  return app;
}

function knownTenant(tenantId: string): string {
  const id = tenantId.toLowerCase();
  if (tenants.some((tenant) => tenant.tenantId === id)) return id;
  const message = `Tenant '${id}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`;
  throw new Refusal(400, "invalid_request", message, { detail: "90002" });
}

function parseForm<T>(schema: z.ZodType<T>, body: Record<string, unknown>): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const field = parsed.error.issues[0]?.path.join(".") ?? "";
  const message = `The request body must contain the following parameter: '${field}'.`;
  throw new Refusal(400, "invalid_request", message, { detail: "900144" });
}

async function answer(world: World, tenantId: string, form: TokenRequest) {
  if (form.grant_type === "urn:ietf:params:oauth:grant-type:token-exchange") {
    const message = "Token exchange is not supported for agent identities.";
    throw new Refusal(400, "invalid_grant", message, { detail: "82001" });
  }
  if (form.grant_type !== "client_credentials") {
    const message = `The app requested an unsupported grant type '${form.grant_type}'.`;
    throw new Refusal(400, "unsupported_grant_type", message, { detail: "70003" });
  }
  const app = application(world, tenantId, form.client_id);
  await authenticate(world, app, form);
  const lifetime = { expires_in: accessTokenSeconds, ext_expires_in: accessTokenSeconds };
  return { token_type: "Bearer", ...lifetime, access_token: await issue(world, app, form) };
}

function application(world: World, tenantId: string, clientId: string): RegisteredApplication {
  const app = world.applications.byClientId(tenantId, clientId);
  if (app !== undefined) return app;
  const message = `Application with identifier '${clientId}' was not found in the directory '${tenantId}'.`;
  throw new Refusal(400, "unauthorized_client", message, { detail: "700016" });
}

async function issue(world: World, app: RegisteredApplication, form: TokenRequest) {
  if (!form.scope.endsWith("/.default")) {
    const message = `The provided value for scope ${form.scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.`;
    throw new Refusal(400, "invalid_scope", message, { detail: "1002012" });
  }
  const resource = form.scope.slice(0, -"/.default".length).replace(/\/+$/, "");
  if (resource === exchangeAudience && app.kind === "blueprint") {
    if (form.fmi_path !== undefined) return await issueExchangeToken(world, app, form.fmi_path);
    const message = "The request body must contain the following parameter: 'fmi_path'.";
    throw new Refusal(400, "invalid_request", message, { detail: "900144" });
  }
  if (!resources.includes(resource)) {
    const message = `The resource principal named ${resource} was not found in the tenant. The emulator knows ${resources.join(", ")}.`;
    throw new Refusal(400, "invalid_resource", message, { detail: "500011" });
  }
  return await issueApplicationToken(world, app, resource);
}

function respondAsEntra(error: Error, c: Context): Response {
  if (!(error instanceof Refusal)) throw error;
  const traceId = randomUUID();
  const correlationId = c.req.header("client-request-id") ?? randomUUID();
  const timestamp = `${new Date().toISOString().slice(0, 19).replace("T", " ")}Z`;
  const body = {
    error: error.code,
    error_description: `AADSTS${error.detail}: ${error.message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [Number(error.detail)],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
  };
  return c.json(body, error.status);
}
