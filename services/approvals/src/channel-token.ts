// Did the Bot Connector send this? Strict validation of the token on an incoming activity.
// https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication
//
// Invariants:
//   V1. One issuer, one audience, one algorithm. Tokens of Entra, of the Bot Framework Emulator and of
//       other bots are refused, although Microsoft's SDKs for JavaScript accept some of them.
//   V2. The key that signed is endorsed for the channel the activity names, and that is Teams.
//   V3. The activity's service URL is the one the token was issued for, and one we talk to.
//   V4. What cannot be checked is refused.
//
// The token proves the channel, not the person: that `from` is true is the channel's word (facts of the
// protocol). It signs no activity either, so a stolen token is good for any body until it expires.

import { decodeProtectedHeader, jwtVerify } from "jose";
import { z } from "zod";
import { type ChannelKeys, channelIssuer } from "./channel-keys.ts";

/** The only channel this bot serves. */
const channelId = "msteams";
/** Microsoft's advice. */
const clockSkewSeconds = 5 * 60;
const tokenCharactersMax = 8 * 1024;

export interface ChannelTokenOptions {
  /** The bot's application id. */
  readonly appId: string;
  readonly keys: ChannelKeys;
  /** Service URLs we talk to; each allows itself and what is under it. */
  readonly serviceUrls: readonly string[];
  readonly now: () => Date;
}

type TokenVerdict =
  | {
      readonly kind: "valid";
      readonly serviceUrl: string;
      readonly endorsements: readonly string[];
    }
  | { readonly kind: "invalid"; readonly code: "token-missing" | "token-invalid" }
  /** The keys cannot be read now. */
  | { readonly kind: "unavailable" };

const Claims = z.object({ aud: z.string(), serviceurl: z.string().min(1).max(500) });

export interface ChannelTokens {
  /** Checks the value of the header `authorization`. Never throws. */
  readonly verify: (authorization: string | undefined) => Promise<TokenVerdict>;
  /** Whether a valid token is for this activity (V2, V3). */
  readonly isFor: (
    token: Extract<TokenVerdict, { kind: "valid" }>,
    activity: { readonly channelId: string; readonly serviceUrl: string },
  ) => boolean;
}

export function channelTokens({
  appId,
  keys,
  serviceUrls,
  now,
}: ChannelTokenOptions): ChannelTokens {
  const verify = async (token: string): Promise<TokenVerdict> => {
    const { alg, kid } = decodeProtectedHeader(token);
    if (alg !== "RS256" || kid === undefined) return invalid;
    const key = await lookUp(keys, kid);
    if (key === "unavailable") return { kind: "unavailable" };
    if (key === undefined) return invalid;
    const { payload } = await jwtVerify(token, key.publicKey, {
      algorithms: ["RS256"], // V1
      issuer: channelIssuer, // V1
      audience: appId, // V1
      clockTolerance: clockSkewSeconds,
      requiredClaims: ["exp", "nbf"],
      currentDate: now(),
    });
    // jose lets one of several audiences suffice; a channel's token has exactly one.
    const claims = Claims.parse(payload);
    return { kind: "valid", serviceUrl: claims.serviceurl, endorsements: key.endorsements };
  };

  return {
    verify: async (authorization) => {
      if (authorization === undefined) return { kind: "invalid", code: "token-missing" };
      const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1];
      if (token === undefined || token.length > tokenCharactersMax) return invalid;
      try {
        return await verify(token);
      } catch {
        return invalid; // V4
      }
    },
    isFor: (token, activity) =>
      activity.channelId === channelId &&
      token.endorsements.includes(channelId) && // V2
      token.serviceUrl === activity.serviceUrl &&
      serviceUrls.some((allowed) => isUnder(activity.serviceUrl, allowed)), // V3
  };
}

const invalid = { kind: "invalid", code: "token-invalid" } as const;

async function lookUp(keys: ChannelKeys, keyId: string) {
  try {
    return await keys(keyId);
  } catch {
    return "unavailable"; // V4
  }
}

function isUnder(url: string, allowed: string): boolean {
  if (!URL.canParse(url)) return false;
  const [one, base] = [new URL(url), new URL(allowed)];
  const folder = base.pathname.endsWith("/") ? base.pathname : `${base.pathname}/`;
  return one.origin === base.origin && `${one.pathname}/`.startsWith(folder);
}
