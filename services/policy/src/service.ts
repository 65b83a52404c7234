// The policy service, given its environment and a loaded policy set: who handles which subscription, and the
// announcement of the set that is in force.

import { setTimeout as delay } from "node:timers/promises";
import { derivedId } from "@niivo/contracts/canonical";
import type { Customer } from "@niivo/contracts/customers";
import {
  isErasures,
  retentionDays,
  type Subscription,
  subscriptions,
} from "@niivo/contracts/topology";
import { actorBinding } from "@niivo/host/actor-decider";
import type { Binding } from "@niivo/host/binding";
import { BusUnavailable } from "@niivo/host/bus-unavailable";
import { erasureBinding } from "@niivo/host/erasure";
import type { Host, OutgoingCommand } from "@niivo/host/host";
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

const announceAgainMs = 500;

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
      subscriptions: own.filter((one) => !isControl(one) && !isErasures(one)),
      key: ticketOf,
      keptDays: retentionDays.policy,
    }),
    actorBinding({
      actor: activation,
      subscriptions: own.filter(isControl),
      key: () => activationKey,
    }),
    erasureBinding({ subscriptions: own.filter(isErasures) }),
  ];
}

/**
 * Tells every customer's own chain which set is in force. Each start says so anew, because a set that was
 * left and returned to is a change; the actor publishes only changes (P11). While the bus is away it is told
 * later, under the same id: a set in force that no chain names would be worse than a late one.
 * @throws TypeError on a command that its own schema refuses: a bug.
 */
export async function announcePolicySet(
  host: Pick<Host, "send" | "now" | "log">,
  { customers, policySet }: Pick<PolicyServiceOptions, "customers" | "policySet">,
): Promise<void> {
  const startedAt = host.now().toISOString();
  for (const { id: customer } of customers) {
    const command: OutgoingCommand = {
      id: derivedId("policy.activate", customer, policySet.digest, startedAt),
      type: "policy.activate.v1",
      data: { policySet: policySet.digest, policies: policySet.policies.length },
      customer,
      subject: activationKey,
    };
    while (!(await isSent(host, command)));
  }
}

/** A send tries for some seconds before it gives up; the wait is for one that fails at once. */
async function isSent(
  host: Pick<Host, "send" | "log">,
  command: OutgoingCommand,
): Promise<boolean> {
  try {
    await host.send(command);
    return true;
  } catch (error) {
    if (!(error instanceof BusUnavailable)) throw error;
    host.log.warn({ err: error }, "the policy set is announced when the bus is back");
    await delay(announceAgainMs);
    return false;
  }
}

// A message without a ticket belongs to none: under this key nothing can be admitted, since an action names
// its ticket and must name that of its message (P5).
const ticketOf = (input: Input): string => input.ticket ?? "no-ticket";
