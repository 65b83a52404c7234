// The local bus as the topology says: every topic, subscription and filter, and one key per service
// process with exactly its rights.

import { topicNames } from "@niivo/contracts/envelope";
import {
  deliveriesMax,
  type Identity,
  identities,
  lockMs,
  pathOf,
  publishers,
  subscriptions,
  timeToLiveMs,
} from "@niivo/contracts/topology";
import type { ServiceBusConfig } from "@niivo/service-bus/config";

export interface BusConfigOptions {
  readonly port: number;
  readonly dataDir: string;
  readonly journal?: string;
  readonly keyFile: (identity: Identity) => string;
}

export function busConfig(options: BusConfigOptions): ServiceBusConfig {
  return {
    port: options.port,
    dataDir: options.dataDir,
    ...(options.journal === undefined ? {} : { journal: options.journal }),
    topics: topicNames.map((topic) => ({
      name: topic,
      subscriptions: subscriptions
        .filter((one) => one.topic === topic)
        .map((one) => ({
          name: one.name,
          requiresSession: one.sessions,
          lockDurationMs: lockMs,
          maxDeliveryCount: deliveriesMax,
          timeToLiveMs,
          deadLetterOnExpiration: true,
          rules: one.types.map((type) => ({
            name: type,
            correlationFilter: {
              properties: one.mode === undefined ? { type } : { type, mode: one.mode },
            },
          })),
        })),
    })),
    keys: identities.map((identity) => ({
      name: identity,
      keyFile: options.keyFile(identity),
      send: topicNames.filter((topic) => publishers[topic] === identity),
      listen: subscriptions.filter((one) => one.reader === identity).map(pathOf),
    })),
  };
}
