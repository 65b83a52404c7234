// The three tenants as data: what a fresh emulator contains. Other packages import the ids here.

import { contoso } from "./seed-contoso.ts";
import { fabrikam } from "./seed-fabrikam.ts";
import { niivo } from "./seed-niivo.ts";
import type { Application, Group, Person } from "./seed-types.ts";

export type CustomerId = "contoso" | "fabrikam";
export type VaultName = CustomerId | "platform";

export interface Tenant {
  readonly id: CustomerId | "niivo";
  readonly displayName: string;
  readonly tenantId: string;
  readonly vault: VaultName;
  readonly people: readonly Person[];
  readonly groups: readonly Group[];
  readonly applications: readonly Application[];
  readonly secrets: readonly string[];
}

/** The two customers, by their ids. */
export const customers = { contoso, fabrikam } as const;

/** NIIVO's own tenant. */
export const platform = niivo;

/** All three tenants in one shape. */
export const tenants: readonly Tenant[] = [
  ...[contoso, fabrikam].map((customer) => ({
    ...customer,
    vault: customer.id,
    people: Object.values(customer.people),
    groups: Object.values(customer.groups),
    applications: Object.values(customer.applications),
  })),
  {
    ...niivo,
    vault: "platform",
    people: [],
    groups: [],
    applications: Object.values(niivo.applications),
  },
];

/** The audience of NIIVO's HTTP APIs. */
export const apiAudience = "api://niivo";

/** Template ids of directory roles are the same in every tenant. */
export const directoryRoleTemplates = {
  "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
} as const;

export interface Sku {
  readonly skuId: string;
  readonly skuPartNumber: string;
  readonly enabled: number;
}

/** The subscriptions of every customer. */
export const skus: readonly Sku[] = [
  { skuId: "05e9a617-0261-4cee-bb44-138d3ef5d965", skuPartNumber: "SPE_E3", enabled: 25 },
  {
    skuId: "53818b1b-4a27-454b-8896-0dba576410e6",
    skuPartNumber: "PROJECTPROFESSIONAL",
    enabled: 2,
  },
  { skuId: "c5928f49-12ba-48f7-ada3-0d743a3601d5", skuPartNumber: "VISIOCLIENT", enabled: 5 },
];
