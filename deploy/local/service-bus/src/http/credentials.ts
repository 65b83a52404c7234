// Who sends an HTTP request: the Authorization header, as the administration client and Prometheus
// write it.

import type { IncomingMessage } from "node:http";
import type { Access } from "../access/access.ts";
import type { Verdict } from "../access/sas-token.ts";

/** Proves the bearer for `address`, the resource that is asked for. */
export async function proveRequest(
  access: Access,
  request: IncomingMessage,
  address: string,
  now: number,
): Promise<Verdict> {
  return prove(access, request.headers.authorization ?? "", address, now);
}

/**
 * Proves a token of a `ServiceBusSupplementaryAuthorization` header, which must open `address` too.
 * A token of an identity comes there without its scheme.
 */
export async function proveSupplement(
  access: Access,
  header: string | readonly string[] | undefined,
  address: string,
  now: number,
): Promise<Verdict> {
  const text = typeof header === "string" ? header : "";
  return prove(access, isBare(text) ? `Bearer ${text}` : text, address, now);
}

async function prove(
  access: Access,
  header: string,
  address: string,
  now: number,
): Promise<Verdict> {
  if (access.anyone !== undefined) return forever(access.anyone);
  if (header.startsWith("SharedAccessSignature ")) return access.sas(header, address, now);
  if (header.startsWith("Bearer ")) return access.jwt(header.slice(7).trim(), address, now);
  if (header.startsWith("Basic ")) {
    const [name = "", ...rest] = Buffer.from(header.slice(6), "base64").toString("utf8").split(":");
    const holder = access.password(name, rest.join(":"));
    return holder === undefined ? refused("the key's name or secret is wrong") : forever(holder);
  }
  return refused("the request has no token");
}

const isBare = (text: string) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
const refused = (reason: string): Verdict => ({ kind: "refused", reason });
const forever = (holder: Extract<Verdict, { kind: "accepted" }>["claim"]["holder"]): Verdict => ({
  kind: "accepted",
  claim: { holder, path: "", expiresAt: Number.POSITIVE_INFINITY },
});
