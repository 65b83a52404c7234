// The groups a policy may ask, by the name it uses. Their object ids differ from customer to customer.

import type { Customer } from "@niivo/contracts/customers";

/** What `@approvers` may say. */
export const groupNames = ["identity-approvers"] as const;

/** The object id of a group in a customer's tenant, if the customer has one of that name. */
export function groupIdOf({ groups }: Customer, name: string): string | undefined {
  return name === "identity-approvers" ? groups.identityApprovers : undefined;
}
