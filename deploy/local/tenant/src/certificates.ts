// The certificate authority of one machine, and the server certificate for localhost.
//
// The real SDK clients insist on https for Entra, Graph and Key Vault. Clients trust these servers
// by `NODE_EXTRA_CA_CERTS=<caFile>`; nothing is ever installed into the machine's own trust store.
//
// Invariants:
//   C1. The CA's private key is never written: nobody can sign a second certificate with it.
//   C2. Every file is readable by its owner alone.

import "reflect-metadata";

import { X509Certificate as NodeCertificate, webcrypto } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMs = 86_400_000;
const lifetimeMs = 365 * dayMs;
const renewBeforeEndMs = 30 * dayMs;
const serverAuth = "1.3.6.1.5.5.7.3.1";

export interface CertificateFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * Makes the CA and the localhost certificate once, and again when they end within 30 days.
 * Returns the paths of three PEM files in `folder`. Throws when the folder cannot be written.
 */
export async function ensureCertificates(folder: string): Promise<CertificateFiles> {
  const files = {
    caFile: join(folder, "ca.pem"),
    certFile: join(folder, "localhost.pem"),
    keyFile: join(folder, "localhost.key"),
  };
  if (stillGood(files)) return files;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = await makeCertificates(new Date());
  writePrivately(files.keyFile, made.key);
  writePrivately(files.certFile, made.cert);
  writePrivately(files.caFile, made.ca);
  return files;
}

function stillGood(files: CertificateFiles): boolean {
  if (!Object.values(files).every((file) => existsSync(file))) return false;
  const cert = new NodeCertificate(readFileSync(files.certFile));
  const ca = new NodeCertificate(readFileSync(files.caFile));
  const endsAt = Math.min(cert.validToDate.getTime(), ca.validToDate.getTime());
  return cert.verify(ca.publicKey) && endsAt - Date.now() > renewBeforeEndMs;
}

async function makeCertificates(now: Date) {
  const caKeys = await webcrypto.subtle.generateKey(algorithm, false, ["sign", "verify"]); // C1
  const serverKeys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const validity = { notBefore: now, notAfter: new Date(now.getTime() + lifetimeMs) };
  const caName = "CN=NIIVO local emulator CA";
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: caName,
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const cert = await x509.X509CertificateGenerator.create({
    ...validity,
    subject: "CN=localhost",
    issuer: caName,
    publicKey: serverKeys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", serverKeys.privateKey);
  return {
    ca: ca.toString("pem"),
    cert: cert.toString("pem"),
    key: x509.PemConverter.encode(key, "PRIVATE KEY"),
  };
}

// C2. The rename makes a reader see the old file or the whole new one.
function writePrivately(file: string, text: string): void {
  const unfinished = `${file}.new`;
  writeFileSync(unfinished, `${text.trim()}\n`, { mode: 0o600 });
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, file);
}
