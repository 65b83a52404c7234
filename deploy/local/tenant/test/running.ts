// Starts one emulator for a test file, in a fresh folder, and makes Node trust its certificate.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { WorkloadIdentityCredential } from "@azure/identity";
import { ensureCertificates } from "../src/certificates.ts";
import { platform } from "../src/seed.ts";
import { startTenant, type Tenant } from "../src/tenant.ts";

export interface Running {
  readonly folder: string;
  readonly dataDir: string;
  readonly tokenDir: string;
  readonly tenant: Tenant;
  /** Ends this emulator and starts another one over the same state. */
  readonly restart: () => Promise<Tenant>;
  readonly stop: () => Promise<void>;
}

export async function startRunning(botEndpoint = "http://localhost:9/none"): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), "niivo-tenant-"));
  const certificates = await ensureCertificates(join(folder, "certificates"));
  trust(readFileSync(certificates.caFile, "utf8"));
  const dataDir = join(folder, "state");
  const tokenDir = join(folder, "tokens");
  const { certFile, keyFile } = certificates;
  const vaults = { contoso: 0, fabrikam: 0, platform: 0 };
  const config = {
    dataDir,
    tokenDir,
    ports: { http: 0, https: 0, vaults },
    botEndpoint,
    certificates: { certFile, keyFile },
  };
  let current = await startTenant(config);
  return {
    folder,
    dataDir,
    tokenDir,
    tenant: current,
    restart: async () => {
      await current.close();
      current = await startTenant(config);
      return current;
    },
    stop: async () => {
      await current.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function trust(ca: string): void {
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), ca]);
}

type ServiceName = Exclude<keyof typeof platform.applications, "api" | "bot">;

/** The real client's credential of one service identity, from its federated token file. */
export function serviceCredential(running: Running, service: ServiceName, tenant = running.tenant) {
  const { name, clientId } = platform.applications[service];
  return new WorkloadIdentityCredential({
    tenantId: platform.tenantId,
    clientId,
    tokenFilePath: join(running.tokenDir, `${name}.token`),
    authorityHost: tenant.addresses.authorityHost,
    disableInstanceDiscovery: true,
  });
}

interface TokenAnswer {
  readonly access_token?: string;
  readonly error?: string;
  readonly error_description?: string;
  readonly error_codes?: number[];
}

/** Posts a form to a tenant's token endpoint, as step 1 and 2 of the agent flow do. */
export async function postToken(
  tenant: Tenant,
  tenantId: string,
  form: Record<string, string>,
): Promise<{ status: number; body: TokenAnswer }> {
  const url = `${tenant.addresses.authorityHost}/${tenantId}/oauth2/v2.0/token`;
  const body = new URLSearchParams({ grant_type: "client_credentials", ...form });
  const response = await fetch(url, { method: "POST", body });
  return { status: response.status, body: (await response.json()) as TokenAnswer };
}

/** Posts JSON to a control of the emulator. */
export async function control(tenant: Tenant, path: string, body: unknown): Promise<Response> {
  return await fetch(`${tenant.addresses.http}/emulator/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}
