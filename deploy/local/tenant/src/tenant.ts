// Starts the tenant emulator: five loopback servers over one durable state.

import { readFileSync } from "node:fs";
import { openApplications } from "./applications.ts";
import { anchorContainer, blobStorage, storageAccount } from "./blob-storage.ts";
import { botMetadata } from "./bot-tokens.ts";
import { openChats } from "./chats.ts";
import { parseConfig, type TenantConfig } from "./config.ts";
import { connector } from "./connector.ts";
import { controls } from "./controls.ts";
import { type Database, openDatabase } from "./database.ts";
import { openDirectory } from "./directory.ts";
import { entra } from "./entra.ts";
import { openFaults } from "./faults.ts";
import { keepTokenFiles } from "./federation.ts";
import { front } from "./front.ts";
import { graph } from "./graph.ts";
import { openLedger } from "./ledger.ts";
import { type Listener, listen } from "./listener.ts";
import { modelEndpoint } from "./model-endpoint.ts";
import { teamsPage } from "./page.ts";
import { plantSeed } from "./planting.ts";
import { signIn } from "./sign-in.ts";
import { openSigningKeys } from "./signing-keys.ts";
import { teamsControls } from "./teams-controls.ts";
import { vault } from "./vault.ts";
import { openVaultStore } from "./vault-store.ts";
import type { Addresses, World } from "./world.ts";

export interface Tenant {
  readonly addresses: Addresses;
  /** Ends every connection and closes the state. Safe to call once. */
  readonly close: () => Promise<void>;
}

interface Listeners {
  readonly http: Listener;
  readonly https: Listener;
  readonly contoso: Listener;
  readonly fabrikam: Listener;
  readonly platform: Listener;
}

/**
 * Opens or creates the state, listens on loopback, writes the federated token files.
 * Throws when the configuration is wrong (naming every problem), a port is taken or a file cannot
 * be read or written.
 */
export async function startTenant(config: TenantConfig): Promise<Tenant> {
  const { dataDir, ports, botEndpoint, certificates, tokenDir } = parseConfig(config);
  const tls = {
    cert: readFileSync(certificates.certFile),
    key: readFileSync(certificates.keyFile),
  };
  const database = openDatabase(dataDir);
  const started: Listener[] = [];
  const close = async () => {
    await Promise.all(started.map((listener) => listener.close()));
    database.close();
  };
  try {
    const keep = (listener: Listener): Listener => {
      started.push(listener);
      return listener;
    };
    const listeners: Listeners = {
      http: keep(await listen("http", ports.http)),
      https: keep(await listen("https", ports.https, tls)),
      contoso: keep(await listen("vault contoso", ports.vaults.contoso, tls)),
      fabrikam: keep(await listen("vault fabrikam", ports.vaults.fabrikam, tls)),
      platform: keep(await listen("vault platform", ports.vaults.platform, tls)),
    };
    const world = makeWorld(database, listeners, botEndpoint);
    const stopRenewal = await keepTokenFiles(world, tokenDir);
    attachAll(world, listeners);
    return {
      addresses: world.addresses,
      close: async () => {
        stopRenewal();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function makeWorld(database: Database, listeners: Listeners, botEndpoint: string): World {
  const ledger = openLedger(database);
  plantSeed(database, ledger, new Date());
  const { http, https, contoso, fabrikam, platform } = listeners;
  const keyId = (name: "audit-sealing" | "audit-values"): string => {
    const key = openVaultStore(database, "platform").key(name, "");
    if (key === undefined) throw new Error(`the state has no key ${name}`);
    return `${platform.origin}/keys/${name}/${key.version}`;
  };
  return {
    database,
    ledger,
    keys: openSigningKeys(database),
    applications: openApplications(database),
    directory: openDirectory(database),
    botEndpoint,
    addresses: {
      http: http.origin,
      https: https.origin,
      authorityHost: https.origin,
      graphBaseUrl: `${https.origin}/graph`,
      vaults: {
        contoso: contoso.origin,
        fabrikam: fabrikam.origin,
        platform: platform.origin,
      },
      botMetadataUrl: `${http.origin}/botframework/v1/.well-known/openidconfiguration`,
      serviceUrl: `${http.origin}/connector/`,
      modelBaseUrl: `${http.origin}/openai/v1`,
      auditKeyId: keyId("audit-sealing"),
      auditWrappingKeyId: keyId("audit-values"),
      anchorContainerUrl: `${https.origin}/${storageAccount}/${anchorContainer}`,
    },
  };
}

function attachAll(world: World, listeners: Listeners): void {
  const faults = openFaults();
  const https = front(faults);
  https.route("/graph/v1.0", graph(world));
  https.route(`/${storageAccount}`, blobStorage(world));
  https.route("/", signIn(world));
  https.route("/", entra(world));
  listeners.https.attach(https);
  const http = front(faults);
  http.route("/", signIn(world));
  http.route("/", teamsPage());
  http.route("/", controls(world, faults));
  const chats = openChats(world.database);
  http.route("/", teamsControls(world, chats));
  http.route("/botframework", botMetadata(world));
  http.route("/connector", connector(world, chats));
  http.route("/openai/v1", modelEndpoint(world));
  listeners.http.attach(http);
  for (const name of ["contoso", "fabrikam", "platform"] as const) {
    const app = front(faults, `/vault/${name}`);
    app.route("/", vault(world, name));
    listeners[name].attach(app);
  }
}
