// The administration API of a namespace in memory behind its real door, and Microsoft's unmodified
// client for it, over TLS on the one port.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBusAdministrationClient } from "@azure/service-bus";
import { createAccess } from "../src/access/access.ts";
import { mayWith } from "../src/access/rights.ts";
import { openFrontDoor } from "../src/front-door.ts";
import { createHttpServer } from "../src/http/http-server.ts";
import { createMetrics } from "../src/metrics.ts";
import { ensureOwnCertificate } from "../src/own-certificate.ts";
import { createTestNamespace } from "./namespace.ts";

const everything = { send: ["*"], listen: ["*"], manage: ["*"] };
const keys = {
  root: everything,
  manager: { send: [], listen: [], manage: ["orders"] },
  worker: { send: ["*"], listen: ["*"], manage: [] },
};

export interface AdminServer extends AsyncDisposable {
  readonly port: number;
  /** The certificate that clients trust, as PEM. */
  readonly ca: string;
  /** A client that proves the key of this name; its secret is `secret of <name>` unless given. */
  readonly clientOf: (name: string, secret?: string) => ServiceBusAdministrationClient;
}

/** A folder with a certificate, for all servers of a file; `remove` it at its end. */
export async function createCertificate() {
  const folder = mkdtempSync(join(tmpdir(), "bus-admin-"));
  const { certFile, keyFile } = await ensureOwnCertificate(folder);
  return {
    cert: readFileSync(certFile, "utf8"),
    key: readFileSync(keyFile, "utf8"),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

export async function startAdminServer(certificate: {
  readonly cert: string;
  readonly key: string;
}): Promise<AdminServer> {
  const namespace = createTestNamespace();
  const access = createAccess({
    keys: new Map(
      Object.entries(keys).map(([name, rights]) => [
        name,
        { name, secret: () => `secret of ${name}`, may: mayWith(rights) },
      ]),
    ),
    entityKeys: (name) =>
      namespace.queue(name)?.authorizationRules ?? namespace.topic(name)?.authorizationRules ?? [],
    verifyJwt: undefined,
    isOpen: false,
  });
  const log = () => undefined;
  const http = createHttpServer({
    canWrite: async () => true,
    ...{ namespace, name: "local", access, log },
    clock: Date.now,
    metrics: createMetrics(),
    openMetrics: false,
  });
  const { cert, key } = certificate;
  const door = await openFrontDoor({
    ...{ host: "127.0.0.1", port: 0, tls: { cert, key }, http, log },
    amqp: undefined,
  });
  return {
    port: door.port,
    ca: cert,
    clientOf: (name, secret = `secret of ${name}`) =>
      new ServiceBusAdministrationClient(
        `Endpoint=sb://localhost:${door.port};SharedAccessKeyName=${name};SharedAccessKey=${secret};UseDevelopmentEmulator=true;`,
        { tlsOptions: { ca: cert }, retryOptions: { maxRetries: 0 } },
      ),
    async [Symbol.asyncDispose]() {
      const closed = door.close();
      door.cut();
      await closed;
    },
  };
}

export async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of list) found.push(one);
  return found;
}

export async function names(list: AsyncIterable<{ name: string }>): Promise<string[]> {
  return (await all(list)).map(({ name }) => name);
}
