// The tokens with which the Bot Connector proves itself to a bot, and their public keys
// (https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication).

import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import { SignJWT } from "jose";
import { z } from "zod";
import { issuerOf, signAsEntra } from "./access-tokens.ts";
import { platform } from "./seed.ts";
import type { World } from "./world.ts";

export const botTokenIssuer = "https://api.botframework.com";
const tokenSeconds = 3_600;

/** Ways in which a test may spoil the token of one activity. */
export const TokenFlaw = z.enum([
  "expired",
  "wrong-audience",
  "wrong-issuer",
  "wrong-key",
  "entra",
  "none",
]);
export type TokenFlaw = z.infer<typeof TokenFlaw>;

/** The token for one activity to the bot, or undefined when the flaw is to send none. */
export async function issueBotToken(
  world: World,
  flaw: TokenFlaw | undefined,
): Promise<string | undefined> {
  const botId = platform.applications.bot.clientId;
  if (flaw === "none") return undefined;
  if (flaw === "entra") {
    // A token that Entra issued to the bot's own application: some SDKs take it for a channel's.
    const { tenantId } = platform;
    const claims = { iss: issuerOf(world, tenantId), aud: botId, azp: botId, tid: tenantId };
    return await signAsEntra(world, "access-token", { ...claims, ver: "2.0" }, tokenSeconds);
  }
  const { kid, privateKey } = world.keys.botFramework;
  const expiresIn = flaw === "expired" ? "-1h" : `${tokenSeconds}s`;
  const token = await new SignJWT({ serviceurl: world.addresses.serviceUrl })
    .setProtectedHeader({ typ: "JWT", alg: "RS256", kid })
    .setIssuer(flaw === "wrong-issuer" ? "https://sts.windows.net/emulated/" : botTokenIssuer)
    .setAudience(flaw === "wrong-audience" ? randomUUID() : botId)
    .setNotBefore(flaw === "expired" ? "-2h" : "0s")
    .setExpirationTime(expiresIn)
    .sign(flaw === "wrong-key" ? world.keys.workload.privateKey : privateKey);
  world.ledger("bot-framework-token", token);
  return token;
}

/** Routes: the OpenID metadata and the keys, each endorsed for Teams. */
export function botMetadata(world: World): Hono {
  const app = new Hono();
  app.get("/v1/.well-known/openidconfiguration", (c) =>
    c.json({
      issuer: botTokenIssuer,
      authorization_endpoint: "https://invalid.botframework.com/",
      jwks_uri: `${world.addresses.http}/botframework/v1/.well-known/keys`,
      id_token_signing_alg_values_supported: ["RS256"],
      token_endpoint_auth_methods_supported: ["private_key_jwt"],
    }),
  );
  app.get("/v1/.well-known/keys", (c) =>
    c.json({ keys: [{ ...world.keys.botFramework.jwk, endorsements: ["msteams"] }] }),
  );
  return app;
}
