// Where the broker may send anything: the hosts of Microsoft's services, or this machine.
//
// Invariant: O1. A credential leaves only for a host of this list, so that neither a variable nor an entry of
// the customers file can point one at somebody else. Redirects are refused everywhere.

import type { Customer } from "@niivo/contracts/customers";
import { isLoopback } from "@niivo/host/local";

type Service = "vault" | "graph" | "entra" | "teams" | "model";

const hosts: Readonly<Record<Service, RegExp>> = {
  vault: /^[a-z0-9-]{3,24}\.vault\.azure\.net$/,
  graph: /^graph\.microsoft\.com$/,
  entra: /^login\.microsoftonline\.com$/,
  teams: /^smba\.trafficmanager\.net$/,
  model: /^[a-z0-9-]{2,64}\.(openai\.azure\.com|services\.ai\.azure\.com)$/,
};

export interface Endpoints {
  readonly entraAuthorityHost: string;
  readonly graphBaseUrl: string;
  readonly teamsServiceUrl: string;
  readonly platformVaultUrl: string;
  readonly auditKeyId: string;
  readonly customers: readonly Customer[];
}

/** What is wrong with the configured addresses, each by its name; empty when nothing is. */
export function outboundProblems(endpoints: Endpoints): readonly string[] {
  const { customers } = endpoints;
  const all: readonly (readonly [string, Service, string])[] = [
    ["ENTRA_AUTHORITY_HOST", "entra", endpoints.entraAuthorityHost],
    ["GRAPH_BASE_URL", "graph", endpoints.graphBaseUrl],
    ["TEAMS_SERVICE_URL", "teams", endpoints.teamsServiceUrl],
    ["PLATFORM_VAULT_URL", "vault", endpoints.platformVaultUrl],
    ["AUDIT_KEY_ID", "vault", endpoints.auditKeyId],
    ...customers.flatMap(({ id, vaultUrl, model }) => [
      [`CUSTOMERS_FILE ${id} vaultUrl`, "vault", vaultUrl] as const,
      [`CUSTOMERS_FILE ${id} model.endpoint`, "model", model.endpoint] as const,
    ]),
  ];
  return all
    .filter(([, service, url]) => !isAllowed(service, url))
    .map(([name, service]) => `${name}: is not an address of ${service}`);
}

function isAllowed(service: Service, url: string): boolean {
  if (isLoopback(url)) return true;
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port, username } = new URL(url);
  const isPlain = protocol === "https:" && port === "" && username === "";
  return isPlain && hosts[service].test(hostname);
}
