// Intake as a service: its topic, what it reads, and its door.

import { tickets } from "@niivo/contracts/tickets";
import { subscriptions } from "@niivo/contracts/topology";
import { actorBinding } from "@niivo/host/actor-decider";
import type { ServiceDefinition } from "@niivo/host/compose";
import { intake, intakeKey } from "./intake-actor.ts";
import type { IntakeDoor } from "./intake-door.ts";
import { intakeHttp } from "./intake-http.ts";

export const intakeService = (environment: IntakeDoor["environment"]): ServiceDefinition => ({
  name: "intake",
  contract: tickets,
  bindings: () => [
    actorBinding({
      actor: intake,
      subscriptions: subscriptions.filter(({ reader }) => reader === "intake"),
      key: intakeKey,
    }),
  ],
  http: (host) => intakeHttp({ host, environment }),
});
