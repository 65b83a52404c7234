// Whether a requested action is looked at at all: the checks before any fact or policy. Pure.

import { type Action, actionDigest, argumentBytesMax } from "@niivo/contracts/action";
import { canonicalJson } from "@niivo/contracts/canonical";
import type { Customer } from "@niivo/contracts/customers";
import { catalogue, type Tool } from "@niivo/contracts/tools";
import { actionsMax, type State } from "./ticket-state.ts";

/** After so many denials a ticket is suspended: an agent that keeps asking is not solving it. */
export const denialsMax = 5;
/** The arguments of a ticket's open actions together; the state that holds them is one document. */
const openBytesMax = 512 * 1024;

export interface Asked {
  readonly action: Action;
  readonly digest: string;
  /** Of the message the action came in: the bus vouches for these, the action's own are a claim (R12). */
  readonly customer: string;
  readonly ticket: string | undefined;
}

export type Admission =
  | { readonly kind: "admitted"; readonly argumentBytes: number }
  /** The very action that is already open: its decision is given or on its way. */
  | { readonly kind: "known" }
  | { readonly kind: "refused"; readonly code: string; readonly detail: string };

/** The tool of a name, if there is one. */
export const toolOf = (name: string): Tool | undefined =>
  Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;

/**
 * @param customer the configuration of the message's customer, if there is one.
 * @returns the first reason against it, in an order that names the graver one first.
 */
export function admit(asked: Asked, customer: Customer | undefined, state: State): Admission {
  const { action } = asked;
  if (customer === undefined)
    return refused("unknown-customer", "This customer is not configured.");
  if (action.customer !== asked.customer)
    return refused("foreign-customer", "The action names another customer than its message.");
  if (action.ticket !== asked.ticket)
    return refused("wrong-ticket", "The action names another ticket than its message.");
  if (asked.digest !== actionDigest(action))
    return refused("digest-mismatch", "The digest is not that of the action.");
  if (state.open.some((one) => one.action.id === action.id && one.digest === asked.digest))
    return { kind: "known" };
  if (state.seen.includes(action.id))
    return refused("repeated-action", "An action of this id was asked for before.");
  return standing(state) ?? content(action, customer, state);
}

function standing({ closed, denials, seen }: State): Admission | undefined {
  if (closed) return refused("ticket-closed", "The ticket was resolved, or a person took it over.");
  if (denials >= denialsMax)
    return refused("ticket-suspended", `${denialsMax} actions of this ticket were denied.`);
  if (seen.length >= actionsMax)
    return refused("too-many-actions", `A ticket has at most ${actionsMax} actions.`);
  return undefined;
}

function content(action: Action, customer: Customer, state: State): Admission {
  if (!customer.agents.some((agent) => agent.name === action.agent))
    return refused("unknown-agent", "The customer has no agent of this name.");
  const tool = toolOf(action.tool);
  if (tool === undefined) return refused("unknown-tool", "There is no tool of this name.");
  const argumentBytes = Buffer.byteLength(canonicalJson(action.arguments));
  if (argumentBytes > argumentBytesMax)
    return refused("too-large", `Its arguments are over ${argumentBytesMax} bytes.`);
  const openBytes = state.open.reduce((sum, one) => sum + one.argumentBytes, argumentBytes);
  if (openBytes > openBytesMax)
    return refused("too-large", `The ticket's open actions are over ${openBytesMax} bytes.`);
  const parsed = tool.arguments.safeParse(action.arguments);
  if (!parsed.success) return refused("invalid-arguments", detailOf(parsed.error.issues));
  return { kind: "admitted", argumentBytes };
}

const detailMax = 1000;

// Names the fields and what is wrong with them. The values stay out: they may be anything.
const detailOf = (
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): string =>
  issues
    .map(({ path, message }) => `arguments/${path.map(String).join("/")}: ${message}`)
    .join("; ")
    .slice(0, detailMax);

const refused = (code: string, detail: string): Admission => ({ kind: "refused", code, detail });
