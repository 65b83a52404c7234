// The policy service, given its environment and a loaded policy set: who handles which subscription, and the
// announcement of the set that is in force.

import { derivedId } from "@niivo/contracts/canonical";
import type { Customer } from "@niivo/contracts/customers";
import { type Subscription, subscriptions } from "@niivo/contracts/topology";
import { actorBinding } from "@niivo/host/actor-decider";
import type { Binding } from "@niivo/host/binding";
import type { Host } from "@niivo/host/host";
import { activation, activationKey } from "./activation.ts";
import { policyActor } from "./actor.ts";
import type { Input } from "./input.ts";
import type { PolicySet } from "./policy-set.ts";
import { rulesOf } from "./rules.ts";

export interface PolicyServiceOptions {
  readonly customers: readonly Customer[];
  readonly policySet: PolicySet;
  readonly approvalSecondsMax: number;
}

const isControl = ({ name }: Subscription): boolean => name === "policy-control";

/** Everything the policy identity reads: control by the activation actor, the rest by the policy actor. */
export function policyBindings(options: PolicyServiceOptions): readonly Binding[] {
  const own = subscriptions.filter(({ reader }) => reader === "policy");
  const { customers, policySet, approvalSecondsMax } = options;
  return [
    actorBinding({
      actor: policyActor({
        customers,
        policySet: policySet.digest,
        rules: rulesOf(policySet),
        approvalMsMax: approvalSecondsMax * 1000,
      }),
      subscriptions: own.filter((subscription) => !isControl(subscription)),
      key: ticketOf,
    }),
    actorBinding({
      actor: activation,
      subscriptions: own.filter(isControl),
      key: () => activationKey,
    }),
  ];
}

/**
 * Tells every customer's own chain which set is in force. Each start says so anew, because a set that was
 * left and returned to is a change; the actor publishes only changes (P11).
 * @throws BusUnavailable when the bus did not confirm in time.
 */
export async function announcePolicySet(
  host: Pick<Host, "send" | "now">,
  { customers, policySet }: PolicyServiceOptions,
): Promise<void> {
  const startedAt = host.now().toISOString();
  for (const { id: customer } of customers)
    await host.send({
      id: derivedId("policy.activate", customer, policySet.digest, startedAt),
      type: "policy.activate.v1",
      data: { policySet: policySet.digest, policies: policySet.policies.length },
      customer,
      subject: activationKey,
    });
}

// A message without a ticket belongs to none: under this key nothing can be admitted, since an action names
// its ticket and must name that of its message (P5).
const ticketOf = (input: Input): string => input.ticket ?? "no-ticket";
