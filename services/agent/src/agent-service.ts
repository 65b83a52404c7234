// The agent as a service: its topic and what it reads. It has no door: nobody can call it.

import { agent } from "@niivo/contracts/agent";
import { subscriptions } from "@niivo/contracts/topology";
import { actorBinding } from "@niivo/host/actor-decider";
import type { ServiceDefinition } from "@niivo/host/compose";
import { agentActor, ticketOf } from "./actor.ts";

/** @param name the agent's, as the customers' configuration has it. */
export const agentService = (name: string): ServiceDefinition => ({
  name: "agent",
  contract: agent,
  bindings: () => [
    actorBinding({
      actor: agentActor(name),
      subscriptions: subscriptions.filter(({ reader }) => reader === "agent"),
      key: ticketOf,
    }),
  ],
});
