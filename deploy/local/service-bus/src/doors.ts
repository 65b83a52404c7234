// The ways into the bus: one port for AMQP, TLS and HTTP, and on request another for HTTP alone.

import { readTls, type ServerSettings } from "./config.ts";
import { type FrontDoor, openFrontDoor } from "./front-door.ts";
import { createHttpServer } from "./http/http-server.ts";
import { type ListenerOptions, listen } from "./listener.ts";
import { createMetrics } from "./metrics.ts";
import type { Namespace } from "./namespace.ts";

/** The name of the only namespace, as Microsoft's emulator has it. */
const NAMESPACE_NAME = "sbemulatorns";

export interface DoorOptions
  extends Omit<ListenerOptions, "host" | "port" | "tls" | "http" | "meter"> {
  /** What is administered; absent: the administration API answers that there is none. */
  readonly namespace: Namespace | undefined;
  /** Whether the store can be written now. */
  readonly canWrite: () => Promise<boolean>;
}

export interface Doors {
  readonly port: number;
  readonly adminPort: number | undefined;
  close(): Promise<void>;
}

/** Opens every port of the configuration, or none. Rejects as `ServiceBus` describes. */
export async function openDoors(config: ServerSettings, options: DoorOptions): Promise<Doors> {
  const { host, port, adminPort, openMetrics } = config;
  const { log } = options;
  const tls = readTls(config);
  const metrics = createMetrics();
  const http = createHttpServer({ ...options, name: NAMESPACE_NAME, metrics, openMetrics });
  const admin =
    adminPort === undefined
      ? undefined
      : await openFrontDoor({ host, port: adminPort, tls, http, log, amqp: undefined });
  try {
    const listener = await listen({ ...options, host, port, tls, http, meter: metrics.meter });
    return {
      port: listener.port,
      adminPort: admin?.port,
      async close() {
        http.closeIdleConnections();
        await Promise.all([listener.close(), shut(admin)]);
      },
    };
  } catch (error) {
    await shut(admin);
    throw error;
  }
}

async function shut(door: FrontDoor | undefined): Promise<void> {
  const closed = door?.close();
  door?.cut();
  await closed;
}
