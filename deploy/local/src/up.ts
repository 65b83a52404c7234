// Starts the whole system: bus, tenant emulator, then the seven service processes, each with its own
// identity, its own store and nothing of another's. Used by `npm start`, the demo and the tests.

import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Identity, identities } from "@niivo/contracts/topology";
import { nodeFlags } from "@niivo/service-bus/node-flags";
import { ensureCertificates } from "@niivo/tenant/certificates";
import { busConfig } from "./bus-config.ts";
import { customersFile } from "./customers.ts";
import { checkPorts, type Ports } from "./ports.ts";
import { type Child, startChild } from "./processes.ts";
import { serviceEnvironment, serviceFiles, TenantAddresses } from "./service-environment.ts";
import { supervise } from "./supervise.ts";
import { introduceWitness, onboardWitness, startWitness } from "./witness.ts";

export interface SystemOptions {
  readonly dataDir: string;
  readonly ports: Ports;
  /** Caps how long people have to answer; the demo and the tests do not wait half an hour. */
  readonly approvalSecondsMax?: number;
  /** Keeps every bus message in a file, so that a run can be searched for secrets. */
  readonly journal?: boolean;
  /** Each process leaves its V8 CPU profile in this folder when it ends in order. */
  readonly profileDir?: string;
  /** A collector of the user's own; without one the local receiver is started, and keeps recent spans. */
  readonly otlpEndpoint?: string;
  /** What a service's environment says besides, asked at each of its starts. */
  readonly settings?: (name: Identity) => Readonly<Record<string, string>>;
  /** Told of each part as it becomes ready. */
  readonly progress?: (name: string) => void;
  /** Told of each part that ended by itself and is being started again. */
  readonly restarting?: (name: string, how: string) => void;
}

export type PartName = "service-bus" | "tenant" | "traces" | "witness" | Identity;

export interface System {
  readonly dataDir: string;
  readonly ports: Ports;
  readonly addresses: TenantAddresses;
  readonly caFile: string;
  /** Where each part keeps its data and its log, for those who search them. */
  readonly journalFile: string;
  /** The verifier key of the witness, for a policy file. */
  readonly witnessKey: string;
  /** SIGKILL, as a power cut. The part stays down until `start`. */
  readonly kill: (name: PartName) => Promise<void>;
  readonly start: (name: PartName) => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly processes: () => readonly { readonly name: string; readonly pid: number }[];
  /** Resolves with one line when a part keeps ending that nobody stopped (`restart-limit.ts`). */
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
  let addresses: TenantAddresses | undefined;
  const parts = supervise<PartName>({
    spawn: (name) => {
      if (name === "traces") return startTraces(options);
      if (name === "service-bus") return startBus(options);
      if (name === "tenant") return startTenant(options, certificates);
      if (name === "witness") return startWitness(options);
      // The services are started after the tenant, which announces its addresses.
      if (addresses === undefined) throw new Error(`${name} needs the tenant's addresses`);
      return startService(name, options, addresses, certificates.caFile);
    },
    logFile: folders.log,
    ready: options.progress,
    restarting: options.restarting,
  });
  const stop = async () => {
    // Services first, so that they drain while the bus and the tenant still answer.
    await parts.stop(identities);
    await parts.stop();
  };

  try {
    if (options.otlpEndpoint === undefined) await parts.start("traces");
    await parts.start("service-bus");
    const [announced] = await Promise.all([parts.start("tenant"), parts.start("witness")]);
    addresses = TenantAddresses.parse(JSON.parse(announced));
    const witnessKey = await introduceWitness(options);
    const file = customersFile(customersIn(addresses));
    writeFileSync(folders.customers, JSON.stringify(file, null, 2));
    await Promise.all(identities.map(parts.start));
    await onboardWitness(options);
    return {
      dataDir: options.dataDir,
      ports: options.ports,
      addresses,
      caFile: certificates.caFile,
      journalFile: folders.journal,
      witnessKey,
      kill: parts.kill,
      start: async (name) => void (await parts.start(name)),
      stop,
      processes: () => parts.running().map(({ name, pid }) => ({ name, pid })),
      broken: parts.broken,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startService(
  name: Identity,
  options: SystemOptions,
  addresses: TenantAddresses,
  caFile: string,
): Child {
  return startChild({
    name,
    arguments: [
      ...profiling(options, name),
      "--import",
      source("deploy/local/service-bus/src/no-delay.ts"),
      source(serviceMain[name]),
    ],
    environment: {
      ...serviceEnvironment(name, options, addresses, caFile),
      ...options.settings?.(name),
    },
    logFile: serviceFiles(options.dataDir).log(name),
    ready: { url: `http://127.0.0.1:${options.ports[name]}/readyz` },
  });
}

const customersIn = (addresses: TenantAddresses) => ({
  vaults: addresses.vaults,
  modelEndpoint: addresses.modelBaseUrl,
});

const profiling = ({ profileDir }: SystemOptions, name: PartName): readonly string[] =>
  profileDir === undefined
    ? []
    : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`, `--cpu-prof-name=${name}.cpuprofile`];

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

function startBus(options: SystemOptions): Child {
  const folders = serviceFiles(options.dataDir);
  const { busConfig: configFile } = folders;
  const config = busConfig({
    port: options.ports.bus,
    dataDir: join(options.dataDir, "bus"),
    keyFile: folders.busKey,
    ...(options.journal === true ? { journal: folders.journal } : {}),
  });
  writeFileSync(configFile, JSON.stringify(config, null, 2));
  return startChild({
    name: "service-bus",
    arguments: [
      ...nodeFlags,
      ...profiling(options, "service-bus"),
      source("deploy/local/service-bus/src/main.ts"),
      "--config",
      configFile,
    ],
    environment: {},
    logFile: folders.log("service-bus"),
    ready: { line: "service-bus ready" },
  });
}

function startTraces({ dataDir, ports, journal }: SystemOptions): Child {
  const { tracesJournal: file, log } = serviceFiles(dataDir);
  return startChild({
    name: "traces",
    arguments: [
      source("deploy/local/src/traces/main.ts"),
      ...["--port", String(ports.traces)],
      ...(journal === true ? ["--journal", file] : []),
    ],
    environment: {},
    logFile: log("traces"),
    ready: { line: "traces ready" },
  });
}

function startTenant(
  options: SystemOptions,
  certificates: { readonly certFile: string; readonly keyFile: string },
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
    arguments: [
      ...profiling(options, "tenant"),
      source("deploy/local/tenant/src/main.ts"),
      "--config",
      configFile,
    ],
    environment: {},
    logFile: serviceFiles(options.dataDir).log("tenant"),
    ready: { line: "tenant ready" },
  });
}
