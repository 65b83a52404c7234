// The events of a start: the credentials it takes, the start itself, and the end of its lease.

import { effectLeaseMs } from "@niivo/contracts/broker";
import type { Customer } from "@niivo/contracts/customers";
import type { Receipt } from "@niivo/contracts/receipt";
import type { HeldAllow } from "./authorization.ts";
import { type Agent, type Credential, credentialsOf } from "./credentials.ts";
import type { Event } from "./messages.ts";

/** The lease timer comes this much after the lease, so that a result on its way is in time. */
const leaseGraceMs = 30 * 1000;

/** An allow and a receipt that were found good together, and what they name. */
export interface Start {
  readonly held: HeldAllow;
  readonly receipt: Receipt;
  readonly customer: Customer;
  readonly agent: Agent;
  readonly platformVaultUrl: string;
  readonly now: Date;
}

/** In this order: `credential.access` first (B5), then `action.started`, which consumes the receipt (B3). */
export function startEvents(start: Start): readonly Event[] {
  const { action, digest, mode, requester, target } = start.held.allow;
  const { chain, seq, entryHash, nonce } = start.receipt;
  const credentials = credentialsOf(action.tool, { ...start, requester });
  return [
    ...credentials.map((one) => announcement(one, action.id, { purpose: "action", digest })),
    {
      type: "action.started.v1",
      data: {
        action,
        digest,
        mode,
        requester,
        ...(target === undefined ? {} : { target }),
        receipt: { chain, seq, entryHash, nonce },
      },
    },
    {
      type: "lease.due.v1",
      data: { actionId: action.id },
      notBefore: new Date(start.now.getTime() + effectLeaseMs + leaseGraceMs).toISOString(),
    },
  ];
}

/** B5. */
export const announcement = (
  { name, vaultUrl, principal }: Credential,
  actionId: string,
  use: { readonly purpose: "action"; readonly digest: string } | { readonly purpose: "facts" },
): Event => ({
  type: "credential.access.v1",
  data: { actionId, credential: name, vault: new URL(vaultUrl).host, principal, ...use },
});
