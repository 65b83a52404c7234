// The cases against Microsoft's emulator, where a container engine can run it. It is a reference: where it
// and this bus differ, one of both is wrong about the cloud.

import { readFileSync } from "node:fs";
import { AzureServiceBusContainer } from "@testcontainers/azureservicebus";
import { getContainerRuntimeClient } from "testcontainers";
import type { Target } from "./case.ts";
import { conformance } from "./suite.ts";

const image = "mcr.microsoft.com/azure-messaging/servicebus-emulator:latest";
const configFile = new URL("./config.json", import.meta.url);

conformance("Microsoft's emulator", async (): Promise<Target | string> => {
  if (!(await hasEngine())) return "no container engine";
  const emulator = await new AzureServiceBusContainer(image)
    .acceptLicense()
    .withConfig(readFileSync(configFile, "utf8"))
    .start();
  return {
    connectionString: emulator.getConnectionString(),
    offers: new Set(),
    stop: async () => void (await emulator.stop()),
  };
});

async function hasEngine(): Promise<boolean> {
  try {
    await getContainerRuntimeClient();
    return true;
  } catch {
    return false;
  }
}
