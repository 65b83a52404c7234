// The agent's process. It reads the bus, decides, and asks: nothing else is within its reach (R2).

import { agent } from "@niivo/contracts/agent";
import { subscriptions } from "@niivo/contracts/topology";
import { actorBinding } from "@niivo/host/actor-decider";
import { readEnv } from "@niivo/host/env";
import { startService } from "@niivo/host/service";
import { agentActor, ticketOf } from "./actor.ts";
import { AgentVariables } from "./config.ts";

const environment = readEnv(AgentVariables);

await startService({
  name: "agent",
  contract: agent,
  environment,
  bindings: () => [
    actorBinding({
      actor: agentActor(environment.agentName),
      subscriptions: subscriptions.filter(({ reader }) => reader === "agent"),
      key: ticketOf,
    }),
  ],
});
