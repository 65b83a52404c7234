// The broker's configuration: addresses and ids, no secret.

import { Guid } from "@niivo/contracts/envelope";
import { HostVariables } from "@niivo/host/env";
import { z } from "zod";
import { outboundProblems } from "./outbound.ts";

const Address = z.url({ protocol: /^https?$/ });

export const BrokerVariables = HostVariables.extend({
  /** The vault of NIIVO's own secrets. */
  platformVaultUrl: Address,
  botAppId: Guid,
  botTenantId: Guid,
  teamsServiceUrl: Address,
  graphBaseUrl: Address,
  /** The file of one-time secrets, shared with the process that reveals them. */
  secretStoreFile: z.string().min(1).max(1000),
  /** Where people reach that process's page, for example `https://secrets.niivo.example`. */
  linksUrl: Address,
  /** The versioned identifier of the key that receipts must lead to. */
  auditKeyId: Address,
  /** The key before it, while it is being replaced: receipts may lead to either. */
  auditPreviousKeyId: Address.optional(),
}).superRefine((environment, context) => {
  for (const { path, message } of outboundProblems(environment))
    context.addIssue({ code: "custom", path: [...path], message });
});
