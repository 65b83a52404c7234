// Intake's process: the door for tickets, and the topic `tickets`. It has an identity of its own, apart
// from the process that handles model output.

import { tickets } from "@niivo/contracts/tickets";
import { subscriptions } from "@niivo/contracts/topology";
import { actorBinding } from "@niivo/host/actor-decider";
import { HostVariables, readEnv } from "@niivo/host/env";
import { startService } from "@niivo/host/service";
import { intake, intakeKey } from "./intake-actor.ts";
import { intakeHttp } from "./intake-http.ts";

const environment = readEnv(HostVariables);

await startService({
  name: "intake",
  contract: tickets,
  environment,
  bindings: () => [
    actorBinding({
      actor: intake,
      subscriptions: subscriptions.filter(({ reader }) => reader === "intake"),
      key: intakeKey,
    }),
  ],
  http: (host) => intakeHttp({ host, environment }),
});
