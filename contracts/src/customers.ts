// A customer as the services know it: names and addresses, no secrets. The same file is read by every
// service; each takes what concerns it.

import { z } from "zod";
import { AgentName } from "./action.ts";
import { CustomerId, Guid } from "./envelope.ts";

const SecretName = z.string().regex(/^[a-z][a-z0-9-]{1,126}$/);

/** A principal that acts with a client secret from the customer's vault, read at each use. */
const Principal = z.strictObject({
  name: z.string().min(1).max(128),
  clientId: Guid,
  secret: SecretName,
});

export const Agent = z.strictObject({
  name: AgentName,
  /** Its Entra Agent ID, and the blueprint under which it lives. */
  identity: Guid,
  blueprint: Principal,
  /** One principal per capability that agent identities may not have. */
  executors: z.strictObject({ password: Principal, mfa: Principal }),
});

export const Customer = z.strictObject({
  id: CustomerId,
  displayName: z.string().min(1).max(100),
  tenantId: Guid,
  vaultUrl: z.url(),
  agents: z.array(Agent).min(1).max(20),
  /** Reads facts for policy and approvals. */
  factsReader: Principal,
  groups: z.strictObject({ identityApprovers: Guid, vip: Guid }),
  model: z.strictObject({
    endpoint: z.url(),
    deployment: z.string().min(1).max(100),
    secret: SecretName,
  }),
});
export type Customer = z.infer<typeof Customer>;

/** The file `CUSTOMERS_FILE` names. */
export const Customers = z
  .array(Customer)
  .min(1)
  .max(1000)
  .refine((all) => new Set(all.map((one) => one.id)).size === all.length, "two with one id")
  .refine(
    (all) => new Set(all.map((one) => one.tenantId)).size === all.length,
    "two in one tenant",
  );
