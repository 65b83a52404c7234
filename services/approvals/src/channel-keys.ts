// The Bot Connector's public keys, by key id: from its OpenID metadata, kept for a while, and read again
// when a token names a key that is not known. An attacker who invents key ids causes no more than one
// read per cool-down.

import { isLoopback } from "@niivo/host/local";
import { importJWK } from "jose";
import { z } from "zod";

export const channelIssuer = "https://api.botframework.com";

/** Read anew when older than this. */
const keysAgeMs = 60 * 60 * 1000;
/** Where reading fails, what was read before serves until it is this old (Microsoft: 24 hours). */
const keysAgeMaxMs = 24 * 60 * 60 * 1000;
/** Between two reads that an unknown key id caused. */
const coolDownMs = 60 * 1000;
const callMsMax = 5_000;
const answerBytesMax = 256 * 1024;
const keysMax = 100;
const endorsementsMax = 200;

const Metadata = z.object({ issuer: z.literal(channelIssuer), jwks_uri: z.url() });
const Key = z.looseObject({
  kty: z.literal("RSA"),
  kid: z.string().min(1).max(200),
  n: z.string().max(2000),
  e: z.string().max(20),
  endorsements: z.array(z.string().max(200)).max(endorsementsMax).default([]),
});
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(keysMax) });

interface ChannelKey {
  readonly publicKey: Awaited<ReturnType<typeof importJWK>>;
  /** The channels for which this key may speak. */
  readonly endorsements: readonly string[];
}

/** Looks a key up. @throws when the keys could not be read and none that serve are kept. */
export type ChannelKeys = (keyId: string) => Promise<ChannelKey | undefined>;

interface Read {
  readonly keys: ReadonlyMap<string, ChannelKey>;
  readonly atMs: number;
}

export function channelKeys(metadataUrl: string, now: () => Date): ChannelKeys {
  let last: Read | undefined;
  let triedAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<Read> | undefined;

  /** One read at a time, whoever asks. */
  const readOnce = (): Promise<Read> => {
    triedAtMs = now().getTime();
    reading ??= readKeys(metadataUrl)
      .then((keys) => ({ keys, atMs: now().getTime() }))
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };

  const ageMs = (): number =>
    last === undefined ? Number.POSITIVE_INFINITY : now().getTime() - last.atMs;
  const isCool = (): boolean => now().getTime() - triedAtMs >= coolDownMs;

  const refresh = async (): Promise<void> => {
    try {
      last = await readOnce();
    } catch (error) {
      if (ageMs() >= keysAgeMaxMs) throw error;
    }
  };

  return async (keyId) => {
    const isStale = ageMs() >= keysAgeMs && isCool();
    if (isStale || ageMs() >= keysAgeMaxMs) await refresh();
    const known = last?.keys.get(keyId);
    if (known !== undefined || !isCool()) return known;
    await refresh();
    return last?.keys.get(keyId);
  };
}

async function readKeys(metadataUrl: string): Promise<ReadonlyMap<string, ChannelKey>> {
  const { jwks_uri } = Metadata.parse(await readJson(metadataUrl));
  // The keys are as trustworthy as the host that named them: it names its own.
  if (new URL(jwks_uri).origin !== new URL(metadataUrl).origin)
    throw new Error("the metadata names keys of another origin");
  const found = KeySet.parse(await readJson(jwks_uri)).keys.flatMap((one) => {
    const key = Key.safeParse(one);
    return key.success ? [key.data] : [];
  });
  const keys = await Promise.all(
    found.map(async ({ kty, n, e, kid, endorsements }) => {
      const publicKey = await importJWK({ kty, n, e }, "RS256");
      return [kid, { publicKey, endorsements }] as const;
    }),
  );
  return new Map(keys);
}

async function readJson(url: string): Promise<unknown> {
  if (!url.startsWith("https://") && !isLoopback(url)) throw new Error("keys come over https only");
  const response = await fetch(url, {
    headers: { accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(callMsMax),
  });
  if (!response.ok) throw new Error(`the metadata endpoint answered ${response.status}`);
  const text = await response.text();
  if (text.length > answerBytesMax) throw new Error("the metadata endpoint's answer is too large");
  return JSON.parse(text);
}
