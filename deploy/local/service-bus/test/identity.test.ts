// Tokens of identities through the real client over TLS, as in the cloud: a credential, no key.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls, getCACertificates, setDefaultCACertificates } from "node:tls";
import { ServiceBusClient } from "@azure/service-bus";
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import rhea from "rhea";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ServiceBusConfig } from "../src/config.ts";
import { ensureOwnCertificate } from "../src/own-certificate.ts";
import { type ServiceBus, startServiceBus } from "../src/server.ts";
import { configOf, KEY } from "./bus.ts";

const ISSUER = "https://login.example/tenant/v2.0";
const AUDIENCE = "https://servicebus.azure.net";
const OWNER = "11111111-1111-1111-1111-111111111111";

let folder: string;
let tls: { certFile: string; keyFile: string };
let signingKey: CryptoKey;
let strangersKey: CryptoKey;
let jwksFile: string;
let bus: ServiceBus;
const lines: string[] = [];

const identity = () => ({
  issuers: [ISSUER],
  audiences: [AUDIENCE],
  jwksFile,
  grants: [
    { role: "Azure Service Bus Data Sender", send: ["events"] },
    { role: "Azure Service Bus Data Receiver", listen: ["events/mine"] },
    { principal: OWNER, manage: ["*"] },
  ],
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bus-identity-"));
  tls = await ensureOwnCertificate(folder);
  setDefaultCACertificates([...getCACertificates(), readFileSync(tls.certFile, "utf8")]);
  const pair = await generateKeyPair("RS256", { extractable: true });
  signingKey = pair.privateKey;
  strangersKey = (await generateKeyPair("RS256")).privateKey;
  jwksFile = join(folder, "jwks.json");
  writeFileSync(jwksFile, JSON.stringify({ keys: [await exportJWK(pair.publicKey)] }));
  bus = await start({ identity: identity() });
});
afterAll(async () => {
  await bus.close();
  rmSync(folder, { recursive: true });
});

const start = (rest: Partial<ServiceBusConfig>) =>
  startServiceBus(configOf([{ name: "mine" }, { name: "other" }], { tls, ...rest }), {
    log: (line) => void lines.push(line),
  });

interface TokenOptions {
  issuer?: string;
  audience?: string;
  key?: CryptoKey;
  livesSeconds?: number;
}

async function tokenOf(claims: JWTPayload, options: TokenOptions = {}): Promise<string> {
  const { issuer = ISSUER, audience = AUDIENCE, key = signingKey, livesSeconds = 60 } = options;
  return new SignJWT(claims)
    .setProtectedHeader({ alg: "RS256" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setExpirationTime(Math.floor(Date.now() / 1000) + livesSeconds)
    .sign(key);
}

function clientWith(token: string, port = bus.port) {
  const credential = {
    getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const retryOptions = { maxRetries: 0, timeoutInMs: 5_000 };
  const client = new ServiceBusClient(`localhost:${port}`, credential, { retryOptions });
  return {
    send: () => client.createSender("events").sendMessages({ body: "hello" }),
    receive: (name: string) =>
      client
        .createReceiver("events", name, { receiveMode: "receiveAndDelete" })
        .receiveMessages(1, { maxWaitTimeInMs: 1_000 }),
    [Symbol.asyncDispose]: () => client.close(),
  };
}

const unauthorized = { code: "UnauthorizedAccess" };
const sender = { oid: "s", roles: ["Azure Service Bus Data Sender"] };

test("J3: an identity has the rights of its roles, and no more", async () => {
  await using sending = clientWith(await tokenOf(sender));
  await sending.send();
  await expect(sending.receive("mine")).rejects.toMatchObject(unauthorized);
  await using receiving = clientWith(
    await tokenOf({ oid: "r", roles: ["Azure Service Bus Data Receiver"] }),
  );
  expect(await receiving.receive("mine")).toHaveLength(1);
  await expect(receiving.receive("other")).rejects.toMatchObject(unauthorized);
  await expect(receiving.send()).rejects.toMatchObject(unauthorized);
});

test("J3: an identity may be named by its id, and one without rights is refused", async () => {
  await using owner = clientWith(await tokenOf({ oid: OWNER }));
  await owner.send();
  expect(await owner.receive("other")).toHaveLength(1);
  await using nobody = clientWith(await tokenOf({ oid: "nobody", roles: ["Another"] }));
  await expect(nobody.send()).rejects.toMatchObject(unauthorized);
});

test("J1, J2: another issuer, audience, key or time is refused, and so is no signature", async () => {
  const unsigned = `${btoa('{"alg":"none"}').replaceAll("=", "")}.${(await tokenOf(sender)).split(".")[1]}.`;
  const bad = [
    await tokenOf(sender, { issuer: "https://login.example/other/v2.0" }),
    await tokenOf(sender, { audience: "https://vault.azure.net" }),
    await tokenOf(sender, { key: strangersKey }),
    await tokenOf(sender, { livesSeconds: -1 }),
    unsigned,
    "not a token",
  ];
  for (const token of bad) {
    await using client = clientWith(token);
    await expect(client.send(), token).rejects.toMatchObject(unauthorized);
    expect(lines.join("\n")).not.toContain(token);
  }
  expect(lines.join("\n")).toMatch(/127\.0\.0\.1:\d+ \(.*\): a token was refused: the token/);
});

test("C1: a link is closed when the token of its identity expires", async () => {
  await using client = clientWith(await tokenOf(sender, { livesSeconds: 2 }));
  await client.send();
  const outcome = () =>
    client.send().then(
      () => "sent",
      (error: { code?: string }) => error.code,
    );
  await expect.poll(outcome, { timeout: 5_000 }).toBe("UnauthorizedAccess");
});

test("the issuer's keys may be fetched from an address, and a silent one refuses in time", async () => {
  let isSilent = false;
  const issuer: Server = createServer((_request, response) => {
    if (!isSilent) response.end(readFileSync(jwksFile));
  });
  await new Promise<void>((resolve) => void issuer.listen(0, "127.0.0.1", resolve));
  const address = issuer.address();
  const port = typeof address === "object" ? address?.port : 0;
  const { jwksFile: _, ...rest } = identity();
  const jwksUrl = `http://127.0.0.1:${port}/keys`;
  const fetching = await start({ identity: { ...rest, jwksUrl } });
  await using client = clientWith(await tokenOf(sender), fetching.port);
  await client.send();
  await fetching.close();
  isSilent = true;
  const waiting = await start({ identity: { ...rest, jwksUrl } });
  await using refused = clientWith(await tokenOf(sender), waiting.port);
  await expect(refused.send()).rejects.toThrow();
  expect(lines.at(-1)).toContain("the issuer's keys cannot be fetched");
  await waiting.close();
  issuer.close();
  issuer.closeAllConnections();
}, 20_000);

test("keys of an issuer elsewhere than on this machine are not configured", async () => {
  const { jwksFile: _, ...rest } = identity();
  const jwksUrl = "https://login.microsoftonline.com/common/discovery/keys";
  await expect(start({ identity: { ...rest, jwksUrl } })).rejects.toThrow(
    "identity.jwksUrl: must be an http or https address on this machine",
  );
});

test("a client that is not Microsoft's proves its key by SASL PLAIN, without $cbs", async () => {
  const open = (password: string, isTls: boolean) =>
    new Promise<string>((resolve) => {
      const connection = rhea.create_container().connect({
        ...(isTls ? { transport: "tls" as const, host: "localhost" } : { host: "127.0.0.1" }),
        ...{ port: bus.port, username: KEY.name, password, reconnect: false },
      });
      connection.on("connection_error", () => resolve("refused"));
      connection.on("disconnected", () => resolve("refused"));
      connection.on("error", () => resolve("refused"));
      connection.open_sender("events").on("sendable", ({ sender: link }) => {
        link?.send({ body: "by hand" });
      });
      connection.on("accepted", () => {
        resolve("accepted");
        connection.close();
      });
    });
  expect(await open(KEY.key, false)).toBe("accepted");
  expect(await open(KEY.key, true)).toBe("accepted");
  expect(await open("guessed", false)).toBe("refused");
});

test("TLS without a certificate is refused with a reason for a person", async () => {
  const plain = await startServiceBus(configOf([]), { log: (line) => void lines.push(line) });
  const socket = connectTls({ host: "127.0.0.1", port: plain.port });
  await new Promise((resolve) => socket.once("error", resolve));
  expect(lines.at(-1)).toMatch(/^127\.0\.0\.1:\d+: closed, it asks for TLS/);
  await plain.close();
});

test("an open bus asks nobody who they are", async () => {
  const open = await start({ keys: [], open: true });
  await using client = clientWith("anything", open.port);
  await client.send();
  expect(await client.receive("mine")).toHaveLength(1);
  await open.close();
});
