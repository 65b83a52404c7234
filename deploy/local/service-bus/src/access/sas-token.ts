// Checks a shared access signature.
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas
//
// Invariants:
//   S1. A token is believed only if its signature is the named key's over `sr` and `se` exactly
//       as they are written in the token, compared in constant time.
//   S2. A token is not believed at or after its expiry.
//   S3. A token is good for its own resource and what lies below it, and for nothing else.

import { createHmac, timingSafeEqual } from "node:crypto";
import { normalPath } from "../address.ts";
import type { Right } from "../entities/descriptions.ts";
import { limits } from "../limits.ts";

/** Who a token speaks for: a key or an identity, and what it may do. */
export interface Holder {
  readonly name: string;
  /**
   * Whether it has a right on a queue or topic (its name) or on `topic/subscription`; lower case.
   * The empty path is the whole namespace.
   */
  may(right: Right, path: string): boolean;
}

/** A key. The secret is a function so that it is not printed with the rest. */
export interface SasKey extends Holder {
  readonly secret: () => string;
}

/** The keys that may have signed a token of this key name for this path (lower case). */
export type KeysFor = (name: string, path: string) => readonly SasKey[];

/** A verified token: until `expiresAt` (ms since 1970) it opens `path` and what lies below it. */
export interface Claim {
  readonly holder: Holder;
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
  keysFor: KeysFor,
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
  if (resource === undefined || expiry === undefined || signature === undefined) {
    return refused("the token is incomplete");
  }
  const granted = pathOf(decoded(resource));
  const asked = pathOf(audience);
  const keys = keysFor(decoded(fields.get("skn")) ?? "", asked ?? "");
  const holder = signerOf(keys, `${resource}\n${expiry}`, signature);
  if (holder === undefined) return refused("the signature does not verify"); // S1
  const expiresAt = Number(expiry) * 1000;
  if (!(expiresAt > now)) return refused("the token has expired"); // S2; NaN is refused as well.
  if (granted === undefined || asked === undefined || !isWithin(asked, granted)) {
    return refused("the token is for another resource"); // S3
  }
  return { kind: "accepted", claim: { holder, path: asked, expiresAt } };
}

/** Whether `path` is `scope` or lies below it. */
export function isWithin(path: string, scope: string): boolean {
  return scope === "" || path === scope || path.startsWith(`${scope}/`);
}

// An unknown key name costs the same work as a known one and never verifies.
function signerOf(keys: readonly SasKey[], text: string, signature: string): SasKey | undefined {
  const presented = Buffer.from(signature, "base64");
  const isSignedWith = (secret: string) => {
    const expected = createHmac("sha256", secret).update(text, "utf8").digest();
    return presented.length === expected.length && timingSafeEqual(expected, presented);
  };
  if (keys.length === 0) isSignedWith("no such key");
  return keys.find((key) => isSignedWith(key.secret()));
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

// The port is not compared: a client may reach the bus through a forwarded one. The administration
// client signs for forwarding with a host alone.
function pathOf(resource = ""): string | undefined {
  const url = URL.parse(resource.includes("://") ? resource : `sb://${resource}`);
  if (url === null || !LOOPBACK_HOSTS.has(url.hostname)) return undefined;
  try {
    return normalPath(decodeURIComponent(url.pathname));
  } catch {
    return undefined;
  }
}

const refused = (reason: string): Verdict => ({ kind: "refused", reason });
