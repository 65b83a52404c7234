// Intake as a service: its topic, what it reads, and its door.

import { tickets } from "@niivo/contracts/tickets";
import { isErasures, retentionDays, subscriptions } from "@niivo/contracts/topology";
import { actorBinding } from "@niivo/host/actor-decider";
import type { ServiceDefinition } from "@niivo/host/compose";
import { erasureBinding } from "@niivo/host/erasure";
import { intake, intakeKey } from "./intake-actor.ts";
import type { IntakeDoor } from "./intake-door.ts";
import { intakeHttp } from "./intake-http.ts";

const own = subscriptions.filter(({ reader }) => reader === "intake");

export const intakeService = (environment: IntakeDoor["environment"]): ServiceDefinition => ({
  name: "intake",
  contract: tickets,
  bindings: () => [
    actorBinding({
      actor: intake,
      subscriptions: own.filter((one) => !isErasures(one)),
      key: intakeKey,
      keptDays: retentionDays.intake,
    }),
    erasureBinding({ subscriptions: own.filter(isErasures) }),
  ],
  http: (host) => intakeHttp({ host, environment }),
});
