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
  readonly auditPreviousKeyId?: string | undefined;
  readonly customers: readonly Customer[];
}

export interface AddressProblem {
  /** Where in the configuration the address stands. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What is wrong with the configured addresses; the addresses themselves stay unsaid. */
export function outboundProblems(endpoints: Endpoints): readonly AddressProblem[] {
  const { customers, auditPreviousKeyId } = endpoints;
  return addressProblems([
    [["entraAuthorityHost"], "entra", endpoints.entraAuthorityHost],
    [["graphBaseUrl"], "graph", endpoints.graphBaseUrl],
    [["teamsServiceUrl"], "teams", endpoints.teamsServiceUrl],
    [["platformVaultUrl"], "vault", endpoints.platformVaultUrl],
    [["auditKeyId"], "vault", endpoints.auditKeyId],
    ...(auditPreviousKeyId === undefined
      ? []
      : [[["auditPreviousKeyId"], "vault", auditPreviousKeyId] as const]),
    ...vaultAddresses(customers),
    ...customers.map(
      ({ model }, index) =>
        [["customers", index, "model", "endpoint"], "model", model.endpoint] as const,
    ),
  ]);
}

/** One configured address: where it stands, whose it has to be, and the address. */
type Address = readonly [path: AddressProblem["path"], service: Service, url: string];

export const vaultAddresses = (customers: readonly Customer[]): readonly Address[] =>
  customers.map(({ vaultUrl }, index) => [["customers", index, "vaultUrl"], "vault", vaultUrl]);

export const addressProblems = (all: readonly Address[]): readonly AddressProblem[] =>
  all
    .filter(([, service, url]) => !isAllowed(service, url))
    .map(([path, service]) => ({ path, message: `is not an address of ${service}` }));

function isAllowed(service: Service, url: string): boolean {
  if (isLoopback(url)) return true;
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port, username } = new URL(url);
  const isPlain = protocol === "https:" && port === "" && username === "";
  return isPlain && hosts[service].test(hostname);
}
