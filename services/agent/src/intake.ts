// Intake's process: the door for tickets, and the topic `tickets`. It has an identity of its own, apart
// from the process that handles model output.

import { HostVariables, readEnv } from "@niivo/host/env";
import { startService } from "@niivo/host/service";
import { intakeService } from "./intake-service.ts";

const environment = readEnv(HostVariables);

await startService({ ...intakeService(environment), environment });
