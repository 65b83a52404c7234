// Checks a shared access signature.
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas
//
// Invariants:
//   S1. A token is believed only if its signature is the named key's over `sr` and `se` exactly
//       as they are written in the token, compared in constant time.
//   S2. A token is not believed at or after its expiry.
//   S3. A token is good for its own resource and what lies below it, and for nothing else.

import { createHmac, timingSafeEqual } from "node:crypto";
import { normalPath } from "./address.ts";
import type { Right } from "./entities/descriptions.ts";
import { limits } from "./limits.ts";

/** A key of the configuration. The secret is a function so that it is not printed with the rest. */
export interface SasKey {
  readonly name: string;
  readonly secret: () => string;
  /** Whether it has a right on a queue or topic (its name) or on `topic/subscription`; lower case. */
  may(right: Right, path: string): boolean;
}

/** A verified token: until `expiresAt` (ms since 1970) it opens `path` and what lies below it. */
export interface Claim {
  readonly key: SasKey;
  readonly path: string;
  readonly expiresAt: number;
}

export type Verdict =
  | { readonly kind: "accepted"; readonly claim: Claim }
  | { readonly kind: "refused"; readonly reason: string };

const LOOPBACK_HOSTS = new Set(["127.0.0.1", "localhost"]);
const PREFIX = "SharedAccessSignature ";

/** Checks `token` for `audience`, the resource named in the put-token request. */
export function verifySasToken(
  token: string,
  audience: string,
  keys: ReadonlyMap<string, SasKey>,
  now: number,
): Verdict {
  if (token.length > limits.tokenCharactersMax || !token.startsWith(PREFIX)) {
    return refused("the token is not a shared access signature");
  }
  const fields = new Map<string, string>();
  for (const part of token.slice(PREFIX.length).split("&")) {
    const equals = part.indexOf("=");
    fields.set(part.slice(0, equals), part.slice(equals + 1));
  }
  const resource = fields.get("sr");
  const expiry = fields.get("se");
  const signature = decoded(fields.get("sig"));
  const key = keys.get(decoded(fields.get("skn")) ?? "");
  if (resource === undefined || expiry === undefined || signature === undefined) {
    return refused("the token is incomplete");
  }
  if (!isSignedBy(key, `${resource}\n${expiry}`, signature) || key === undefined) {
    return refused("the signature does not verify"); // S1
  }
  const expiresAt = Number(expiry) * 1000;
  if (!(expiresAt > now)) return refused("the token has expired"); // S2; NaN is refused as well.
  const granted = pathOf(decoded(resource));
  const asked = pathOf(audience);
  if (granted === undefined || asked === undefined || !isWithin(asked, granted)) {
    return refused("the token is for another resource"); // S3
  }
  return { kind: "accepted", claim: { key, path: asked, expiresAt } };
}

/** Whether `path` is `scope` or lies below it. */
export function isWithin(path: string, scope: string): boolean {
  return scope === "" || path === scope || path.startsWith(`${scope}/`);
}

// An unknown key name costs the same work as a known one and never verifies.
function isSignedBy(key: SasKey | undefined, text: string, signature: string): boolean {
  const secret = key?.secret() ?? "";
  const expected = createHmac("sha256", secret).update(text, "utf8").digest();
  const presented = Buffer.from(signature, "base64");
  if (presented.length !== expected.length) return false;
  return timingSafeEqual(expected, presented) && key !== undefined;
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

// The port is not compared: a client may reach the bus through a forwarded one.
function pathOf(resource: string | undefined): string | undefined {
  const url = resource === undefined ? null : URL.parse(resource);
  if (url === null || !LOOPBACK_HOSTS.has(url.hostname)) return undefined;
  try {
    return normalPath(decodeURIComponent(url.pathname));
  } catch {
    return undefined;
  }
}

const refused = (reason: string): Verdict => ({ kind: "refused", reason });
