// The certificate of a bus that was given none: made once, for this machine alone. Clients trust it
// by `NODE_EXTRA_CA_CERTS=<certFile>`; nothing is installed into the machine's own trust store.
//
// Invariants:
//   X1. The private key is readable by its owner alone, and it signs nothing but its own certificate.

import "reflect-metadata";

import { X509Certificate as NodeCertificate, webcrypto } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;
const LIFETIME_MS = 365 * DAY_MS;
const RENEW_BEFORE_MS = 30 * DAY_MS;
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/**
 * The certificate kept in `folder`, made when there is none or when it ends within 30 days. Names
 * `localhost` and 127.0.0.1. Throws when the folder cannot be written.
 */
export async function ensureOwnCertificate(folder: string): Promise<CertificateFiles> {
  const files = { certFile: join(folder, "localhost.pem"), keyFile: join(folder, "localhost.key") };
  if (isStillGood(files)) return files;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const made = await makeCertificate(new Date());
  writePrivately(files.keyFile, made.key); // X1
  writePrivately(files.certFile, made.cert);
  return files;
}

function isStillGood({ certFile, keyFile }: CertificateFiles): boolean {
  if (!existsSync(certFile) || !existsSync(keyFile)) return false;
  const { validToDate } = new NodeCertificate(readFileSync(certFile));
  return validToDate.getTime() - Date.now() > RENEW_BEFORE_MS;
}

async function makeCertificate(now: Date): Promise<{ cert: string; key: string }> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=localhost",
    notBefore: now,
    notAfter: new Date(now.getTime() + LIFETIME_MS),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true), // X1
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
      ]),
    ],
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    cert: certificate.toString("pem"),
    key: x509.PemConverter.encode(key, "PRIVATE KEY"),
  };
}

// The rename makes a reader see the old file or the whole new one.
function writePrivately(file: string, text: string): void {
  const unfinished = `${file}.new`;
  writeFileSync(unfinished, `${text.trim()}\n`, { mode: 0o600 });
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, file);
}
