// What the policy process is told by its environment.

import { join } from "node:path";
import { HostVariables } from "@niivo/host/env";
import { z } from "zod";

const shippedSet = join(import.meta.dirname, "../policies/default.cedar");
const dayS = 24 * 60 * 60;

export const PolicyVariables = HostVariables.extend({
  /** The policy set's text. The shipped set is no looser anywhere than it reads in its file. */
  policyFile: z.string().min(1).max(1000).default(shippedSet),
  /** Approvals are open no longer than this, whatever a policy says. A demonstration uses seconds. */
  approvalSecondsMax: z.coerce.number().int().min(1).max(dayS).default(dayS),
});
