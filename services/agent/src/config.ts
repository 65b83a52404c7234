// The agent's configuration: what every service needs, and its name.

import { AgentName } from "@niivo/contracts/action";
import { HostVariables } from "@niivo/host/env";
import type { z } from "zod";

/** `AGENT_NAME` must be the name of an agent that customers have, for example `niivo-l1-desk`. */
export const AgentVariables = HostVariables.extend({ agentName: AgentName });
export type AgentEnvironment = z.output<typeof AgentVariables>;
