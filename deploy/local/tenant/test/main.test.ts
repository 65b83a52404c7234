// The command, the certificates and the ledger, from outside.

import { type ChildProcess, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCanaries } from "../src/canaries.ts";
import { type CertificateFiles, ensureCertificates } from "../src/certificates.ts";

const main = join(import.meta.dirname, "../src/main.ts");
const ready = "tenant ready ";
let folder: string;
let certificates: CertificateFiles;
const started: ChildProcess[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "niivo-tenant-main-"));
  certificates = await ensureCertificates(join(folder, "certificates"));
});
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function configFile(changes: object): string {
  const file = join(folder, `config-${Math.random()}.json`);
  const { certFile, keyFile } = certificates;
  const config = {
    dataDir: join(folder, "state"),
    tokenDir: join(folder, "tokens"),
    botEndpoint: "http://localhost:7603/api/messages",
    ports: { http: 0, https: 0, vaults: { contoso: 0, fabrikam: 0, platform: 0 } },
    certificates: { certFile, keyFile },
    ...changes,
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

function run(file: string) {
  const child = spawn(process.execPath, [main, "--config", file]);
  started.push(child);
  const output = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    output.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output.err += chunk;
  });
  return { child, output, exit: once(child, "exit") };
}

test("the command prints one ready line with the addresses and ends on SIGTERM", async () => {
  const { child, output, exit } = run(configFile({}));
  await once(child.stdout, "data");
  expect(output.out.startsWith(ready)).toBe(true);
  const addresses = JSON.parse(output.out.slice(ready.length));
  expect(addresses).toMatchObject({
    authorityHost: expect.stringMatching(/^https:\/\/localhost:\d+$/),
    auditKeyId: expect.stringMatching(/\/keys\/audit-sealing\/[0-9a-f]{32}$/),
  });
  const self = await (await fetch(`${addresses.http}/emulator`)).json();
  expect(self).toMatchObject({ emulator: true });
  child.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
  expect(output.out.trimEnd().split("\n")).toHaveLength(1);
  expect(output.err).toBe("");
});

test("a wrong configuration names every problem in one line and fails", async () => {
  const botEndpoint = "https://bot.example.com/api/messages";
  const { output, exit } = run(configFile({ botEndpoint, tokenDir: "", surprise: 1 }));
  const [code] = await exit;
  expect(code).not.toBe(0);
  expect(output.err.trimEnd().split("\n")).toHaveLength(1);
  for (const word of ["botEndpoint", "tokenDir", "surprise"]) expect(output.err).toContain(word);
});

test("a taken port is named and nothing stays open", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const vaults = { contoso: 0, fabrikam: 0, platform: 0 };
  const { output, exit } = run(configFile({ ports: { http: 0, https: port, vaults } }));
  expect((await exit)[0]).not.toBe(0);
  expect(output.err).toContain(`https: cannot listen on 127.0.0.1:${port}`);
  other.close();
});

test("C1, C2: certificates are private, for localhost, without the authority's key, and kept", async () => {
  const { caFile, certFile, keyFile } = certificates;
  for (const file of [caFile, certFile, keyFile]) expect(statSync(file).mode & 0o777).toBe(0o600);
  const cert = new X509Certificate(readFileSync(certFile));
  const ca = new X509Certificate(readFileSync(caFile));
  expect(cert.subjectAltName).toBe("DNS:localhost, IP Address:127.0.0.1");
  expect(cert.checkIssued(ca) && cert.verify(ca.publicKey)).toBe(true);
  await ensureCertificates(join(folder, "certificates"));
  expect(new X509Certificate(readFileSync(certFile)).serialNumber).toBe(cert.serialNumber);
});

test("N1: the ledger of a fresh state holds the planted secrets and the federated tokens", () => {
  const canaries = readCanaries(join(folder, "state"));
  const ofKind = (kind: string) => canaries.filter((canary) => canary.kind === kind);
  expect(ofKind("vault-secret")).toHaveLength(13);
  expect(ofKind("federated-token").length).toBeGreaterThan(0);
  const file = readFileSync(join(folder, "tokens", "niivo-broker.token"), "utf8");
  expect(canaries).toContainEqual({ kind: "federated-token", value: file });
});
