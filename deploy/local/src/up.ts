// Starts the whole system: bus, tenant emulator, then the seven service processes, each with its own
// identity, its own store and nothing of another's. Used by `npm start`, the demo and the tests.

import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Identity, identities } from "@niivo/contracts/topology";
import { ensureCertificates } from "@niivo/tenant/certificates";
import { busConfig } from "./bus-config.ts";
import { customersFile } from "./customers.ts";
import { checkPorts, type Ports } from "./ports.ts";
import { type Child, startChild } from "./processes.ts";
import { serviceEnvironment, serviceFiles, TenantAddresses } from "./service-environment.ts";

export interface SystemOptions {
  readonly dataDir: string;
  readonly ports: Ports;
  /** Caps how long people have to answer; the demo and the tests do not wait half an hour. */
  readonly approvalSecondsMax?: number;
  /** Keeps every bus message in a file, so that a run can be searched for secrets. */
  readonly journal?: boolean;
  /** Told of each part as it becomes ready. */
  readonly progress?: (name: string) => void;
}

export type PartName = "service-bus" | "tenant" | Identity;

export interface System {
  readonly dataDir: string;
  readonly ports: Ports;
  readonly addresses: TenantAddresses;
  readonly caFile: string;
  /** Where each part keeps its data and its log, for those who search them. */
  readonly journalFile: string;
  /** SIGKILL, as a power cut. The part stays down until `start`. */
  readonly kill: (name: PartName) => Promise<void>;
  readonly start: (name: PartName) => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly processes: () => readonly { readonly name: string; readonly pid: number }[];
  /** Resolves with one line when a part ends that nobody stopped. */
  readonly broken: Promise<string>;
}

const repository = fileURLToPath(new URL("../../../", import.meta.url));
const source = (path: string) => join(repository, path);

const serviceMain: Readonly<Record<Identity, string>> = {
  intake: "services/agent/src/intake.ts",
  agent: "services/agent/src/main.ts",
  policy: "services/policy/src/main.ts",
  approvals: "services/approvals/src/main.ts",
  broker: "services/broker/src/main.ts",
  links: "services/broker/src/links/main.ts",
  audit: "services/audit/src/main.ts",
};

/** @throws Error with one line: a port in use, a folder that cannot be written, a part that died. */
export async function startSystem(options: SystemOptions): Promise<System> {
  makeFolders(options.dataDir);
  await checkPorts(options.ports);
  const folders = serviceFiles(options.dataDir);
  const certificates = await ensureCertificates(folders.certificates);
  writeKeys(folders.busKey);
  const running = new Map<PartName, Child>();
  let stopping = false;
  let reportBroken: (line: string) => void = () => {};
  const broken = new Promise<string>((resolve) => {
    reportBroken = resolve;
  });

  const run = async (name: PartName, child: Child): Promise<string> => {
    running.set(name, child);
    const announced = await child.ready;
    void child.ended.then((how) => {
      if (!stopping && running.get(name) === child) {
        reportBroken(`${name} ended (${how}): see ${folders.log(name)}`);
      }
    });
    options.progress?.(name);
    return announced;
  };
  const stop = async () => {
    stopping = true;
    // Services first, so that they drain while the bus and the tenant still answer.
    await Promise.all(identities.map((name) => running.get(name)?.stop()));
    await Promise.all([...running.values()].map((child) => child.stop()));
  };

  try {
    await run("service-bus", startBus(options, folders.busConfig, folders.log("service-bus")));
    const announced = await run(
      "tenant",
      startTenant(options, certificates, folders.log("tenant")),
    );
    const addresses = TenantAddresses.parse(JSON.parse(announced));
    writeFileSync(
      folders.customers,
      JSON.stringify(customersFile(customersIn(addresses)), null, 2),
    );
    const startService = (name: Identity) =>
      startChild({
        name,
        arguments: [
          "--import",
          source("deploy/local/service-bus/src/no-delay.ts"),
          source(serviceMain[name]),
        ],
        environment: serviceEnvironment(name, options, addresses, certificates.caFile),
        logFile: folders.log(name),
        ready: { url: `http://127.0.0.1:${options.ports[name]}/readyz` },
      });
    await Promise.all(identities.map((name) => run(name, startService(name))));

    const start = async (name: PartName) => {
      if (name === "service-bus") {
        await run(name, startBus(options, folders.busConfig, folders.log(name)));
      } else if (name === "tenant") {
        await run(name, startTenant(options, certificates, folders.log(name)));
      } else {
        await run(name, startService(name));
      }
    };
    const kill = async (name: PartName) => {
      const child = running.get(name);
      running.delete(name);
      await child?.kill();
    };
    return {
      dataDir: options.dataDir,
      ports: options.ports,
      addresses,
      caFile: certificates.caFile,
      journalFile: folders.journal,
      kill,
      start,
      stop,
      processes: () => [...running.values()].map(({ name, pid }) => ({ name, pid })),
      broken,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const customersIn = (addresses: TenantAddresses) => ({
  vaults: addresses.vaults,
  modelEndpoint: addresses.modelBaseUrl,
});

function makeFolders(dataDir: string): void {
  try {
    for (const folder of ["bus", "tenant", "certificates", "keys", "tokens", "stores", "logs"]) {
      mkdirSync(join(dataDir, folder), { recursive: true, mode: 0o700 });
    }
    accessSync(dataDir, constants.W_OK);
  } catch (cause) {
    throw new Error(`the data folder ${dataDir} cannot be written`, { cause });
  }
}

/** One key for each service process, made once, readable by its owner alone. */
function writeKeys(file: (identity: Identity) => string): void {
  for (const identity of identities) {
    if (existsSync(file(identity))) continue;
    writeFileSync(file(identity), randomBytes(32).toString("base64"), { mode: 0o600 });
  }
}

function startBus(options: SystemOptions, configFile: string, logFile: string): Child {
  const folders = serviceFiles(options.dataDir);
  const config = busConfig({
    port: options.ports.bus,
    dataDir: join(options.dataDir, "bus"),
    keyFile: folders.busKey,
    ...(options.journal === true ? { journal: folders.journal } : {}),
  });
  writeFileSync(configFile, JSON.stringify(config, null, 2));
  return startChild({
    name: "service-bus",
    arguments: [source("deploy/local/service-bus/src/main.ts"), "--config", configFile],
    environment: {},
    logFile,
    ready: { line: "service-bus ready" },
  });
}

function startTenant(
  options: SystemOptions,
  certificates: { readonly certFile: string; readonly keyFile: string },
  logFile: string,
): Child {
  const configFile = join(options.dataDir, "tenant.json");
  const { ports } = options;
  const config = {
    dataDir: join(options.dataDir, "tenant"),
    ports: {
      http: ports.tenantHttp,
      https: ports.tenantHttps,
      vaults: {
        contoso: ports.vaultContoso,
        fabrikam: ports.vaultFabrikam,
        platform: ports.vaultPlatform,
      },
    },
    botEndpoint: `http://127.0.0.1:${ports.approvals}/api/messages`,
    certificates: { certFile: certificates.certFile, keyFile: certificates.keyFile },
    tokenDir: join(options.dataDir, "tokens"),
  };
  writeFileSync(configFile, JSON.stringify(config, null, 2));
  return startChild({
    name: "tenant",
    arguments: [source("deploy/local/tenant/src/main.ts"), "--config", configFile],
    environment: {},
    logFile,
    ready: { line: "tenant ready" },
  });
}
