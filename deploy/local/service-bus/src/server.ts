// A local Azure Service Bus: an AMQP 1.0 server that the unmodified SDK uses over plain TCP.

import { randomUUID } from "node:crypto";
import { createAccess } from "./access/access.ts";
import { createJwtVerifier } from "./access/jwt-token.ts";
import { type Broker, createBroker } from "./broker.ts";
import { parseConfig, readKeys, type ServerSettings, type ServiceBusConfig } from "./config.ts";
import { describeTopology } from "./config-file/describe-topology.ts";
import { openDoors } from "./doors.ts";
import type { NamespaceDescription } from "./entities/descriptions.ts";
import type { Namespace } from "./namespace.ts";
import { openStore } from "./store/store.ts";

export interface ServiceBus {
  /** The port taken, also when the configuration asked for any. */
  readonly port: number;
  /** The other port for the administration API, when one was asked for. */
  readonly adminPort: number | undefined;
  readonly namespace: Namespace;
  /** Tells the clients, commits what is pending and lets go of port and data folder. */
  close(): Promise<void>;
}

export interface ServiceBusHooks {
  /** Largest size of the store in pages of 4096 bytes. Default: as large as the disk. */
  readonly storePagesMax?: number;
  /** Ms since 1970; it may jump. Default: the machine's clock. */
  readonly clock?: () => number;
  /** One line for a person. Default: standard error. */
  readonly log?: (line: string) => void;
}

/** What a configuration of either format says, checked. */
export interface Configured {
  readonly settings: ServerSettings;
  readonly namespace: NamespaceDescription;
}

/** Starts the bus with a configuration of its own format. Rejects as `startNamespace`. */
export async function startServiceBus(
  input: ServiceBusConfig,
  hooks: ServiceBusHooks = {},
): Promise<ServiceBus> {
  const { topics, ...settings } = parseConfig(input);
  return startNamespace({ settings, namespace: describeTopology({ topics }) }, hooks);
}

/**
 * Starts the bus. Rejects with `ConfigError` when the configuration is wrong, `StoreError` when the
 * data folder cannot be used, and the system's error when the port is taken.
 */
export async function startNamespace(
  { settings: config, namespace: configured }: Configured,
  hooks: ServiceBusHooks = {},
): Promise<ServiceBus> {
  const keys = readKeys(config);
  const log = hooks.log ?? ((line) => console.error(`service-bus: ${line}`));
  let lastTold = Number.NEGATIVE_INFINITY;
  const store = openStore({
    dataDir: config.dataDir,
    journalFile: config.journal,
    pagesMax: hooks.storePagesMax,
    onFailure: (error) => {
      // A full disk fails every turn: one line in a while is enough.
      if (performance.now() - lastTold < FAILURE_LINE_MS) return;
      lastTold = performance.now();
      log(`${error.message}; what was under way is refused, and tried again when asked`);
    },
  });
  const clock = hooks.clock ?? Date.now;
  let broker: Broker | undefined;
  const release = () => {
    broker?.stop();
    store.close();
  };
  try {
    broker = createBroker(configured, store, clock);
    const { namespace } = broker;
    const access = createAccess({
      keys,
      entityKeys: (name) =>
        (namespace.queue(name) ?? namespace.topic(name))?.authorizationRules ?? [],
      verifyJwt: config.identity && createJwtVerifier(config.identity),
      isOpen: config.open,
    });
    const doors = await openDoors(config, {
      ...{ broker, access, clock, log, newId: randomUUID },
      namespace,
      canWrite: store.canWrite,
    });
    return {
      port: doors.port,
      adminPort: doors.adminPort,
      namespace,
      close: async () => {
        await doors.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

const FAILURE_LINE_MS = 5_000;
