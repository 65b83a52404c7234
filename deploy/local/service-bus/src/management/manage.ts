// $management of an entity or of one of its dead-letter queues: which operations there are, and which
// right each needs.
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-request-response

import type { Node } from "../address.ts";
import type { Broker } from "../broker.ts";
import type { Right } from "../entities/descriptions.ts";
import type { Queue } from "../entities/queue.ts";
import type { Peer } from "../links/peer.ts";
import type { Answer, Request } from "../links/request.ts";
import {
  deleteMessages,
  peekMessages,
  receiveBySequenceNumber,
  renewLocks,
  updateDisposition,
} from "./message-operations.ts";
import { isRuleOperation, manageRules } from "./rule-operations.ts";
import { cancelScheduled, scheduleMessages } from "./schedule-operations.ts";
import {
  getSessionState,
  getSessions,
  renewSessionLock,
  setSessionState,
} from "./session-operations.ts";

/** What a request acts on, and the connection it comes from. */
export interface Managed {
  readonly node: Node;
  readonly address: string;
  readonly broker: Broker;
  readonly peer: Peer;
  readonly clock: () => number;
  readonly newId: () => string;
}

/** An operation on a queue, and who asks. */
export interface ManagedQueue {
  readonly queue: Queue;
  readonly owner: object;
}

type Operation =
  | {
      readonly on: "queue";
      readonly right: Right;
      readonly act: (managed: ManagedQueue, body: unknown) => Answer;
    }
  | {
      readonly on: "entity";
      readonly right: Right;
      readonly act: (managed: Managed, body: unknown) => Answer | Promise<Answer>;
    };

const onQueue = (act: (managed: ManagedQueue, body: unknown) => Answer): Operation => ({
  on: "queue",
  right: "listen",
  act,
});

const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["com.microsoft:renew-lock", onQueue(renewLocks)],
  ["com.microsoft:renew-session-lock", onQueue(renewSessionLock)],
  ["com.microsoft:get-session-state", onQueue(getSessionState)],
  ["com.microsoft:set-session-state", onQueue(setSessionState)],
  ["com.microsoft:get-message-sessions", onQueue(getSessions)],
  ["com.microsoft:peek-message", onQueue(peekMessages)],
  ["com.microsoft:receive-by-sequence-number", onQueue(receiveBySequenceNumber)],
  ["com.microsoft:update-disposition", onQueue(updateDisposition)],
  ["com.microsoft:batch-delete-messages", onQueue(deleteMessages)],
  ["com.microsoft:schedule-message", { on: "entity", right: "send", act: scheduleMessages }],
  ["com.microsoft:cancel-scheduled-message", { on: "entity", right: "send", act: cancelScheduled }],
]);

/** Acts on one request. An answer that is no promise is true once the turn's writes are durable. */
export function manage(managed: Managed, request: Request): Answer | Promise<Answer> {
  const { node, address, peer, broker } = managed;
  const operation = operations.get(request.operation);
  if (isRuleOperation(request.operation) && node.kind === "subscription") {
    // As documented for the SDK's rule manager, the right to listen is enough.
    if (!isAllowed(managed, "listen")) return refused(managed, request, "listen");
    const { topic, subscription } = node;
    return manageRules({ namespace: broker.namespace, topic, subscription }, request);
  }
  if (operation === undefined) {
    return { status: 501, description: `${request.operation} is not available here` };
  }
  if (!isAllowed(managed, operation.right)) return refused(managed, request, operation.right);
  if (operation.on === "entity") return operation.act(managed, request.body);
  const queue = broker.queue(node);
  if (queue === undefined) {
    const condition = "amqp:not-allowed";
    return { status: 400, description: `"${address}" holds no messages`, condition };
  }
  return operation.act({ queue, owner: peer }, request.body);
}

function isAllowed({ node, address, peer, clock }: Managed, right: Right): boolean {
  return peer.claims.standing({ node, address, rights: [right] }, clock()) === "allowed";
}

function refused({ address, peer }: Managed, { operation }: Request, right: Right): Answer {
  peer.note(`refused ${operation} on "${address}": no right to ${right} there`);
  const description = `no right to ${right} on "${address}"`;
  return { status: 401, description, condition: "amqp:unauthorized-access" };
}
