// Azure Key Vault's keys (https://learn.microsoft.com/rest/api/keyvault/keys): EC P-256 ones that sign, RSA ones that
// wrap other keys. A key does one of the two, as its `key_ops` say.
//
// Invariant: V4. No answer holds a private half, and what was unwrapped leaves only in the answer to a permitted unwrap.

import type { Context, Hono } from "hono";
import { z } from "zod";
import type { Ledger } from "./ledger.ts";
import { Refusal } from "./refusal.ts";
import { type Guard, name, parse, version } from "./vault-request.ts";
import type { PublicKey, VaultStore } from "./vault-store.ts";

const Sign = z.object({ alg: z.literal("ES256"), value: z.base64url().length(43) });
/** Of a key of 4096 bits, in base64url. */
const wrappedCharactersMax = 683;
const Wrap = z.object({
  alg: z.literal("RSA-OAEP-256"),
  value: z.base64url().min(1).max(wrappedCharactersMax),
});

interface KeyParts {
  readonly store: VaultStore;
  /** The vault's address, with which identifiers begin. */
  readonly host: string;
  readonly guard: Guard;
  readonly ledger: Ledger;
}

export function addKeys(app: Hono, { store, host, guard, ledger }: KeyParts): void {
  const idOf = (wanted: string, wantedVersion: string) => `${host}/keys/${wanted}/${wantedVersion}`;
  const bundle = (c: Context, wanted: string, found: PublicKey | undefined) => {
    if (found === undefined) throw keyNotFound(wanted);
    const key_ops = found.jwk["kty"] === "EC" ? ["sign", "verify"] : ["wrapKey", "unwrapKey"];
    const times = { created: found.created, updated: found.created };
    const attributes = { enabled: true, ...times, recoveryLevel: "Recoverable+Purgeable" };
    const key = { kid: idOf(wanted, found.version), key_ops, ...found.jwk };
    return c.json({ key, attributes, tags: {} });
  };
  const getKey = async (c: Context, wanted: string, wantedVersion: string) => {
    await guard(c, "KeyGet", wanted);
    return bundle(c, wanted, store.key(wanted, wantedVersion));
  };
  app.get(`/keys/:name{${name}}/:version{${version}}`, (c) =>
    getKey(c, c.req.param("name"), c.req.param("version")),
  );
  app.get(`/keys/:name{${name}}/`, (c) => getKey(c, c.req.param("name"), ""));
  app.get(`/keys/:name{${name}}`, (c) => getKey(c, c.req.param("name"), ""));
  app.post(`/keys/:name{${name}}/rotate`, async (c) => {
    const wanted = c.req.param("name");
    await guard(c, "KeyRotate", wanted);
    return bundle(c, wanted, store.rotateKey(wanted));
  });

  const operation = (verb: "sign" | "wrapkey" | "unwrapkey") =>
    `/keys/:name{${name}}/:version{${version}}/${verb}` as const;
  const answer = (c: Context, result: Buffer | undefined) => {
    const { name: wanted = "", version: wantedVersion = "" } = c.req.param();
    if (result === undefined) throw keyNotFound(wanted);
    return c.json({ kid: idOf(wanted, wantedVersion), value: result.toString("base64url") });
  };
  app.post(operation("sign"), async (c) => {
    const { name: wanted, version: wantedVersion } = c.req.param();
    await guard(c, "KeySign", wanted);
    const { value } = parse(Sign, await c.req.json().catch(() => null));
    return answer(c, store.signDigest(wanted, wantedVersion, Buffer.from(value, "base64url")));
  });
  app.post(operation("wrapkey"), async (c) => {
    const { name: wanted, version: wantedVersion } = c.req.param();
    await guard(c, "KeyWrap", wanted);
    const { value } = parse(Wrap, await c.req.json().catch(() => null));
    ledger("wrapped-key", value);
    return answer(c, store.wrap(wanted, wantedVersion, Buffer.from(value, "base64url")));
  });
  app.post(operation("unwrapkey"), async (c) => {
    const { name: wanted, version: wantedVersion } = c.req.param();
    await guard(c, "KeyUnwrap", wanted);
    const { value } = parse(Wrap, await c.req.json().catch(() => null));
    return answer(c, store.unwrap(wanted, wantedVersion, Buffer.from(value, "base64url")));
  });
}

const keyNotFound = (wanted: string): Refusal =>
  new Refusal(
    404,
    "KeyNotFound",
    `A key with (name/id) ${wanted} was not found in this key vault.`,
  );
