// Which tools the model is offered, and what its words for one mean. Pure.

import { type Requester, ToolName } from "@niivo/contracts/action";
import { catalogue } from "@niivo/contracts/tools";

/**
 * Not a tool of the catalogue: the agent itself hands the ticket to a person. The model gives
 * `{"message": "<what to tell the requester>"}`.
 */
export const escalateToHuman = "escalate_to_human";

/**
 * The names offered to the model, in the order of the catalogue. A requester we are not sure of gets an
 * agent that cannot even ask for facts about people (design section 6); policy decides again on each.
 */
export function offeredTools(requester: Requester): string[] {
  const offered = Object.values(catalogue)
    .filter((tool) => tool.description !== undefined)
    .filter((tool) => requester.assurance === "verified" || tool.class !== "read")
    .map((tool) => tool.name);
  return [...offered, escalateToHuman];
}

export type CalledTool =
  /** A name an action can carry. Whether such a tool exists is policy's question. */
  | { readonly kind: "tool"; readonly name: string }
  | { readonly kind: "escalation" }
  | { readonly kind: "invalid" };

/**
 * What a model's function name means. Function names have no dots (`^[a-zA-Z0-9_-]+$` in the chat
 * completions interface), so `password_reset` is read as `password.reset`.
 */
export function calledTool(name: string): CalledTool {
  if (name === escalateToHuman) return { kind: "escalation" };
  for (const candidate of [name, name.replaceAll(/_+/g, ".")])
    if (ToolName.safeParse(candidate).success) return { kind: "tool", name: candidate };
  return { kind: "invalid" };
}
