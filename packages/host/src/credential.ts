// The identity of this process towards Entra: a workload identity where a federated token file is given,
// else the managed identity of the machine. No secret is involved in either.

import type { TokenCredential } from "@azure/core-auth";
import { ManagedIdentityCredential, WorkloadIdentityCredential } from "@azure/identity";
import type { HostEnvironment } from "./env.ts";
import { isLoopback } from "./local.ts";

/**
 * Instance discovery asks the public cloud whether an authority is genuine, which an authority on this
 * machine is not; it is switched off for a loopback authority and for no other.
 */
export function serviceCredential(
  environment: Pick<
    HostEnvironment,
    "entraAuthorityHost" | "azureTenantId" | "azureClientId" | "azureFederatedTokenFile"
  >,
): TokenCredential {
  const { entraAuthorityHost, azureTenantId, azureClientId, azureFederatedTokenFile } = environment;
  if (azureFederatedTokenFile === undefined)
    return new ManagedIdentityCredential({ clientId: azureClientId });
  return new WorkloadIdentityCredential({
    authorityHost: entraAuthorityHost,
    disableInstanceDiscovery: isLoopback(entraAuthorityHost),
    tenantId: azureTenantId,
    clientId: azureClientId,
    tokenFilePath: azureFederatedTokenFile,
  });
}
