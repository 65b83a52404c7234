// How a client proves who it is at the token endpoint: a secret, a federated token, or, for an
// agent identity, the exchange token that its blueprint obtained for it.
//
// Invariants:
//   E1. A disabled application gets nothing; nor does a child of a disabled blueprint.
//   E2. An agent identity is reached only through its own parent, in its own tenant.
//   E3. A service proves itself only by a token of the workload issuer whose subject is its name.
// Error numbers: https://learn.microsoft.com/entra/identity-platform/reference-error-codes and
// facts of the agent flow in
// https://learn.microsoft.com/entra/agent-id/agent-autonomous-app-oauth-flow.

import { timingSafeEqual } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import { z } from "zod";
import { issuerOf, signAsEntra } from "./access-tokens.ts";
import type { RegisteredApplication } from "./applications.ts";
import { exchangeAudience, workloadIssuer } from "./federation.ts";
import { secretDigest } from "./planting.ts";
import { Refusal } from "./refusal.ts";
import type { SigningKey } from "./signing-keys.ts";
import type { World } from "./world.ts";

/** "AAD Token Exchange Endpoint: Public", the audience of an exchange token. */
const exchangeResourceId = "fb60f99c-7a34-4190-8149-302f77469936";
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const exchangeTokenSeconds = 3_600;

export interface Credentials {
  readonly client_secret?: string | undefined;
  readonly client_assertion?: string | undefined;
  readonly client_assertion_type?: string | undefined;
}

const invalidClient = (number: string, message: string, cause?: unknown) =>
  new Refusal(401, "invalid_client", message, { detail: number, cause });

const noMatch = (number: string, part: string, value: string) =>
  invalidClient(
    number,
    `No matching federated identity record found for presented assertion ${part} '${value}'.`,
  );

/** Returns when the client is who it says and may have tokens; throws a Refusal otherwise. */
export async function authenticate(
  world: World,
  app: RegisteredApplication,
  credentials: Credentials,
): Promise<void> {
  const { client_secret, client_assertion, client_assertion_type } = credentials;
  if (client_assertion !== undefined) {
    if (client_assertion_type !== assertionType) {
      const message = `The client_assertion_type must be '${assertionType}'.`;
      throw new Refusal(400, "invalid_request", message, { detail: "50027" });
    }
    await checkAssertion(world, app, client_assertion);
  } else if (client_secret !== undefined) {
    checkSecret(app, client_secret);
  } else {
    throw invalidClient(
      "7000216",
      "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
    );
  }
  refuseDisabled(app); // E1
}

function checkSecret(app: RegisteredApplication, secret: string): void {
  const given = Buffer.from(secretDigest(secret));
  const known = Buffer.from(app.secretDigest ?? secretDigest(""));
  // An application without a secret (an agent, a service) compares with a digest that no
  // request can have, because an empty secret is refused by the form's schema.
  if (timingSafeEqual(given, known)) return;
  throw invalidClient(
    "7000215",
    `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value for a secret added to app '${app.clientId}'.`,
  );
}

function refuseDisabled(app: RegisteredApplication): void {
  if (app.enabled) return;
  const message = `Application '${app.clientId}'(${app.name}) is disabled.`;
  throw new Refusal(401, "unauthorized_client", message, { detail: "7000112" });
}

async function checkAssertion(world: World, app: RegisteredApplication, assertion: string) {
  const kid = keyIdOf(assertion);
  const { entra, workload } = world.keys;
  if (app.kind === "agent" && kid === entra.kid) return await checkParent(world, app, assertion);
  if (app.kind === "service" && kid === workload.kid) {
    return await checkWorkload(world, app, assertion);
  }
  throw noMatch("700211", "issuer", issuerIn(assertion));
}

// E3.
async function checkWorkload(world: World, app: RegisteredApplication, assertion: string) {
  const { iss, sub, aud } = await verified(assertion, world.keys.workload);
  if (iss !== workloadIssuer(world)) throw noMatch("700211", "issuer", iss);
  if (aud !== exchangeAudience) throw noMatch("700212", "audience", aud);
  if (sub !== app.name) throw noMatch("700213", "subject", sub);
}

/** Subject of an exchange token: it names the tenant, the blueprint and the one child. */
const exchangeSubject = (tenantId: string, blueprint: string, child: string): string =>
  `/eid1/c/pub/t/${encoded(tenantId)}/a/${encoded(blueprint)}/${child}`;
const encoded = (id: string): string =>
  Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url");

/** Step 1 of the agent flow: what a blueprint obtains for one child. Useless at any resource. */
export async function issueExchangeToken(
  world: World,
  blueprint: RegisteredApplication,
  fmiPath: string,
): Promise<string> {
  const { tenantId, clientId, objectId } = blueprint;
  const claims = {
    iss: issuerOf(world, tenantId),
    aud: exchangeResourceId,
    tid: tenantId,
    oid: objectId,
    sub: exchangeSubject(tenantId, clientId, fmiPath.toLowerCase()),
    azp: clientId,
    idtyp: "app",
    ver: "2.0",
  };
  return await signAsEntra(world, "exchange-token", claims, exchangeTokenSeconds);
}

// E2. Step 2: the child presents what its parent obtained.
async function checkParent(world: World, agent: RegisteredApplication, assertion: string) {
  const { iss, sub, aud } = await verified(assertion, world.keys.entra);
  if (iss !== issuerOf(world, agent.tenantId)) throw noMatch("700211", "issuer", iss);
  if (aud !== exchangeResourceId) throw noMatch("700212", "audience", aud);
  const parent = agent.blueprint ?? "";
  if (sub !== exchangeSubject(agent.tenantId, parent, agent.clientId))
    throw noMatch("700213", "subject", sub);
  const blueprint = world.applications.byClientId(agent.tenantId, parent);
  if (blueprint === undefined) throw invalidClient("700016", "The agent blueprint was not found.");
  refuseDisabled(blueprint); // E1
}

const Assertion = z.object({ iss: z.string(), sub: z.string(), aud: z.string() });

async function verified(assertion: string, key: SigningKey): Promise<z.infer<typeof Assertion>> {
  try {
    const options = { algorithms: ["RS256"], requiredClaims: ["exp"] };
    return Assertion.parse((await jwtVerify(assertion, key.publicKey, options)).payload);
  } catch (cause) {
    if (cause instanceof errors.JWTExpired) {
      throw invalidClient("700024", "Client assertion is not within its valid time range.", cause);
    }
    throw invalidClient("700027", "Client assertion failed signature validation.", cause);
  }
}

function keyIdOf(assertion: string): string | undefined {
  try {
    return decodeProtectedHeader(assertion).kid;
  } catch (cause) {
    throw invalidClient("50027", "The client assertion is not a valid JSON Web Token.", cause);
  }
}

function issuerIn(assertion: string): string {
  try {
    return decodeJwt(assertion).iss ?? "";
  } catch {
    return "";
  }
}
