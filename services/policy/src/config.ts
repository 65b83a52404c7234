// What the policy process is told by its environment.

import { join } from "node:path";
import { HostVariables } from "@niivo/host/env";
import { z } from "zod";
import { approvalMsMax } from "./annotations.ts";

const shippedSet = join(import.meta.dirname, "../policies/default.cedar");
const approvalSecondsMax = approvalMsMax / 1000;

export const PolicyVariables = HostVariables.extend({
  /** The policy set's text. Without it, the set that is shipped. */
  policyFile: z.string().min(1).max(1000).default(shippedSet),
  /** Approvals are open no longer than this, whatever a policy says. A demonstration uses seconds. */
  approvalSecondsMax: z.coerce
    .number()
    .int()
    .min(1)
    .max(approvalSecondsMax)
    .default(approvalSecondsMax),
});
