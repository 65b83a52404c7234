// Makes a rule ready for use: parsed and compiled once, then evaluated for every message.
// https://learn.microsoft.com/azure/service-bus-messaging/topic-filters

import type { Action, Filter, RuleDescription } from "../entities/descriptions.ts";
import type {
  CompiledRule,
  MessageChanges,
  MessageView,
  RuleVerdict,
} from "../entities/rule-evaluation.ts";
import { encodeString } from "../wire/values.ts";
import { compileAction } from "./compile-action.ts";
import { compileCondition } from "./compile-condition.ts";
import { compileCorrelation } from "./correlation.ts";
import { EvaluationError } from "./evaluation-error.ts";
import { readAction, readFilter, refusalOf } from "./sql/read.ts";

/** The property that names the rule on the copy that a rule with an action makes. */
const RULE_NAME = "RuleName";

/** Checks a rule and makes it ready. Throws `EntityError` ("invalid") when it cannot be understood. */
export function compileRule({ name, filter, action }: RuleDescription): CompiledRule {
  const matches = placed("filter", () => compileFilter(filter));
  const change = placed("action", () => compileChange(action, name));
  const evaluate = (message: MessageView): RuleVerdict =>
    matches(message) ? { kind: "matched", changes: change?.(message) } : { kind: "none" };
  return { name, hasAction: change !== undefined, evaluate: guarded(evaluate) };
}

function compileFilter(filter: Filter): (message: MessageView) => boolean {
  switch (filter.kind) {
    case "true":
      return () => true;
    case "false":
      return () => false;
    case "correlation":
      return compileCorrelation(filter);
    case "sql": {
      const decide = compileCondition(readFilter(filter.expression), filter.parameters);
      return (message) => decide(message) === true;
    }
  }
}

function compileChange(
  action: Action,
  rule: string,
): ((message: MessageView) => MessageChanges) | undefined {
  if (action.kind === "none") return undefined;
  const change = compileAction(readAction(action.expression), action.parameters);
  const named = encodeString(rule);
  return (message) => {
    const { properties, system } = change(message);
    return { properties: new Map(properties).set(RULE_NAME, named), system };
  };
}

function placed<Result>(what: string, compile: () => Result): Result {
  try {
    return compile();
  } catch (cause) {
    throw refusalOf(what, cause);
  }
}

function guarded(evaluate: (message: MessageView) => RuleVerdict): CompiledRule["evaluate"] {
  return (message) => {
    try {
      return evaluate(message);
    } catch (error) {
      if (error instanceof EvaluationError) return { kind: "failed", reason: error.message };
      throw error;
    }
  };
}
