// What each service process is told by its environment: addresses and file names, never a secret.

import { join } from "node:path";
import type { Identity } from "@niivo/contracts/topology";
import { platform } from "@niivo/tenant/seed";
import { z } from "zod";
import type { SystemOptions } from "./up.ts";

/** What the tenant emulator announces when it is ready. */
export const TenantAddresses = z.object({
  http: z.url(),
  https: z.url(),
  authorityHost: z.url(),
  graphBaseUrl: z.url(),
  vaults: z.object({ contoso: z.url(), fabrikam: z.url(), platform: z.url() }),
  botMetadataUrl: z.url(),
  serviceUrl: z.url(),
  modelBaseUrl: z.url(),
  auditKeyId: z.url(),
  auditWrappingKeyId: z.url(),
  anchorContainerUrl: z.url(),
});
export type TenantAddresses = z.infer<typeof TenantAddresses>;

/** The files of a data folder. */
export const serviceFiles = (dataDir: string) => ({
  certificates: join(dataDir, "certificates"),
  customers: join(dataDir, "customers.json"),
  busConfig: join(dataDir, "service-bus.json"),
  journal: join(dataDir, "bus", "journal.jsonl"),
  /** Every payload of the services' telemetry, where a run keeps journals. */
  tracesJournal: join(dataDir, "traces.jsonl"),
  busKey: (identity: Identity) => join(dataDir, "keys", `${identity}.key`),
  log: (name: string) => join(dataDir, "logs", `${name}.log`),
  store: (identity: Identity) => join(dataDir, "stores", `${identity}.sqlite`),
  /** Every checkpoint, apart from the store that it speaks of. */
  anchors: join(dataDir, "anchors"),
  /** The witness's own: key, memory and the logs it knows. It is the customer's side. */
  witness: join(dataDir, "witness"),
  witnessLogs: join(dataDir, "witness", "logs.txt"),
  /** What audit is told of it. */
  witnesses: join(dataDir, "witnesses.json"),
  /** Sealed secrets on their way from the broker to the links' process. */
  secretStore: join(dataDir, "stores", "secrets.sqlite"),
  auditKeyStore: join(dataDir, "stores", "audit-keys.sqlite"),
});

export function serviceEnvironment(
  name: Identity,
  options: SystemOptions,
  addresses: TenantAddresses,
  caFile: string,
): Readonly<Record<string, string>> {
  const files = serviceFiles(options.dataDir);
  const application = platform.applications[name === "links" ? "secretLinks" : name];
  return {
    NODE_EXTRA_CA_CERTS: caFile,
    HTTP_PORT: String(options.ports[name]),
    SERVICE_BUS_NAMESPACE: `127.0.0.1:${options.ports.bus}`,
    SERVICE_BUS_KEY_NAME: name,
    SERVICE_BUS_KEY_FILE: files.busKey(name),
    STORE_FILE: files.store(name),
    CUSTOMERS_FILE: files.customers,
    ENTRA_AUTHORITY_HOST: addresses.authorityHost,
    ENTRA_AUDIENCE: "api://niivo",
    AZURE_TENANT_ID: platform.tenantId,
    AZURE_CLIENT_ID: application.clientId,
    AZURE_FEDERATED_TOKEN_FILE: join(options.dataDir, "tokens", `${application.name}.token`),
    OTEL_EXPORTER_OTLP_ENDPOINT: options.otlpEndpoint ?? `http://127.0.0.1:${options.ports.traces}`,
    ...own(name, options, addresses),
  };
}

function own(
  name: Identity,
  options: SystemOptions,
  addresses: TenantAddresses,
): Readonly<Record<string, string>> {
  const teams = {
    BOT_APP_ID: platform.applications.bot.clientId,
    BOT_TENANT_ID: platform.tenantId,
    TEAMS_SERVICE_URL: addresses.serviceUrl,
    PLATFORM_VAULT_URL: addresses.vaults.platform,
  };
  const secrets = {
    SECRET_STORE_FILE: serviceFiles(options.dataDir).secretStore,
    LINKS_URL: `http://localhost:${options.ports.links}`,
  };
  switch (name) {
    case "intake":
      return {};
    case "agent":
      return { AGENT_NAME: "niivo-l1-desk" };
    case "policy":
      return options.approvalSecondsMax === undefined
        ? {}
        : { APPROVAL_SECONDS_MAX: String(options.approvalSecondsMax) };
    case "approvals":
      return { ...teams, BOT_METADATA_URL: addresses.botMetadataUrl };
    case "broker":
      return {
        ...teams,
        ...secrets,
        GRAPH_BASE_URL: addresses.graphBaseUrl,
        AUDIT_KEY_ID: addresses.auditKeyId,
      };
    case "links":
      return secrets;
    case "audit":
      return {
        AUDIT_KEY_ID: addresses.auditKeyId,
        AUDIT_WRAPPING_KEY_ID: addresses.auditWrappingKeyId,
        AUDIT_KEY_STORE_FILE: serviceFiles(options.dataDir).auditKeyStore,
        AUDIT_ORIGIN: "audit.niivo.localhost",
        AUDIT_ANCHOR_DIR: serviceFiles(options.dataDir).anchors,
        AUDIT_ANCHOR_CONTAINER_URL: addresses.anchorContainerUrl,
        AUDIT_WITNESSES_FILE: serviceFiles(options.dataDir).witnesses,
      };
  }
}
