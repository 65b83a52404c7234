// The approvals service's configuration: addresses and ids, no secret. Every address is a host of
// Microsoft's that belongs there, or on this machine; so no variable can send a token elsewhere.

import { Guid } from "@niivo/contracts/envelope";
import { HostVariables } from "@niivo/host/env";
import { isLoopback } from "@niivo/host/local";
import { z } from "zod";

const address = (host: RegExp) =>
  z.url({ protocol: /^https?$/ }).refine((url) => {
    const { protocol, hostname } = new URL(url);
    return isLoopback(url) || (protocol === "https:" && host.test(hostname));
  }, "is neither the service's own host nor on this machine");

export const ApprovalsVariables = HostVariables.extend({
  /** The bot's application, and the tenant it is registered in. Without them nothing can be validated. */
  botAppId: Guid,
  botTenantId: Guid,
  /** Where the Bot Connector publishes its keys. */
  botMetadataUrl: address(/^login\.botframework\.com$/).default(
    "https://login.botframework.com/v1/.well-known/openidconfiguration",
  ),
  /** The Bot Connector for Teams, for example `https://smba.trafficmanager.net/ch/`. */
  teamsServiceUrl: address(/^smba\.trafficmanager\.net$/),
  /** The vault of NIIVO's own secrets. */
  platformVaultUrl: address(/^[a-z0-9-]{3,24}\.vault\.azure\.net$/),
});
