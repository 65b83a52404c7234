// How the agent asks: an action with its id, nonce and digest, all functions of the ticket, its seed and
// the action's place (G2). Pure.

import { type Action, actionDigest, actionNonce } from "@niivo/contracts/action";
import type { ActionRequested } from "@niivo/contracts/agent";
import { derivedId } from "@niivo/contracts/canonical";
import type { Decided } from "@niivo/contracts/envelope";
import { cut } from "@niivo/contracts/text";
import type { z } from "zod";
import type { Memory, Pending } from "./ticket-state.ts";

/** Prose of a message is at most this long. */
export const proseMax = 1000;

export type RequestedAction = Decided<z.infer<typeof ActionRequested>>;

export interface Wanted {
  readonly tool: string;
  readonly arguments: Action["arguments"];
  /** Shown to approvers as the agent's claim. */
  readonly reason: string;
}

/** The request for the action number `index` of the step the memory is in. */
export function requested(
  agent: string,
  { ticket, step }: Memory,
  index: number,
  wanted: Wanted,
): RequestedAction {
  const id = derivedId(ticket.id, "action", String(step), String(index));
  const action: Action = {
    id,
    nonce: actionNonce(ticket.seed, id),
    ticket: ticket.id,
    customer: ticket.customer,
    agent,
    tool: wanted.tool,
    arguments: wanted.arguments,
  };
  return {
    type: "action.requested.v1",
    data: { action, digest: actionDigest(action), reason: cut(wanted.reason, proseMax), step },
  };
}

export const pendingOf = ({ data }: RequestedAction): Pending => ({
  actionId: data.action.id,
  digest: data.digest,
  tool: data.action.tool,
});
