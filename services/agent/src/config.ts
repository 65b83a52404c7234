// The agent's configuration: what every service needs, and its name. Intake needs nothing of its own.

import { AgentName } from "@niivo/contracts/action";
import { HostVariables } from "@niivo/host/env";

/** `AGENT_NAME` must be the name of an agent that customers have, for example `niivo-l1-desk`. */
export const AgentVariables = HostVariables.extend({ agentName: AgentName });
