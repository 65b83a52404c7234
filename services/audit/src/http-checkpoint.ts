// Routes of the chain's signed statements: the newest checkpoint, and proofs under it. Every proof is checked here
// before it is given away, and by whoever gets it.

import { createRoute, type OpenAPIHono, z } from "@hono/zod-openapi";
import { CustomerId, Hex256, Timestamp } from "@niivo/contracts/envelope";
import { base64Of, bytesOf, fromHex } from "@niivo/contracts/evidence/bytes";
import { isConsistent, isIncluded } from "@niivo/contracts/evidence/proof";
import { tlogProofText } from "@niivo/contracts/evidence/tlog-proof";
import { type Hash, hashBytes, leafHash } from "@niivo/contracts/evidence/tree";
import { problem } from "@niivo/host/problem";
import type { StoreReader } from "@niivo/host/store";
import type { Context } from "hono";
import {
  type Auditor,
  chainRefusal,
  foreign,
  mayRead,
  noChain,
  noCheckpoint,
  refusals,
} from "./http-parts.ts";
import { type RecordHost, recordAccess, recordedHeader } from "./record.ts";
import type { CheckpointRow } from "./rows.ts";
import { readEntries, readHead } from "./stored-chain.ts";
import { fullNote, readAnchors, readCheckpoint } from "./stored-checkpoints.ts";
import { storedTree } from "./stored-tree.ts";
import type { NoteNames } from "./work.ts";

const seqMax = 1e12 - 1;
const Seq = z.coerce.number().int().min(0).max(seqMax);
const Size = z.coerce.number().int().min(1).max(seqMax);
const noStore = { "cache-control": "no-store" };

const CheckpointBody = z
  .strictObject({
    size: z.int().min(1),
    root: Hex256,
    signedAt: Timestamp,
    /** The signed note, with the cosignatures that came so far. */
    note: z.string(),
    anchors: z.record(
      z.string(),
      z.strictObject({ size: z.int().min(0), outcome: z.string(), at: Timestamp }),
    ),
  })
  .openapi("Checkpoint");

export function addCheckpoint(app: OpenAPIHono, store: StoreReader, auditor: Auditor): void {
  const route = createRoute({
    ...auditor,
    method: "get",
    path: "/v1/customers/{customer}/checkpoint",
    request: {
      params: z.strictObject({ customer: CustomerId }),
      query: z.strictObject({ size: Size.optional() }),
    },
    responses: {
      200: {
        description:
          "The newest signed checkpoint, or the one of this size, and how far anchors got.",
        content: { "application/json": { schema: CheckpointBody } },
      },
      ...refusals,
    },
  });
  app.openapi(route, async (c) => {
    const { customer } = c.req.valid("param");
    const refused = await chainRefusal(c, store, customer);
    if (refused !== undefined) return refused;
    const found = await readCheckpoint(store, customer, c.req.valid("query").size);
    if (found === undefined) return noCheckpoint(c);
    const { size, root, signedAt } = found;
    const note = await fullNote(store, customer, found);
    const anchors = await readAnchors(store, customer);
    return c.json({ size, root, signedAt, note, anchors }, 200, noStore);
  });
}

const KeysBody = z
  .strictObject({
    chain: Hex256,
    /** The name of its checkpoints: their first line. */
    origin: z.string(),
    /** Of the key that signs now: what a witness is told, and what an auditor compares with the vault's. */
    vkey: z.string(),
    /** Of the second signature, for tools that do not know ECDSA. */
    softwareVkey: z.string(),
  })
  .openapi("Keys");

export function addKeys(
  app: OpenAPIHono,
  store: StoreReader,
  notes: () => Promise<NoteNames>,
  auditor: Auditor,
): void {
  const route = createRoute({
    ...auditor,
    method: "get",
    path: "/v1/customers/{customer}/keys",
    request: { params: z.strictObject({ customer: CustomerId }) },
    responses: {
      200: {
        description: "By which keys the chain's checkpoints are signed, as verifier keys.",
        content: { "application/json": { schema: KeysBody } },
      },
      ...refusals,
    },
  });
  app.openapi(route, async (c) => {
    const { customer } = c.req.valid("param");
    if (!mayRead(c.get("caller"), customer)) return foreign(c);
    const head = await readHead(store, customer);
    if (head === undefined) return noChain(c); // L15
    const { chain } = head;
    const { origin, vkey, softwareVkey } = await notes();
    const names = { origin: origin(chain), vkey: vkey(chain), softwareVkey: softwareVkey(chain) };
    return c.json({ chain, ...names }, 200, noStore);
  });
}

const ConsistencyBody = z
  .strictObject({
    from: z.int().min(1),
    size: z.int().min(1),
    root: Hex256,
    /** Base64, in the order of RFC 9162 section 2.1.4.2. */
    hashes: z.array(z.string()),
    /** The signed note of the newer tree. */
    checkpoint: z.string(),
  })
  .openapi("Consistency");

export function addProofs(app: OpenAPIHono, host: RecordHost, auditor: Auditor): void {
  const route = createRoute({
    ...auditor,
    method: "get",
    path: "/v1/customers/{customer}/proofs",
    request: {
      params: z.strictObject({ customer: CustomerId }),
      query: z
        .strictObject({ entry: Seq.optional(), from: Size.optional(), size: Size.optional() })
        .refine(({ entry, from }) => (entry === undefined) !== (from === undefined), {
          message: "either `entry` or `from`",
        }),
    },
    responses: {
      200: {
        description:
          "`entry`: the entry's inclusion under a checkpoint, as C2SP tlog-proof with the entry's bytes as extra data. " +
          "`from`: that the tree of so many entries is how the checkpoint's tree began.",
        content: {
          "text/plain": { schema: z.string() },
          "application/json": { schema: ConsistencyBody },
        },
      },
      ...refusals,
    },
  });
  app.openapi(route, async (c) => {
    const { customer } = c.req.valid("param");
    const { store } = host;
    const refused = await chainRefusal(c, store, customer);
    if (refused !== undefined) return refused;
    const { entry, from, size } = c.req.valid("query");
    const checkpoint = await readCheckpoint(store, customer, size);
    if (checkpoint === undefined) return noCheckpoint(c);
    const asker = { caller: c.get("caller"), customer };
    const recorded = await recordAccess(host, asker, { what: "proofs" }, "wanted"); // L26
    const headers = { ...noStore, ...recordedHeader(recorded) };
    const asked: Asked = { store, customer, checkpoint, headers };
    if (entry !== undefined) return inclusion(c, asked, entry);
    return consistency(c, asked, from ?? 1);
  });
}

interface Asked {
  readonly store: StoreReader;
  readonly customer: string;
  readonly checkpoint: CheckpointRow;
  readonly headers: Readonly<Record<string, string>>;
}

async function inclusion(
  c: Context,
  { store, customer, checkpoint, headers }: Asked,
  index: number,
) {
  const { size, root } = checkpoint;
  const [found] = index < size ? await readEntries(store, customer, { from: index, limit: 1 }) : [];
  if (found === undefined)
    return problem(c, 404, "no-entry", "The checkpoint does not cover such an entry.");
  if (found.isPruned)
    return problem(
      c,
      410,
      "pruned",
      "The entry's bytes were removed at the end of their retention.",
    );
  const extra = bytesOf(found.bytes);
  const hashes = await storedTree(store, customer).inclusion(index, size);
  if (!isIncluded({ size, root: hashOf(root) }, index, leafHash(extra), hashes)) return broken(c);
  const note = await fullNote(store, customer, checkpoint);
  const text = tlogProofText({ index, hashes, checkpoint: note, extra });
  return c.body(text, 200, { ...headers, "content-type": "text/plain; charset=utf-8" });
}

async function consistency(
  c: Context,
  { store, customer, checkpoint, headers }: Asked,
  from: number,
) {
  const { size, root } = checkpoint;
  if (from > size)
    return problem(
      c,
      404,
      "no-tree",
      "The checkpoint's tree is smaller than what it is to continue.",
    );
  const tree = storedTree(store, customer);
  const older = await readCheckpoint(store, customer, from);
  const hashes = await tree.consistency(from, size);
  const newer = { size, root: hashOf(root) };
  // Where no checkpoint of that size was signed, only the caller knows the older root.
  if (older !== undefined && !isConsistent({ size: from, root: hashOf(older.root) }, newer, hashes))
    return broken(c);
  const note = await fullNote(store, customer, checkpoint);
  const body = { from, size, root, hashes: hashes.map(base64Of), checkpoint: note };
  return c.json(body, 200, headers);
}

const hashOf = (hex: string): Hash => fromHex(hex, hashBytes) ?? bytesOf("");

const broken = (c: Context) =>
  problem(c, 409, "proof-fails", "What is stored does not prove it: verify the chain.");
