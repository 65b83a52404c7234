// Messages for the tests of the rules, encoded by rhea as a client does it.

import rhea from "rhea";
import type { RuleDescription } from "../src/entities/descriptions.ts";
import type { RuleVerdict } from "../src/entities/rule-evaluation.ts";
import { compileRule } from "../src/rules/compile-rule.ts";
import { viewMessage } from "../src/rules/message-view.ts";
import { type IncomingMessage, parseIncoming } from "../src/wire/incoming-message.ts";

export function incoming(message: object): IncomingMessage {
  return parseIncoming(rhea.message.encode({ body: "text", ...message }), () => "m-1");
}

export function view(message: object) {
  return viewMessage(incoming(message), { enqueuedAt: 1_700_000_000_000, sequenceNumber: 7 });
}

export const having = (properties: object) => view({ application_properties: properties });

export function rule(filter: string, action?: string): RuleDescription {
  return {
    name: "orders",
    filter: { kind: "sql", expression: filter, parameters: {} },
    action:
      action === undefined ? { kind: "none" } : { kind: "sql", expression: action, parameters: {} },
  };
}

/** What an expression comes to: "yes" when it matches, "no", or why it failed. */
export function verdict(filter: string, message = view({})): string {
  const found: RuleVerdict = compileRule(rule(filter)).evaluate(message);
  switch (found.kind) {
    case "matched":
      return "yes";
    case "none":
      return "no";
    case "failed":
      return found.reason;
  }
}
