// The customers file of the local environment: what a customer's onboarding would have written.

import type { Customer } from "@niivo/contracts/customers";
import { type CustomerId, customers } from "@niivo/tenant/seed";

export interface CustomerAddresses {
  readonly vaults: Readonly<Record<CustomerId, string>>;
  readonly modelEndpoint: string;
}

export const customersFile = (addresses: CustomerAddresses): readonly Customer[] =>
  Object.values(customers).map((customer) => customerOf(customer, addresses));

type Seed = (typeof customers)[CustomerId];

function customerOf(seed: Seed, addresses: CustomerAddresses): Customer {
  const { blueprint, l1Desk, l1DeskPassword, l1DeskMfa, facts } = seed.applications;
  return {
    id: seed.id,
    displayName: seed.displayName,
    tenantId: seed.tenantId,
    vaultUrl: addresses.vaults[seed.id],
    agents: [
      {
        name: l1Desk.name,
        identity: l1Desk.clientId,
        blueprint: principal(blueprint),
        executors: { password: principal(l1DeskPassword), mfa: principal(l1DeskMfa) },
      },
    ],
    factsReader: principal(facts),
    groups: { identityApprovers: seed.groups.identityApprovers.id, vip: seed.groups.vip.id },
    model: {
      endpoint: addresses.modelEndpoint,
      deployment: "niivo-emulated-1",
      secret: "model-api-key",
    },
  };
}

function principal({ name, clientId, secretName }: Seed["applications"]["blueprint"]) {
  if (secretName === null) throw new TypeError(`${name} has no secret in the vault`);
  return { name, clientId, secret: secretName };
}
