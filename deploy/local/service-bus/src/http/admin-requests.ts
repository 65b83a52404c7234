// HTTP for the administration API: rights, the body, and what becomes of a refusal.
//
// Invariants:
//   H1. Nothing is read or changed without Manage: on the entity, or on the whole namespace for lists.
//   H2. Forwarding needs Manage on the destination too, proved by a token of its own.
//   H3. A body is read only as far as its limit, and only for who may use it.

import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Access } from "../access/access.ts";
import { type Administration, administer } from "../admin/administration.ts";
import { errorDocument } from "../admin/atom.ts";
import { destinationsOf, readDescription } from "../admin/read-description.ts";
import { parseResource, type Resource, scopeOf } from "../admin/resource.ts";
import { EntityError, type EntityErrorCode } from "../entities/entity-error.ts";
import { limits } from "../limits.ts";
import { proveRequest, proveSupplement } from "./credentials.ts";

export interface AdminOptions extends Administration {
  readonly access: Access;
  readonly clock: () => number;
  /** One line for a person. */
  readonly log: (line: string) => void;
}

/** A request that is answered with this status and text. */
class Refused extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const METHODS = new Set(["GET", "PUT", "DELETE"]);

/** Answers one request to the administration API, whatever happens. */
export async function answerAdmin(
  options: AdminOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { status, document } = await handle(options, request);
    send(response, status, document);
  } catch (error) {
    const { status, text } = failureOf(error);
    if (status === 401 || status >= 500) {
      const { remoteAddress, remotePort } = request.socket;
      options.log(`${remoteAddress}:${remotePort}: ${request.method} refused: ${text}`);
    }
    const tracking = `TrackingId:${randomUUID()}, Timestamp:${new Date().toISOString()}`;
    if (status === 401) response.setHeader("www-authenticate", "SharedAccessSignature, Bearer");
    send(response, status, errorDocument(status, `${text} ${tracking}`));
  }
}

async function handle(options: AdminOptions, request: IncomingMessage) {
  const { access, clock } = options;
  const base = baseOf(request);
  const url = new URL(request.url ?? "/", base);
  const path = decoded(url.pathname);
  const resource = path === undefined ? undefined : parseResource(path);
  const method = request.method ?? "";
  if (resource === undefined) throw new EntityError("not-found", "No entity has such an address.");
  if (!isMethod(method)) throw new Refused(405, `${method} is not used here.`);
  const verdict = await proveRequest(access, request, url.href, clock());
  if (verdict.kind === "refused") throw new Refused(401, unauthorized(verdict.reason));
  if (!verdict.claim.holder.may("manage", scopeOf(resource))) {
    throw new Refused(401, unauthorized("Manage claims are required for this operation.")); // H1
  }
  const body = method === "PUT" ? await bodyOf(request) : ""; // H3
  if (method === "PUT") await checkForwarding(options, request, base, resource, body);
  return administer(options, {
    method,
    resource,
    query: url.searchParams,
    isUpdate: isUpdate(request),
    body,
    origin: { base, apiVersion: url.searchParams.get("api-version") ?? "2021-05" },
  });
}

async function checkForwarding(
  { access, clock }: AdminOptions,
  { headers }: IncomingMessage,
  base: string,
  resource: Resource,
  body: string,
): Promise<void> {
  const [forwardTo, deadLettersTo] = destinationsOf(readDescription(resource, body));
  const destinations = [
    [forwardTo, headers["servicebussupplementaryauthorization"]],
    [deadLettersTo, headers["servicebusdlqsupplementaryauthorization"]],
  ] as const;
  for (const [name, header] of destinations) {
    if (name === undefined) continue;
    const verdict = await proveSupplement(access, header, `${base}/${name}`, clock());
    const isAllowed =
      verdict.kind === "accepted" && verdict.claim.holder.may("manage", name.toLowerCase());
    if (!isAllowed) throw new Refused(401, unauthorized(`No right to forward to '${name}'.`)); // H2
  }
}

// The service knows one condition: that the entity exists, whatever its version.
function isUpdate({ headers }: IncomingMessage): boolean {
  const condition = headers["if-match"];
  if (condition === undefined) return false;
  if (condition === "*") return true;
  throw new EntityError("invalid", "If-Match must be *.");
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  request.setEncoding("utf8");
  let text = "";
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > limits.adminBodyCharactersMax) {
      throw new Refused(413, "The body is larger than an entity's description can be.");
    }
  }
  return text;
}

// The address under which the client reached the bus; an odd one is not repeated to it.
function baseOf(request: IncomingMessage): string {
  const { host = "" } = request.headers;
  const scheme = "encrypted" in request.socket ? "https" : "http";
  return `${scheme}://${/^[\w.-]{1,253}(:\d{1,5})?$/.test(host) ? host : "127.0.0.1"}`;
}

function failureOf(error: unknown): { readonly status: number; readonly text: string } {
  if (error instanceof Refused) return { status: error.status, text: error.message };
  if (!(error instanceof EntityError)) {
    // A mistake of this program: its text may hold anything, so only its kind is told.
    const kind = error instanceof Error ? error.name : "error";
    return { status: 500, text: `The request failed here (${kind}).` };
  }
  const [status, subCode] = statuses[error.code];
  return { status, text: `SubCode=${subCode}. ${error.message}` };
}

/** https://learn.microsoft.com/azure/service-bus-messaging/service-bus-resource-manager-exceptions */
const statuses: Readonly<Record<EntityErrorCode, readonly [number, number]>> = {
  "not-found": [404, 40_400],
  "already-exists": [409, 40_900],
  invalid: [400, 40_000],
  "not-allowed": [400, 40_000],
  quota: [403, 40_300],
  disabled: [403, 40_301],
  unavailable: [503, 50_300],
};

const unauthorized = (reason: string) => `SubCode=40100: Unauthorized. ${reason}`;

function isMethod(method: string): method is "GET" | "PUT" | "DELETE" {
  return METHODS.has(method);
}

function decoded(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, status: number, document: string): void {
  const kind = document.includes("<feed ") ? "feed" : "entry";
  const type =
    status >= 300 ? "application/xml" : `application/atom+xml;type=${kind};charset=utf-8`;
  response.writeHead(status, {
    "content-type": document === "" ? "text/plain" : type,
    "content-length": Buffer.byteLength(document),
    "cache-control": "no-store",
    // A body that was not read to its end cannot be followed by another request.
    ...(status === 413 || status === 401 ? { connection: "close" } : {}),
  });
  response.end(document);
}
