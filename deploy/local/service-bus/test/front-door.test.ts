// The one port, against clients that are no clients: nothing they send stops it or stays behind.

import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type FrontDoor, openFrontDoor, type TlsPair } from "../src/front-door.ts";
import { ensureOwnCertificate } from "../src/own-certificate.ts";

let folder: string;
let tls: TlsPair;
let door: FrontDoor;
let lines: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bus-door-"));
  const { certFile, keyFile } = await ensureOwnCertificate(folder);
  tls = { cert: readFileSync(certFile, "utf8"), key: readFileSync(keyFile, "utf8") };
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(async () => {
  lines = [];
  const http = createServer((request, response) => void response.end(`http ${request.url}`));
  // What speaks AMQP is answered with what it sent.
  const amqp = (socket: Socket) => void socket.on("data", (chunk) => socket.end(chunk));
  const log = (line: string) => void lines.push(line);
  door = await openFrontDoor({ host: "127.0.0.1", port: 0, tls, amqp, http, log });
  return async () => {
    const closed = door.close();
    door.cut();
    await closed;
  };
});

async function answerTo(socket: Socket, ...pieces: readonly (string | Buffer)[]): Promise<string> {
  let answer = "";
  socket.on("data", (chunk) => {
    answer += chunk;
  });
  socket.on("error", () => undefined);
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await once(socket, "close");
  return answer;
}

const plain = () => connect(door.port, "127.0.0.1");
const secure = () => connectTls({ host: "127.0.0.1", port: door.port, ca: tls.cert });
const GET = "GET /x HTTP/1.1\r\nhost: bus\r\nconnection: close\r\n\r\n";

test("AMQP and HTTP are told apart, in the open and within TLS, also piece by piece", async () => {
  for (const open of [plain, secure]) {
    expect(await answerTo(open(), "AMQP\0\x01\0\0")).toBe("AMQP\0\x01\0\0");
    expect(await answerTo(open(), GET)).toMatch(/^HTTP\/1\.1 200[\s\S]*http \/x$/);
    expect(await answerTo(open(), ...GET.split(/(?<=\n)/))).toMatch(/http \/x$/);
  }
});

test("what speaks no protocol is closed with one line, and the port lives on", async () => {
  for (let round = 0; round < 50; round += 1) {
    const first = Buffer.from([[0x00, 0x16, 0x7f, 0xff, 0x61][round % 5] ?? 0]);
    const socket = plain();
    const closed = answerTo(socket, Buffer.concat([first, randomBytes(200)]));
    // A TLS server may wait for the rest of a record that it was promised.
    if (first[0] === 0x16) socket.end();
    await closed;
  }
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.every((line) => /^127\.0\.0\.1:\d+: (closed, it|TLS failed)/.test(line))).toBe(true);
  expect(await answerTo(plain(), GET)).toMatch(/http \/x$/);
});

test("a port for HTTP alone refuses AMQP", async () => {
  const http = createServer((_request, response) => void response.end("only http"));
  const log = (line: string) => void lines.push(line);
  const admin = await openFrontDoor({
    ...{ host: "127.0.0.1", port: 0, http, log },
    tls: undefined,
    amqp: undefined,
  });
  const socket = connect(admin.port, "127.0.0.1");
  expect(await answerTo(socket, "AMQP\0\x01\0\0")).toBe("");
  expect(lines.at(-1)).toContain("it speaks no protocol of this port");
  await admin.close();
});

test("a taken port is an error, not a crash", async () => {
  const again = openFrontDoor({
    ...{ host: "127.0.0.1", port: door.port, tls, log: () => undefined },
    amqp: undefined,
    http: undefined,
  });
  await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
});
