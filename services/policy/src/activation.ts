// The activation actor: says once that another policy set is in force for a customer. One state per customer.
//
// Invariants:
//   P11. `policy.activated` is published when the set differs from the one published last, and only then:
//        a return to an earlier set is a change too.

import type { Decided, Received } from "@niivo/contracts/envelope";
import type { PolicyActivate, PolicyActivated } from "@niivo/contracts/policy";
import type { Actor } from "@niivo/host/actor";
import type { z } from "zod";

/** The state key, the same within every customer. */
export const activationKey = "policy-set";

type Input = Received<z.infer<typeof PolicyActivate>>;
type Event = Decided<z.infer<typeof PolicyActivated>>;

interface State {
  readonly policySet: string | null;
}

export const activation: Actor<State, Input, Event> = {
  initialState: { policySet: null },

  decide({ data }, { policySet }) {
    return data.policySet === policySet ? [] : [{ type: "policy.activated.v1", data }];
  },

  evolve(_state, { data }) {
    return { policySet: data.policySet };
  },
};
