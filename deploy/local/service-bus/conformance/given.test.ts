// The cases against any bus with the entities of config.json:
//
//     SERVICE_BUS_CONNECTION_STRING='Endpoint=sb://…' npx vitest run --project system conformance/given

import type { Target } from "./case.ts";
import { conformance } from "./suite.ts";

const variable = "SERVICE_BUS_CONNECTION_STRING";

conformance("a given connection string", async (): Promise<Target | string> => {
  const connectionString = process.env[variable];
  if (connectionString === undefined) return `${variable} is not set`;
  return { connectionString, offers: new Set(), stop: async () => undefined };
});
