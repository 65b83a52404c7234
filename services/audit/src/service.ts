// The audit service, given its environment and a sealing key: who handles which subscription, and the chains that
// exist from the start.

import { derivedId } from "@niivo/contracts/canonical";
import { platformCustomer } from "@niivo/contracts/envelope";
import { isErasures, type Subscription, subscriptions } from "@niivo/contracts/topology";
import type { Binding } from "@niivo/host/binding";
import { deciderBinding } from "@niivo/host/decider";
import { erasureBinding } from "@niivo/host/erasure";
import type { Host } from "@niivo/host/host";
import type { Anchor } from "./anchor.ts";
import { anchoringBinding } from "./anchoring.ts";
import { checkpointer } from "./checkpointer.ts";
import type { NoteSigner } from "./note-signer.ts";
import { type SealerOptions, sealer } from "./sealer.ts";
import { sweepValues } from "./sweep-values.ts";

export interface AuditOptions extends Omit<SealerOptions, "receivingMs"> {
  readonly signer: () => Promise<NoteSigner>;
  readonly anchors: readonly Anchor[];
  /** See `checkpointer.ts`. */
  readonly isKeyLost?: boolean;
}

const isOwn = ({ topic, name }: Subscription): boolean => topic === "audit" && name === "audit";
const isCheckpoints = ({ topic, name }: Subscription): boolean =>
  topic === "audit" && name === "audit-checkpoints";

/**
 * Everything the audit identity hears, sealed by one decider; checkpoints, by another; and their way to the anchors.
 * Its own topic has a binding, and so a mailbox, of
 * its own: a message that finds no chain waits at the head of its mailbox, and the command that opens the chain
 * must not stand behind it. The two write one state, and compare-and-swap keeps them in turn (H2).
 */
export function auditBindings(host: Host, options: AuditOptions): readonly Binding[] {
  const read = subscriptions.filter(({ reader }) => reader === "audit");
  const sealing = sealer({ ...options, receivingMs: host.receivingMs });
  return [
    deciderBinding({ ...sealing, subscriptions: read.filter(isOwn) }),
    deciderBinding({ ...sealing, subscriptions: read.filter(({ topic }) => topic !== "audit") }),
    deciderBinding({
      ...checkpointer({ ...options, log: host.log }),
      subscriptions: read.filter(isCheckpoints),
    }),
    anchoringBinding(host, options.anchors),
    erasureBinding({
      subscriptions: read.filter(isErasures),
      sweep: sweepValues(options.valueKeys),
    }),
  ];
}

/**
 * Asks for the chain of every configured customer and of the platform (L17). Each start asks anew, because
 * customers are added between starts; where there is a chain, nothing is sealed but a change of its keys.
 * @throws BusUnavailable when the bus did not confirm in time.
 */
export async function openChains(
  host: Pick<Host, "send" | "now">,
  customers: Iterable<string>,
): Promise<void> {
  const startedAt = host.now().toISOString();
  for (const customer of [platformCustomer, ...customers])
    await host.send({
      id: derivedId("chain.open", customer, startedAt),
      type: "chain.open.v1",
      data: {},
      customer,
      subject: customer,
    });
}
