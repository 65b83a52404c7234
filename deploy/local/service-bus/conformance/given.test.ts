// The cases against any bus with the entities of config.json:
//
//     SERVICE_BUS_CONNECTION_STRING='Endpoint=sb://…' npx vitest run --project system conformance/given
//
// With SERVICE_BUS_ADMINISTRATION=1 the cases of the administration API as well, at the same address.

import { ServiceBusAdministrationClient } from "@azure/service-bus";
import type { Target } from "./case.ts";
import { conformance } from "./suite.ts";

const variable = "SERVICE_BUS_CONNECTION_STRING";

conformance("a given connection string", async (): Promise<Target | string> => {
  const connectionString = process.env[variable];
  if (connectionString === undefined) return `${variable} is not set`;
  const hasAdministration = process.env["SERVICE_BUS_ADMINISTRATION"] === "1";
  return {
    connectionString,
    administer: () => new ServiceBusAdministrationClient(connectionString),
    offers: new Set(hasAdministration ? ["administration"] : []),
    stop: async () => undefined,
  };
});
