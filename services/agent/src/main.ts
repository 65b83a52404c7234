// The agent's process. It reads the bus, decides, and asks: nothing else is within its reach (R2).

import { readEnv } from "@niivo/host/env";
import { startService } from "@niivo/host/service";
import { agentService } from "./agent-service.ts";
import { AgentVariables } from "./config.ts";

const environment = readEnv(AgentVariables);

await startService({ ...agentService(environment.agentName), environment });
