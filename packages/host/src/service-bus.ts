// The bus on Azure Service Bus: the client, its identity, and the two halves made from it. This file and its
// siblings `service-bus-*.ts` are the only importers of the library.
// https://learn.microsoft.com/javascript/api/overview/azure/service-bus-readme

import { readFileSync } from "node:fs";
import { ServiceBusClient, type ServiceBusClientOptions } from "@azure/service-bus";
import type { TopicName } from "@niivo/contracts/envelope";
import type { Publisher, Receiver } from "./bus.ts";
import { serviceCredential } from "./credential.ts";
import type { HostEnvironment } from "./env.ts";
import { FatalError } from "./fatal-error.ts";
import { isLoopback } from "./local.ts";
import type { Logger } from "./logger.ts";
import { createPublisher } from "./service-bus-publisher.ts";
import { createReceiver } from "./service-bus-receiver.ts";

/** The library's default waits 30 s before it connects again. */
const retryOptions = {
  timeoutInMs: 10_000,
  maxRetries: 5,
  retryDelayInMs: 300,
  maxRetryDelayInMs: 1000,
};

export interface ServiceBus {
  readonly publisher: (topic: TopicName) => Publisher;
  readonly receiver: Receiver;
  readonly close: () => Promise<void>;
}

/** @throws FatalError when a local bus has no key, or a key is configured for any other. */
export function serviceBus(
  environment: Pick<
    HostEnvironment,
    | "serviceBusNamespace"
    | "serviceBusKeyName"
    | "serviceBusKeyFile"
    | "entraAuthorityHost"
    | "azureTenantId"
    | "azureClientId"
    | "azureFederatedTokenFile"
  >,
  identifier: string,
  log: Logger,
): ServiceBus {
  const { serviceBusNamespace, serviceBusKeyName, serviceBusKeyFile } = environment;
  const options: ServiceBusClientOptions = { identifier, retryOptions };
  const hasKey = serviceBusKeyName !== undefined || serviceBusKeyFile !== undefined;
  if (!isLoopback(serviceBusNamespace) && hasKey)
    throw new FatalError("SERVICE_BUS_KEY_NAME and SERVICE_BUS_KEY_FILE are for a local bus alone");
  const client = isLoopback(serviceBusNamespace)
    ? new ServiceBusClient(localConnection(environment), options)
    : new ServiceBusClient(serviceBusNamespace, serviceCredential(environment), options);
  return {
    publisher: (topic) => createPublisher(client, topic),
    receiver: createReceiver(client, log),
    close: () => client.close(),
  };
}

/** Plain TCP with a shared key: what the library calls the development emulator. */
function localConnection({
  serviceBusNamespace,
  serviceBusKeyName,
  serviceBusKeyFile,
}: Pick<
  HostEnvironment,
  "serviceBusNamespace" | "serviceBusKeyName" | "serviceBusKeyFile"
>): string {
  if (serviceBusKeyName === undefined || serviceBusKeyFile === undefined)
    throw new FatalError("a local bus needs SERVICE_BUS_KEY_NAME and SERVICE_BUS_KEY_FILE");
  return [
    `Endpoint=sb://${serviceBusNamespace}`,
    `SharedAccessKeyName=${serviceBusKeyName}`,
    `SharedAccessKey=${keyOf(serviceBusKeyFile)}`,
    "UseDevelopmentEmulator=true",
  ].join(";");
}

function keyOf(file: string): string {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new FatalError("the file SERVICE_BUS_KEY_FILE names cannot be read", { cause: error });
  }
}
