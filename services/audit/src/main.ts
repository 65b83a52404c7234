// The audit service's process: hears every topic, seals, and answers auditors.

import { randomUUID } from "node:crypto";
import { audit } from "@niivo/contracts/audit";
import { serviceCredential } from "@niivo/host/credential";
import { readEnv } from "@niivo/host/env";
import type { Host } from "@niivo/host/host";
import { createLogger } from "@niivo/host/logger";
import { startService } from "@niivo/host/service";
import { AuditVariables } from "./config.ts";
import { auditHttp } from "./http.ts";
import { makeSealingKeys, type SealingKeys } from "./sealing-key.ts";
import { auditBindings, openChains } from "./service.ts";
import { openVaultKey } from "./vault-key.ts";
import { leasedWriter } from "./writer-lease.ts";

const exitFatal = 70; // EX_SOFTWARE of sysexits.h

const environment = readEnv(AuditVariables);
const log = createLogger("audit", environment.logLevel);
const sealingKeys = await openSealingKeys();

// Before anything else: without an endorsed key no allow could be answered (L11).
async function openSealingKeys(): Promise<SealingKeys> {
  try {
    const vaultKey = await openVaultKey(environment.auditKeyId, serviceCredential(environment));
    return await makeSealingKeys(vaultKey, log, new Date());
  } catch (error) {
    log.fatal({ err: error }, "fatal");
    process.stderr.write(`fatal: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(exitFatal);
  }
}

const customers = new Set(environment.customers.map(({ id }) => id));
const { writer, admission } = leasedWriter(randomUUID());
const hosts: Host[] = [];
await startService({
  name: "audit",
  contract: audit,
  environment,
  bindings: (host) => {
    hosts.push(host);
    return auditBindings({ customers, sealingKeys, writer });
  },
  http: (host) => auditHttp({ host, environment }),
  admission,
});
for (const host of hosts) await openChains(host, customers);
