// Makes a rule ready for use. Correlation, true and false filters; SQL comes beside them.
// https://learn.microsoft.com/azure/service-bus-messaging/topic-filters

import type { RuleDescription } from "../entities/descriptions.ts";
import { EntityError } from "../entities/entity-error.ts";
import type { CompiledRule, MessageView } from "../entities/rule-evaluation.ts";
import { compileCorrelation } from "./correlation.ts";

/** Checks a rule and makes it ready. Throws `EntityError` ("invalid") when it cannot be understood. */
export function compileRule(rule: RuleDescription): CompiledRule {
  if (rule.action.kind === "sql") throw new EntityError("invalid", "SQL actions are not known");
  const matches = compileFilter(rule);
  return {
    name: rule.name,
    hasAction: false,
    evaluate: (message) =>
      matches(message) ? { kind: "matched", changes: undefined } : { kind: "none" },
  };
}

function compileFilter({ filter }: RuleDescription): (message: MessageView) => boolean {
  switch (filter.kind) {
    case "true":
      return () => true;
    case "false":
      return () => false;
    case "correlation":
      return compileCorrelation(filter);
    case "sql":
      throw new EntityError("invalid", "SQL filters are not known");
  }
}
