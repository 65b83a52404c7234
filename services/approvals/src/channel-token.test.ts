// Tokens of every kind against a real metadata endpoint: one is taken, the others are refused.

import { createServer } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { channelKeys } from "./channel-keys.ts";
import { channelTokens } from "./channel-token.ts";

const appId = "99999999-0000-4000-8000-000000000001";
const serviceUrl = "https://smba.trafficmanager.net/emea/";
const activity = { channelId: "msteams", serviceUrl };

const endorsed = await generateKeyPair("RS256");
const unendorsed = await generateKeyPair("RS256");
const foreign = await generateKeyPair("RS256");
const rotated = await generateKeyPair("RS256");

let reads = 0;
let isAway = false;
let keyIds = ["endorsed", "unendorsed"];
const pairs: Record<string, typeof endorsed> = { endorsed, unendorsed, rotated };
const server = createServer(async (request, response) => {
  const { port } = server.address() as { port: number };
  if (isAway) return response.writeHead(500).end();
  if (request.url === "/metadata") {
    reads += 1;
    const issuer = "https://api.botframework.com";
    return response.end(JSON.stringify({ issuer, jwks_uri: `http://127.0.0.1:${port}/keys` }));
  }
  const keys = keyIds.map(async (kid) => ({
    ...(await exportJWK(pairs[kid]!.publicKey)),
    kid,
    endorsements: kid === "unendorsed" ? ["webchat"] : ["msteams", "webchat"],
  }));
  return response.end(JSON.stringify({ keys: await Promise.all(keys) }));
});
let now = new Date();
const clock = () => now;
const validator = () => {
  const { port } = server.address() as { port: number };
  const keys = channelKeys(`http://127.0.0.1:${port}/metadata`, clock);
  return channelTokens({
    appId,
    keys,
    serviceUrls: ["https://smba.trafficmanager.net/emea"],
    now: clock,
  });
};

beforeAll(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done)));
afterAll(() => new Promise((done) => server.close(done)));

interface Spoilt {
  readonly issuer?: string;
  readonly audience?: string | string[];
  readonly serviceurl?: string;
  readonly kid?: string;
  readonly key?: typeof endorsed.privateKey;
  readonly from?: number;
  readonly until?: number;
  readonly more?: Record<string, unknown>;
}

function token(spoilt: Spoilt = {}): Promise<string> {
  const seconds = Math.floor(now.getTime() / 1000);
  return new SignJWT({ serviceurl: spoilt.serviceurl ?? serviceUrl, ...spoilt.more })
    .setProtectedHeader({ typ: "JWT", alg: "RS256", kid: spoilt.kid ?? "endorsed" })
    .setIssuer(spoilt.issuer ?? "https://api.botframework.com")
    .setAudience(spoilt.audience ?? appId)
    .setNotBefore(seconds + (spoilt.from ?? 0))
    .setExpirationTime(seconds + (spoilt.until ?? 3600))
    .sign(spoilt.key ?? endorsed.privateKey);
}
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** What the whole check comes to: for one token and one activity. */
async function checked(authorization: string | undefined, about = activity, tokens = validator()) {
  const verdict = await tokens.verify(authorization);
  if (verdict.kind !== "valid") return verdict.kind;
  return tokens.isFor(verdict, about) ? "accepted" : "not for this activity";
}

describe("a token of the Bot Connector", () => {
  test("is accepted", async () => {
    expect(await checked(`Bearer ${await token()}`)).toBe("accepted");
  });

  test("is accepted within five minutes of clock skew", async () => {
    expect(await checked(`Bearer ${await token({ until: -200 })}`)).toBe("accepted");
    expect(await checked(`Bearer ${await token({ from: 200 })}`)).toBe("accepted");
  });
});

describe("V1: is refused", () => {
  test.each<[string, Spoilt]>([
    ["an expired one", { from: -4000, until: -301 }],
    ["one of the future", { from: 301 }],
    ["one for another bot", { audience: "99999999-0000-4000-8000-000000000002" }],
    ["one for several bots", { audience: [appId, "99999999-0000-4000-8000-000000000002"] }],
    ["one of another issuer", { issuer: "https://api.botframework.us" }],
    ["one whose issuer only begins right", { issuer: "https://api.botframework.com/" }],
    [
      "one of the emulator's issuer",
      { issuer: "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/" },
    ],
    [
      "one of Entra to the bot's own application",
      {
        issuer: "https://login.microsoftonline.com/11111111-0000-4000-8000-000000000000/v2.0",
        more: { azp: appId, tid: "11111111-0000-4000-8000-000000000000", ver: "2.0" },
      },
    ],
    ["one signed by a foreign key under a known id", { key: foreign.privateKey }],
    ["one whose key nobody knows", { kid: "foreign", key: foreign.privateKey }],
  ])("%s", async (_, spoilt) => {
    expect(await checked(`Bearer ${await token(spoilt)}`)).toBe("invalid");
  });

  test("one without an end, or without a service URL", async () => {
    const signed = (claims: Record<string, unknown>) =>
      new SignJWT({ iss: "https://api.botframework.com", aud: appId, nbf: 0, ...claims })
        .setProtectedHeader({ alg: "RS256", kid: "endorsed" })
        .sign(endorsed.privateKey);
    expect(await checked(`Bearer ${await signed({ serviceurl: serviceUrl })}`)).toBe("invalid");
    expect(await checked(`Bearer ${await signed({ exp: 4_000_000_000 })}`)).toBe("invalid");
  });

  test("one signed with HS256 under the public key, and one not signed at all", async () => {
    const payload = {
      iss: "https://api.botframework.com",
      aud: appId,
      serviceurl: serviceUrl,
      nbf: 0,
      exp: 4e9,
    };
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(endorsed.publicKey)));
    const hs256 = await new SignJWT(payload)
      .setProtectedHeader({ alg: "HS256", kid: "endorsed" })
      .sign(secret);
    const none = `${base64({ alg: "none", kid: "endorsed" })}.${base64(payload)}.`;
    expect(await checked(`Bearer ${hs256}`)).toBe("invalid");
    expect(await checked(`Bearer ${none}`)).toBe("invalid");
    expect(await checked(`Bearer ${none}AAAA`)).toBe("invalid");
  });

  test.each([
    [undefined],
    [""],
    ["Bearer"],
    ["Bearer x"],
    ["Basic YTpi"],
    [`Bearer ${"a".repeat(9000)}.a.a`],
  ])("what is no bearer token (%#)", async (authorization) => {
    expect(await checked(authorization)).toBe("invalid");
  });
});

describe("is not taken for an activity", () => {
  test("V2: when the key is not endorsed for Teams", async () => {
    const signed = await token({ kid: "unendorsed", key: unendorsed.privateKey });
    expect(await checked(`Bearer ${signed}`)).toBe("not for this activity");
  });

  test("V2: of another channel, though the key is endorsed for it", async () => {
    const about = { ...activity, channelId: "webchat" };
    expect(await checked(`Bearer ${await token()}`, about)).toBe("not for this activity");
  });

  test.each([
    ["another than the token's", serviceUrl, "https://smba.trafficmanager.net/emea/other/"],
    [
      "a foreign one, claimed by token and activity alike",
      "https://evil.example/",
      "https://evil.example/",
    ],
    [
      "one beside ours",
      "https://smba.trafficmanager.net/emea-evil/",
      "https://smba.trafficmanager.net/emea-evil/",
    ],
    ["no URL", "emea", "emea"],
  ])("V3: whose service URL is %s", async (_, claimed, url) => {
    const about = { ...activity, serviceUrl: url };
    const signed = await token({ serviceurl: claimed });
    expect(await checked(`Bearer ${signed}`, about)).toBe("not for this activity");
  });

  test("V3: but a service URL under ours is ours", async () => {
    const under = `${serviceUrl}11111111-0000-4000-8000-000000000000/`;
    const signed = await token({ serviceurl: under });
    expect(await checked(`Bearer ${signed}`, { ...activity, serviceUrl: under })).toBe("accepted");
  });
});

describe("the keys", () => {
  const signedWith = (kid: string) => token({ kid, key: pairs[kid]!.privateKey });

  test("are read once for many tokens, and again for a new key after the cool-down only", async () => {
    const tokens = validator();
    const before = reads;
    for (const _ of [1, 2, 3])
      await checked(`Bearer ${await signedWith("endorsed")}`, activity, tokens);
    expect(reads).toBe(before + 1);
    keyIds = ["rotated"];
    expect(await checked(`Bearer ${await signedWith("rotated")}`, activity, tokens)).toBe(
      "invalid",
    );
    expect(reads).toBe(before + 1);
    now = new Date(now.getTime() + 60_000);
    expect(await checked(`Bearer ${await signedWith("rotated")}`, activity, tokens)).toBe(
      "accepted",
    );
    expect(reads).toBe(before + 2);
    expect(await checked(`Bearer ${await signedWith("endorsed")}`, activity, tokens)).toBe(
      "invalid",
    );
    keyIds = ["endorsed", "unendorsed"];
  });

  test("V4: serve a day while they cannot be read, and then no longer", async () => {
    const tokens = validator();
    const signed = async () => `Bearer ${await signedWith("endorsed")}`;
    expect(await checked(await signed(), activity, tokens)).toBe("accepted");
    isAway = true;
    now = new Date(now.getTime() + 23 * 3_600_000);
    expect(await checked(await signed(), activity, tokens)).toBe("accepted");
    now = new Date(now.getTime() + 3_600_000);
    expect(await checked(await signed(), activity, tokens)).toBe("unavailable");
    isAway = false;
  });
});
