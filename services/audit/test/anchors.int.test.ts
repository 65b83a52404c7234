// A witness over a real socket, that follows c2sp.org/tlog-witness. The append blob has a test of its own, with the
// storage emulator: tests/e2e/anchors.test.ts.

import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
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
