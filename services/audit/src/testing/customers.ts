// Two customers for tests.

import { Customer } from "@niivo/contracts/customers";

const guid = "eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee";
const principal = { name: "principal", clientId: guid, secret: "a-secret" };

const customerOf = (id: string, tenantId: string): Customer =>
  Customer.parse({
    id,
    displayName: id,
    tenantId,
    vaultUrl: "https://vault.example",
    agents: [
      {
        name: "niivo-l1-desk",
        identity: guid,
        blueprint: principal,
        executors: { password: principal, mfa: principal },
      },
    ],
    factsReader: principal,
    groups: { identityApprovers: guid, vip: guid },
    model: { endpoint: "https://model.example", deployment: "model", secret: "a-secret" },
  });

export const contoso = customerOf("contoso", "11111111-1111-4111-8111-111111111111");
export const fabrikam = customerOf("fabrikam", "22222222-2222-4222-8222-222222222222");
