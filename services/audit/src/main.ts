// The audit service's process: hears every topic, seals, signs checkpoints, and answers auditors.

import { randomUUID } from "node:crypto";
import { audit } from "@niivo/contracts/audit";
import { serviceCredential } from "@niivo/host/credential";
import { readEnv } from "@niivo/host/env";
import type { Host } from "@niivo/host/host";
import { createLogger } from "@niivo/host/logger";
import { startService } from "@niivo/host/service";
import { sqliteStore } from "@niivo/host/sqlite-store";
import { anchorsOf } from "./anchors.ts";
import { chainClock } from "./chain-clock.ts";
import { AuditVariables } from "./config.ts";
import { auditHttp } from "./http.ts";
import { noteSeed } from "./note-key.ts";
import { type NoteSigner, noteSigner } from "./note-signer.ts";
import { retentionClock } from "./retention.ts";
import { rewrapping } from "./rewrapping.ts";
import { makeSealingKeys } from "./sealing-key.ts";
import { auditBindings, openChains } from "./service.ts";
import { valueKeys } from "./value-keys.ts";
import { openVaultKey } from "./vault-key.ts";
import { openWrappingKey } from "./wrapping-key.ts";
import { leasedWriter } from "./writer-lease.ts";

const exitFatal = 70; // EX_SOFTWARE of sysexits.h

const environment = readEnv(AuditVariables);
const { auditKeyId, auditPreviousKeyId, auditOrigin } = environment;
const { auditWrappingKeyId, auditPreviousWrappingKeyId } = environment;
const log = createLogger("audit", environment.logLevel);
const credential = serviceCredential(environment);
const { vaultKey, previousVaultKey, sealingKeys, wrappingKey } = await openKeys();

// Before anything else: without an endorsed key no allow could be answered (L11).
async function openKeys() {
  try {
    const current = await openVaultKey(auditKeyId, credential);
    const previous =
      auditPreviousKeyId === undefined
        ? undefined
        : await openVaultKey(auditPreviousKeyId, credential);
    const sealing = await makeSealingKeys(current, log, new Date());
    const older = auditPreviousWrappingKeyId === undefined ? [] : [auditPreviousWrappingKeyId];
    const wrapping = await openWrappingKey([auditWrappingKeyId, ...older], credential);
    return {
      vaultKey: current,
      previousVaultKey: previous,
      sealingKeys: sealing,
      wrappingKey: wrapping,
    };
  } catch (error) {
    log.fatal({ err: error }, "fatal");
    process.stderr.write(`fatal: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(exitFatal);
  }
}

const customers = new Set(environment.customers.map(({ id }) => id));
const { writer, admission } = leasedWriter(randomUUID());
/** In a file of its own: who copies the chain does not copy the keys with it. */
const keys = valueKeys(sqliteStore(environment.auditKeyStoreFile), wrappingKey);
const hosts: Host[] = [];

/** Made when it is first needed: its software key lies in the store. */
function signerOf({ store }: Host): () => Promise<NoteSigner> {
  let signer: Promise<NoteSigner> | undefined;
  const make = async () => {
    const previous = previousVaultKey === undefined ? {} : { previousVaultKey };
    const ed25519Seed = await noteSeed(store);
    return noteSigner({ host: auditOrigin, vaultKey, ...previous, ed25519Seed });
  };
  return () => {
    signer ??= make().catch((error: unknown) => {
      signer = undefined;
      throw error;
    });
    return signer;
  };
}

await startService({
  name: "audit",
  contract: audit,
  environment,
  bindings: (host) => {
    hosts.push(host);
    const anchors = anchorsOf(environment, credential, host.store);
    const signer = signerOf(host);
    return auditBindings(host, {
      customers,
      sealingKeys,
      valueKeys: keys,
      writer,
      signer,
      anchors,
      isKeyLost: environment.auditPreviousKeyLost ?? false,
    });
  },
  http: (host) => auditHttp({ host, environment, notes: signerOf(host), valueKeys: keys }),
  admission,
});
if (auditPreviousWrappingKeyId !== undefined) void rewrapping({ keys, customers, log });
for (const host of hosts) {
  await openChains(host, customers);
  const isWriter = () => {
    try {
      return writer().term > 0;
    } catch {
      return false;
    }
  };
  chainClock({ host, customers, isWriter }).start();
  retentionClock({ host, customers, isWriter, days: environment.auditRetentionDays }).start();
}
