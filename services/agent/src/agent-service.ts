// The agent as a service: its topic and what it reads. It has no door: nobody can call it.

import { agent } from "@niivo/contracts/agent";
import { isErasures, retentionDays, subscriptions } from "@niivo/contracts/topology";
import { actorBinding } from "@niivo/host/actor-decider";
import type { ServiceDefinition } from "@niivo/host/compose";
import { erasureBinding } from "@niivo/host/erasure";
import { agentActor, ticketOf } from "./actor.ts";

const own = subscriptions.filter(({ reader }) => reader === "agent");

/** @param name the agent's, as the customers' configuration has it. */
export const agentService = (name: string): ServiceDefinition => ({
  name: "agent",
  contract: agent,
  bindings: () => [
    actorBinding({
      actor: agentActor(name),
      subscriptions: own.filter((one) => !isErasures(one)),
      key: ticketOf,
      keptDays: retentionDays.agent,
    }),
    erasureBinding({ subscriptions: own.filter(isErasures) }),
  ],
});
