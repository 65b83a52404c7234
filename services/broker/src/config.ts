// The broker's configuration: addresses and ids, no secret.

import { Guid } from "@niivo/contracts/envelope";
import { HostVariables } from "@niivo/host/env";
import { z } from "zod";

const Address = z.url({ protocol: /^https?$/ });

export const BrokerVariables = HostVariables.extend({
  /** The vault of NIIVO's own secrets. */
  platformVaultUrl: Address,
  botAppId: Guid,
  botTenantId: Guid,
  teamsServiceUrl: Address,
  graphBaseUrl: Address,
  /** The versioned identifier of the key that receipts must lead to. */
  auditKeyId: Address,
});
export type BrokerEnvironment = z.output<typeof BrokerVariables>;
