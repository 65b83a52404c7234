// A local Azure Service Bus: an AMQP 1.0 server that the unmodified SDK uses over plain TCP.

import { randomUUID } from "node:crypto";
import { createAccess } from "./access.ts";
import { createBus } from "./bus.ts";
import { parseConfig, readKeys, type ServiceBusConfig } from "./config.ts";
import { openDoors } from "./doors.ts";
import { createJwtVerifier } from "./jwt-token.ts";
import { openStore, type StoreError } from "./store.ts";

export interface ServiceBus {
  /** The port taken, also when the configuration asked for any. */
  readonly port: number;
  /** The other port for the administration API, when one was asked for. */
  readonly adminPort: number | undefined;
  /** Tells the clients, commits what is pending and lets go of port and data folder. */
  close(): Promise<void>;
}

export interface ServiceBusHooks {
  /** A write failed: nothing more is acknowledged, and the process should end. Default: it does. */
  readonly onFailure?: (error: StoreError) => void;
  /** One line for a person. Default: standard error. */
  readonly log?: (line: string) => void;
}

/**
 * Starts the bus. Rejects with `ConfigError` when the configuration is wrong, `StoreError` when the
 * data folder cannot be used, and the system's error when the port is taken.
 */
export async function startServiceBus(
  input: ServiceBusConfig,
  hooks: ServiceBusHooks = {},
): Promise<ServiceBus> {
  const config = parseConfig(input);
  const keys = readKeys(config);
  const log = hooks.log ?? ((line) => console.error(`service-bus: ${line}`));
  const store = openStore({
    dataDir: config.dataDir,
    journalFile: config.journal,
    onFailure: hooks.onFailure ?? endProcess,
  });
  const clock = Date.now;
  const bus = createBus(config, store, clock);
  const release = () => {
    bus.stop();
    store.close();
  };
  try {
    const access = createAccess({
      keys,
      entityKeys: () => [],
      verifyJwt: config.identity && createJwtVerifier(config.identity),
      isOpen: config.open,
    });
    const doors = await openDoors(config, {
      ...{ bus, access, clock, log, newId: randomUUID },
      namespace: undefined,
    });
    return {
      port: doors.port,
      adminPort: doors.adminPort,
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

function endProcess(error: StoreError): void {
  console.error(`service-bus: ${error.message}`);
  process.exit(1);
}
