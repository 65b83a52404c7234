// Links on which the client receives: from a subscription, from a dead-letter queue, and the
// answers of $cbs and $management.

import type { EventContext, Sender } from "rhea";
import type { Wish } from "../access/claims.ts";
import type { Node } from "../address.ts";
import { type Feed, feed } from "../entities/feed.ts";
import type { Consumer, Lock, Queue, SessionHold } from "../entities/queue.ts";
import { type Outcome, type Settled, settle } from "../entities/settlement.ts";
import type { LinkContext } from "./inbound.ts";
import { outcomeOf } from "./outcome.ts";
import { authorize } from "./peer.ts";
import { type Refusal, refuse } from "./refusal.ts";
import {
  type CreditLedger,
  creditLedger,
  mirrorSettleModes,
  outcome,
  settleDelivery,
} from "./rhea-internals.ts";
import { attachSession, sessionWish } from "./session-attach.ts";

/** What is counted of one link. */
interface LinkCount {
  delivered(): void;
  settled(how: string): void;
}

/** Answers the attach of a link on which the client will receive. */
export function openOutbound(context: LinkContext, link: Sender): void {
  const allowed = authorize(context, "listen", link.source?.address);
  const refusal = allowed.kind === "allowed" ? open(context, link, allowed) : allowed;
  if (refusal !== undefined) refuse(link, refusal);
}

function open(
  { broker, peer, clock, meter }: LinkContext,
  link: Sender,
  { node, wish }: { readonly node: Node; readonly wish: Wish },
): Refusal | undefined {
  const { address } = wish;
  link.set_target({ address: link.target?.address ?? "" });
  const opened = (ended: (isLost: boolean) => void) => peer.opened(link, { wish, ended });
  if (node.kind === "cbs" || node.isManagement) {
    link.set_source({ address });
    // $cbs requests name the link, $management requests the target address.
    peer.replies.set(link.name, link);
    if (link.target?.address) peer.replies.set(link.target.address, link);
    opened(() => undefined);
    return undefined;
  }
  const queue = broker.queue(node);
  const live = broker.find(node);
  if (queue === undefined || live === undefined) {
    return { kind: "not-allowed", reason: `messages cannot be received from "${address}"` };
  }
  const { status } = live.row.description;
  const isMain = node.subQueue === "main";
  if (isMain && (status === "disabled" || status === "receiveDisabled")) {
    return { kind: "disabled", address };
  }
  const { forwardTo } = live.kind === "topic" ? {} : live.row.description;
  if (isMain && forwardTo !== undefined) {
    const reason = `messages cannot be received from "${address}": it forwards to "${forwardTo}"`;
    return { kind: "not-allowed", reason };
  }
  live.accessedAt = clock();
  mirrorSettleModes(link);
  const count: LinkCount = {
    delivered: () => meter.delivered(address),
    settled: (how) => meter.settled(address, how),
  };
  const session = sessionWish(link);
  if (queue.policy.requiresSession !== (session !== undefined)) {
    return { kind: "not-allowed", reason: "the entity and the receiver differ about sessions" };
  }
  if (session === undefined) {
    link.set_source({ address });
    opened(startFeed(count, queue, link, undefined));
    return undefined;
  }
  const start = (hold: SessionHold) => startFeed(count, queue, link, hold);
  const attached = attachSession({ queue, link, wish: session, address, owner: peer, start });
  if (attached.kind !== "attached") return attached;
  opened(attached.ended);
  return undefined;
}

/** Connects an open link to its queue. The answer is to be called when the link has ended. */
function startFeed(
  count: LinkCount,
  queue: Queue,
  link: Sender,
  hold: SessionHold | undefined,
): () => void {
  const ledger = creditLedger(link);
  const source: Feed = feed(queue, consumerOf(count, queue, link, ledger), hold);
  link.on("sender_flow", () => source.pump());
  link.on("sendable", () => source.pump());
  link.on("sender_draining", () => {
    source.pump();
    ledger.drain();
  });
  const { socket } = link.connection;
  const onDrain = () => source.pump();
  socket?.on("drain", onDrain);
  source.pump();
  return () => {
    socket?.off("drain", onDrain);
    ledger.stop();
    source.stop();
  };
}

function consumerOf(count: LinkCount, queue: Queue, link: Sender, ledger: CreditLedger): Consumer {
  const locks = new Map<unknown, Lock>();
  const onOutcome = ({ delivery }: EventContext) => {
    const lock = locks.get(delivery);
    if (delivery === undefined || lock === undefined) return;
    const sent = outcomeOf(delivery.remote_state);
    // What is not understood settles nothing: the message returns when its lock ends.
    if (sent === undefined) return;
    locks.delete(delivery);
    settle(queue, lock, sent, (settled) => {
      settleDelivery(delivery, stateFor(sent, settled));
      count.settled(settled === "settled" ? sent.kind : settled);
    });
  };
  for (const event of ["accepted", "rejected", "released", "modified"]) link.on(event, onOutcome);
  return {
    reserved: 0,
    mode: link.snd_settle_mode === 1 ? "receiveAndDelete" : "peekLock",
    room: () => ledger.available(),
    deliver(encoded, lock) {
      const tag = lock?.token ?? queue.tokens.next().token;
      const delivery = link.send(encoded, tag, 0);
      ledger.sent(delivery, encoded.length);
      count.delivered();
      if (lock !== undefined) locks.set(delivery, lock);
    },
  };
}

// The outcome that the server settles with: the client's own, or that the lock was lost.
function stateFor(sent: Outcome, settled: Settled): unknown {
  if (settled === "unavailable") {
    const description = "the store cannot be written now; the message is still locked";
    return outcome.rejected({ condition: "com.microsoft:server-busy", description });
  }
  if (settled !== "settled") {
    const description = "the lock is lost: the message may be with another receiver";
    return outcome.rejected({ condition: `com.microsoft:${settled}`, description });
  }
  switch (sent.kind) {
    case "complete":
      return outcome.accepted();
    case "abandon":
    case "defer":
      return outcome.modified(sent.kind === "defer");
    case "dead-letter":
      return outcome.rejected();
  }
}
