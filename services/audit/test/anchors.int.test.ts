// The anchors over real sockets: an append blob by the real SDK against a server that keeps append blobs as Azure does,
// and a witness that follows c2sp.org/tlog-witness. The blob server knows create, append at a position, properties and
// ranges; authentication, leases and immutability policies it does not.

import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AnonymousCredential, ContainerClient } from "@azure/storage-blob";
import { checkpointMs } from "@niivo/contracts/audit";
import { parseAddCheckpoint } from "@niivo/contracts/evidence/add-checkpoint";
import { parseCheckpoint } from "@niivo/contracts/evidence/checkpoint";
import {
  cosignature,
  cosignedText,
  parseNote,
  signatureLine,
} from "@niivo/contracts/evidence/note";
import { isConsistent, type TreeHead } from "@niivo/contracts/evidence/proof";
import { verifierKey } from "@niivo/contracts/evidence/verifier-key";
import { memoryStore } from "@niivo/host/memory-store";
import { afterEach, expect, test } from "vitest";
import type { Anchor } from "../src/anchor.ts";
import { blobAnchor } from "../src/blob-anchor.ts";
import { fullNote, readAnchors, readCheckpoint } from "../src/stored-checkpoints.ts";
import { storedTree } from "../src/stored-tree.ts";
import { type AuditInProcess, auditInProcess } from "../src/testing/audit-in-process.ts";
import { customer, story } from "../src/testing/story.ts";
import { witnessAnchor } from "../src/witness-anchor.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

async function listen(
  handle: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    handle(request, response, Buffer.concat(chunks));
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

async function blobServer(isForbidden = () => false) {
  const blobs = new Map<string, Buffer>();
  const url = await listen((request, response, body) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://blob");
    const refuse = (status: number, code: string) =>
      response.writeHead(status, { "x-ms-error-code": code, "content-length": 0 }).end();
    const known = blobs.get(pathname);
    if (isForbidden()) return refuse(403, "AuthorizationPermissionMismatch");
    if (request.method === "PUT" && searchParams.get("comp") === "appendblock") {
      if (known === undefined) return refuse(404, "BlobNotFound");
      const position = request.headers["x-ms-blob-condition-appendpos"];
      if (position !== undefined && Number(position) !== known.length)
        return refuse(412, "AppendPositionConditionNotMet");
      blobs.set(pathname, Buffer.concat([known, body]));
      return response.writeHead(201, { "x-ms-blob-append-offset": known.length }).end();
    }
    if (request.method === "PUT") {
      if (request.headers["x-ms-blob-type"] !== "AppendBlob")
        return refuse(400, "InvalidHeaderValue");
      if (known !== undefined) return refuse(409, "BlobAlreadyExists");
      blobs.set(pathname, Buffer.alloc(0));
      return response.writeHead(201).end();
    }
    if (known === undefined) return refuse(404, "BlobNotFound");
    const about = { "x-ms-blob-type": "AppendBlob", etag: '"1"' };
    if (request.method === "HEAD")
      return response.writeHead(200, { ...about, "content-length": known.length }).end();
    const range = /^bytes=(\d+)-(\d+)?/.exec(request.headers["x-ms-range"]?.toString() ?? "");
    const part = known.subarray(
      Number(range?.[1] ?? 0),
      Number(range?.[2] ?? known.length - 1) + 1,
    );
    const from = Number(range?.[1] ?? 0);
    const contentRange = `bytes ${from}-${from + part.length - 1}/${known.length}`;
    return response
      .writeHead(206, { ...about, "content-length": part.length, "content-range": contentRange })
      .end(part);
  });
  const container = new ContainerClient(`${url}/anchors`, new AnonymousCredential(), {
    retryOptions: { maxTries: 1 },
  });
  return { blobs, anchor: blobAnchor({ container, takes: () => true }) };
}

async function anchoredTwice(anchor: Anchor, store = memoryStore()): Promise<AuditInProcess> {
  const audit = await auditInProcess({ anchors: [anchor], store });
  for (const name of ["one", "two"]) {
    await audit.tell(...story(name).all);
    await audit.tick();
    audit.clock.advance(checkpointMs);
  }
  return audit;
}

const outcomeOf = async (audit: AuditInProcess, name: string) =>
  (await readAnchors(audit.store, customer))[name];

test("B1: the append blob of the day has every checkpoint, a line each", async () => {
  const { blobs, anchor } = await blobServer();
  const audit = await anchoredTwice(anchor);
  const last = await readCheckpoint(audit.store, customer);
  const texts = [...blobs.values()].map(String).filter((text) => text.includes(last?.root ?? "?"));
  const lines = texts[0]
    ?.trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toHaveLength(2);
  expect(lines?.at(-1)).toEqual(last);
  expect(await outcomeOf(audit, "blob")).toMatchObject({ size: last?.size, outcome: "anchored" });
  const day = last?.signedAt.slice(0, 10);
  expect([...blobs.keys()].every((name) => name.endsWith(`/${day}.jsonl`))).toBe(true);
});

test("an append that is forbidden is told, and the next checkpoint is tried anew", async () => {
  let isForbidden = true;
  const { anchor } = await blobServer(() => isForbidden);
  const audit = await anchoredTwice(anchor);
  expect(await outcomeOf(audit, "blob")).toMatchObject({ size: 0, outcome: "anchor-forbids" });
  isForbidden = false;
  await audit.tell(...story("three").all);
  await audit.tick();
  expect(await outcomeOf(audit, "blob")).toMatchObject({ outcome: "anchored" });
});

/** Keeps the last tree of each origin, and signs only what grew out of it. */
async function witnessServer(isLying = () => false) {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const spki = publicKey.export({ type: "spki", format: "der" });
  const key = verifierKey("witness.example/w1", "cosignature", spki.subarray(12));
  const trees = new Map<string, TreeHead>();
  const url = await listen((_request, response, body) => {
    const asked = parseAddCheckpoint(body.toString());
    const note = parseNote(asked?.checkpoint ?? "");
    const checkpoint = parseCheckpoint(note?.text ?? "");
    if (asked === undefined || note === undefined || checkpoint === undefined || key === undefined)
      return response.writeHead(400).end();
    const known = trees.get(checkpoint.origin) ?? { size: 0, root: Buffer.alloc(0) };
    if (asked.oldSize !== known.size) return response.writeHead(409).end(`${known.size}\n`);
    if (known.size > 0 && !isConsistent(known, checkpoint, asked.proof))
      return response.writeHead(422).end();
    trees.set(checkpoint.origin, checkpoint);
    const time = 1_790_000_000;
    const text = isLying() ? note.text.replace("\n", "x\n") : note.text;
    const signature = cosignature(
      time,
      sign(null, Buffer.from(cosignedText(text, time)), privateKey),
    );
    return response
      .writeHead(200)
      .end(signatureLine({ name: key.name, keyId: key.keyId, signature }));
  });
  const anchorFor = (store: ReturnType<typeof memoryStore>) =>
    witnessAnchor({
      name: "w1",
      url,
      vkey: key?.vkey ?? "",
      takes: () => true,
      treeOf: (of) => storedTree(store, of),
    });
  return { trees, anchorFor };
}

test("a witness cosigns each checkpoint by a consistency proof, and its line is kept with the note", async () => {
  const store = memoryStore();
  const { anchorFor } = await witnessServer();
  const audit = await anchoredTwice(anchorFor(store), store);
  const last = await readCheckpoint(store, customer);
  expect(await outcomeOf(audit, "w1")).toMatchObject({ size: last?.size, outcome: "anchored" });
  const note = last === undefined ? "" : await fullNote(store, customer, last);
  expect(parseNote(note)?.signatures.map(({ name }) => name)).toContain("witness.example/w1");
});

test("a witness that knows an older size than we remember is asked again from there", async () => {
  const store = memoryStore();
  const { anchorFor, trees } = await witnessServer();
  const audit = await anchoredTwice(anchorFor(store), store);
  for (const origin of trees.keys()) trees.delete(origin);
  await audit.tell(...story("three").all);
  await audit.tick();
  expect(await outcomeOf(audit, "w1")).toMatchObject({ outcome: "anchored" });
});

test("a witness that has seen another tree refuses, and that is told", async () => {
  const store = memoryStore();
  const { anchorFor, trees } = await witnessServer();
  const audit = await anchoredTwice(anchorFor(store), store);
  for (const [origin, { size }] of trees) trees.set(origin, { size, root: Buffer.alloc(32, 1) });
  await audit.tell(...story("three").all);
  await audit.tick();
  expect(await outcomeOf(audit, "w1")).toMatchObject({ outcome: "witness-found-no-consistency" });
});

test("a cosignature over something else does not count", async () => {
  const store = memoryStore();
  const { anchorFor } = await witnessServer(() => true);
  const audit = await anchoredTwice(anchorFor(store), store);
  expect(await outcomeOf(audit, "w1")).toMatchObject({ outcome: "witness-signed-something-else" });
});
