// Azure Blob Storage, as far as an anchor of checkpoints needs it: append blobs in one container under a locked
// policy with protected append (https://learn.microsoft.com/rest/api/storageservices/append-block,
// https://learn.microsoft.com/azure/storage/blobs/immutable-policy-configure-container-scope).
//
// Emulated: bearer tokens for storage.azure.com, rights per identity, creating an append blob, appending a block (also
// only at a position), properties, a range of the bytes, refusal of every overwriting and deleting.
// Not emulated: other kinds of blobs, containers and their listing, leases, tiers, snapshots, versions, tags, metadata,
// shared keys and SAS, checksums of a body, the policy itself (when it was locked, for how long), geo-replication,
// an account in another tenant, throttling. A block has at most 2 MiB here, 100 MiB there.
//
// Invariants:
//   A2. Deny by default: an identity may do exactly what `grants` names.
//   A3. What was appended is never changed, whoever asks.

import { type Context, Hono } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { storageAudience, verifyAccessToken } from "./access-tokens.ts";
import { type BlobStore, openBlobStore, type StoredBlob } from "./blob-store.ts";
import { Refusal } from "./refusal.ts";
import { platform } from "./seed.ts";
import type { World } from "./world.ts";

/** The path at which the account answers; real ones have a host of their own. */
export const storageAccount = "niivoanchors";
export const anchorContainer = "checkpoints";

const grants: readonly (keyof typeof platform.applications)[] = ["audit"];
const serviceVersion = "2026-02-06";

export function blobStorage(world: World): Hono {
  const app = new Hono();
  const store = openBlobStore(world.database);
  const blobPath = `/${anchorContainer}/:name{.+}` as const;
  app.use(async (c, next) => {
    await authorize(world, c);
    await next();
    c.header("x-ms-version", serviceVersion);
  });
  app.put(blobPath, async (c) => {
    const name = c.req.param("name");
    const operation = c.req.query("comp");
    if (operation === "appendblock") return appendBlock(c, store, name);
    if (operation !== undefined) throw notEmulated(c);
    if (c.req.header("x-ms-blob-type") !== "AppendBlob")
      throw new Refusal(400, "InvalidHeaderValue", "Only append blobs are emulated.");
    if (!store.create(anchorContainer, name)) {
      if (c.req.header("if-none-match") === "*")
        throw new Refusal(409, "BlobAlreadyExists", "The specified blob already exists.");
      throw immutable(); // A3
    }
    return c.body(null, 201, headersOf(found(store, name)));
  });
  app.get(blobPath, (c) => {
    const name = c.req.param("name");
    const blob = found(store, name);
    if (c.req.method === "HEAD")
      return c.body(null, 200, { ...headersOf(blob), "content-length": String(blob.bytes) });
    return range(c, store, name, blob);
  });
  app.delete(blobPath, (c) => {
    found(store, c.req.param("name"));
    throw immutable(); // A3
  });
  app.all("*", (c) => {
    throw notEmulated(c);
  });
  app.onError(respondAsStorage);
  return app;
}

async function appendBlock(c: Context, store: BlobStore, name: string): Promise<Response> {
  const position = c.req.header("x-ms-blob-condition-appendpos");
  if (position !== undefined && !/^\d{1,15}$/.test(position))
    throw new Refusal(400, "InvalidHeaderValue", "The append position is no number.");
  const content = new Uint8Array(await c.req.arrayBuffer());
  if (content.length === 0)
    throw new Refusal(400, "InvalidHeaderValue", "A block has at least one byte.");
  const at = position === undefined ? undefined : Number(position);
  const appended = store.append(anchorContainer, name, content, at);
  switch (appended.kind) {
    case "missing":
      throw notFound();
    case "elsewhere":
      throw new Refusal(
        412,
        "AppendPositionConditionNotMet",
        "The append position condition specified was not met.",
      );
    case "full":
      throw new Refusal(409, "BlockCountExceedsLimit", "The committed block count is exceeded.");
    case "appended":
      return c.body(null, 201, {
        ...headersOf(found(store, name)),
        "x-ms-blob-append-offset": String(appended.offset),
      });
  }
}

function range(c: Context, store: BlobStore, name: string, blob: StoredBlob): Response {
  const asked = c.req.header("x-ms-range") ?? c.req.header("range");
  const [, first = "0", last = ""] =
    /^bytes=(\d{1,15})-(\d{0,15})$/.exec(asked ?? "bytes=0-") ?? [];
  const from = Number(first);
  const to = Math.min(blob.bytes, last === "" ? blob.bytes : Number(last) + 1);
  if (asked !== undefined && from >= to)
    throw new Refusal(416, "InvalidRange", "The range specified is invalid for this blob.");
  const content = new Uint8Array(store.read(anchorContainer, name, from, to));
  if (asked === undefined) return c.body(content, 200, headersOf(blob));
  const contentRange = `bytes ${from}-${to - 1}/${blob.bytes}`;
  return c.body(content, 206, { ...headersOf(blob), "content-range": contentRange });
}

// A2. Authenticates and authorizes, before anything is looked up.
async function authorize(world: World, c: Context): Promise<void> {
  const authorization = c.req.header("authorization");
  const verdict = await verifyAccessToken(world, authorization, storageAudience);
  if (verdict.kind === "refused") {
    const authority = `${world.addresses.authorityHost}/${platform.tenantId}/oauth2/authorize`;
    const challenge = `Bearer authorization_uri=${authority} resource_id=${storageAudience}`;
    throw new Refusal(401, "InvalidAuthenticationInfo", verdict.reason, {
      headers: { "WWW-Authenticate": challenge },
    });
  }
  const { tid, oid } = verdict.claims;
  const isGranted = grants.some((one) => platform.applications[one].objectId === oid);
  if (tid === platform.tenantId && isGranted) return;
  const message = "This request is not authorized to perform this operation using this permission.";
  throw new Refusal(403, "AuthorizationPermissionMismatch", message);
}

function found(store: BlobStore, name: string): StoredBlob {
  const blob = store.find(anchorContainer, name);
  if (blob === undefined) throw notFound();
  return blob;
}

const headersOf = ({ blocks, changedAt }: StoredBlob): Record<string, string> => ({
  etag: `"0x${blocks.toString(16).padStart(16, "0")}"`,
  "last-modified": new Date(changedAt).toUTCString(),
  "x-ms-blob-type": "AppendBlob",
  "x-ms-blob-committed-block-count": String(blocks),
  "accept-ranges": "bytes",
  "content-type": "application/octet-stream",
});

const notFound = (): Refusal =>
  new Refusal(404, "BlobNotFound", "The specified blob does not exist.");
const immutable = (): Refusal =>
  new Refusal(
    409,
    "BlobImmutableDueToPolicy",
    "This operation is not permitted as the blob is immutable due to a policy.",
  );
const notEmulated = (c: Context): Refusal =>
  new Refusal(501, "EmulatorNotEmulated", `${c.req.method} ${c.req.path} is not emulated.`);

function respondAsStorage(error: Error, c: Context): Response {
  if (!(error instanceof Refusal)) throw error;
  for (const [header, value] of Object.entries(error.headers)) c.header(header, value);
  c.header("x-ms-error-code", error.code);
  c.header("x-ms-version", serviceVersion);
  if (c.req.method === "HEAD") return c.body(null, error.status);
  const text = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${error.code}</Code><Message>${escaped(error.message)}</Message></Error>`;
  const status: ContentfulStatusCode = error.status;
  return c.body(text, status, { "content-type": "application/xml" });
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
