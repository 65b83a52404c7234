// The command: `node src/main.ts --config FILE.json`. One ready line on stdout, then silence.

import { parseArgs } from "node:util";
import { parseConfig, readConfigFile } from "./config.ts";
import { startTenant } from "./tenant.ts";

try {
  const { values } = parseArgs({ options: { config: { type: "string" } } });
  if (values.config === undefined) throw new Error("usage: main.ts --config FILE.json");
  const tenant = await startTenant(parseConfig(readConfigFile(values.config)));
  const stop = () => {
    tenant.close().catch((error) => {
      console.error(`tenant failed to close: ${error}`);
      process.exitCode = 1;
    });
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  console.log(`tenant ready ${JSON.stringify(tenant.addresses)}`);
} catch (error) {
  console.error(`tenant failed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
