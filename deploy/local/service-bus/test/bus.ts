// A real server on a free port with a topology of its own, and real SDK clients for it.

import { ServiceBusClient } from "@azure/service-bus";
import type { ServiceBusConfig } from "../src/config.ts";
import { type ServiceBus, startServiceBus } from "../src/server.ts";
import "../src/no-delay.ts";

interface Retry {
  timeoutInMs?: number;
  maxRetries?: number;
}
type Subscriptions = ServiceBusConfig["topics"][number]["subscriptions"];

export const KEY = { name: "everything", key: "local-test-key" };

/** The configuration of one topic `events` with these subscriptions, and one key for all of it. */
export function configOf(
  subscriptions: Subscriptions,
  rest: Partial<ServiceBusConfig> = {},
): ServiceBusConfig {
  return {
    port: 0,
    topics: [{ name: "events", subscriptions }],
    keys: [{ ...KEY, send: ["events"], listen: subscriptions.map(({ name }) => `events/${name}`) }],
    ...rest,
  };
}

export interface TestBus extends AsyncDisposable {
  readonly server: ServiceBus;
  client(key?: { name: string; key: string }, retry?: Retry): ServiceBusClient;
}

/** Starts a bus; disposing closes its clients and the server. */
export async function startBus(
  subscriptions: Subscriptions,
  rest: Partial<ServiceBusConfig> = {},
): Promise<TestBus> {
  const server = await startServiceBus(configOf(subscriptions, rest), { log: () => undefined });
  const clients: ServiceBusClient[] = [];
  return {
    server,
    client(key, retry) {
      const client = connect(server.port, key, retry);
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await server.close();
    },
  };
}

/** A client with short retries; `retry` overrides some of them. */
export function connect(port: number, { name, key } = KEY, retry: Retry = {}): ServiceBusClient {
  const endpoint = `Endpoint=sb://127.0.0.1:${port}`;
  return new ServiceBusClient(
    `${endpoint};SharedAccessKeyName=${name};SharedAccessKey=${key};UseDevelopmentEmulator=true;`,
    {
      retryOptions: {
        retryDelayInMs: 50,
        maxRetryDelayInMs: 200,
        maxRetries: 3,
        timeoutInMs: 5_000,
        ...retry,
      },
    },
  );
}
