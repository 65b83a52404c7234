// The audit service's configuration: addresses and ids, no secret.

import { HostVariables } from "@niivo/host/env";
import { z } from "zod";

export const AuditVariables = HostVariables.extend({
  /** The versioned identifier of the key that endorses sealing keys: `https://<vault>/keys/<name>/<version>`. */
  auditKeyId: z.url({ protocol: /^https$/ }).max(500),
});
