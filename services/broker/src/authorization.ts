// Whether an allow and a receipt authorize a start. Pure: a table of reasons why not.

import { actionDigest } from "@niivo/contracts/action";
import type { Customer } from "@niivo/contracts/customers";
import type { Received } from "@niivo/contracts/envelope";
import { type UserFacts, UserReference } from "@niivo/contracts/facts";
import type { ActionAllowed } from "@niivo/contracts/policy";
import type { Receipt } from "@niivo/contracts/receipt";
import { catalogue } from "@niivo/contracts/tools";
import type { z } from "zod";

export type Allowed = Received<z.infer<typeof ActionAllowed>>;
export type Allow = Allowed["data"];

/** An allow that waits for its receipt, with the id of the event that said it. */
export interface HeldAllow {
  readonly id: string;
  readonly allow: Allow;
}

export type AllowProblem =
  | "customer-unknown"
  | "agent-unknown"
  | "other-customer"
  | "other-ticket"
  | "other-digest"
  | "other-tenant"
  | "tool-unknown"
  | "arguments-invalid"
  | "target-missing"
  | "other-target"
  | "grant-missing"
  | "allow-expired";

/** Why this allow may start nothing, if there is a reason. Customer and ticket as in R12. */
export function problemOfAllow(
  { data: allow, customer: id, ticket }: Allowed,
  customer: Customer | undefined,
  now: Date,
): AllowProblem | undefined {
  const { action, requester, target } = allow;
  if (action.customer !== id) return "other-customer";
  if (action.ticket !== ticket) return "other-ticket";
  if (customer === undefined) return "customer-unknown";
  if (!customer.agents.some((agent) => agent.name === action.agent)) return "agent-unknown";
  if (allow.digest !== actionDigest(action)) return "other-digest";
  const tool = catalogue[action.tool];
  if (tool === undefined) return "tool-unknown";
  if (!tool.arguments.safeParse(action.arguments).success) return "arguments-invalid";
  if (requester.tenantId !== customer.tenantId) return "other-tenant";
  if (target !== undefined && target.tenantId !== customer.tenantId) return "other-tenant";
  if (tool.target === "user") {
    if (target === undefined) return "target-missing";
    if (!isReferenceTo(target, action.arguments["user"])) return "other-target";
  }
  if (allow.mode === "approved" && allow.grantedBy === undefined) return "grant-missing";
  return isOver(allow.expiresAt, now) ? "allow-expired" : undefined;
}

// The digest covers the argument and not the facts, so the facts must be about whom it names (R4).
// Directory names are compared without case, as the directory does.
function isReferenceTo(target: UserFacts, argument: unknown): boolean {
  const reference = UserReference.safeParse(argument);
  if (!reference.success) return false;
  const named = reference.data.toLowerCase();
  return (
    named === target.objectId.toLowerCase() || named === target.userPrincipalName.toLowerCase()
  );
}

/** What about a receipt is not this allow's. Its audience is a literal in its schema. */
export function mismatch(
  receipt: Receipt,
  held: HeldAllow,
): "other-action" | "other-allow" | "other-digest" | undefined {
  if (receipt.actionId !== held.allow.action.id) return "other-action";
  if (receipt.allowId !== held.id) return "other-allow";
  return receipt.digest === held.allow.digest ? undefined : "other-digest";
}

export const isOver = (expiresAt: string, now: Date): boolean =>
  now.getTime() >= Date.parse(expiresAt);
