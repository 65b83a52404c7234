// Makes a rule ready for use. Correlation, true and false filters; SQL comes beside them.
// https://learn.microsoft.com/azure/service-bus-messaging/topic-filters

import type {
  CorrelationFilter,
  PropertyValue,
  RuleDescription,
} from "../entities/descriptions.ts";
import { EntityError } from "../entities/entity-error.ts";
import type { CompiledRule, MessageView, Scalar, SystemName } from "../entities/rule-evaluation.ts";

const SYSTEM_NAMES: readonly SystemName[] = [
  "messageId",
  "to",
  "subject",
  "replyTo",
  "correlationId",
  "contentType",
  "sessionId",
  "replyToSessionId",
];

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
      return correlation(filter);
    case "sql":
      throw new EntityError("invalid", "SQL filters are not known");
  }
}

function correlation(filter: CorrelationFilter): (message: MessageView) => boolean {
  const system = SYSTEM_NAMES.flatMap((name) => {
    const expected = filter[name];
    return expected === undefined ? [] : [{ name, expected }];
  });
  const properties = Object.entries(filter.properties);
  return (message) =>
    system.every(({ name, expected }) => message.system(name) === expected) &&
    properties.every(([name, expected]) => isEqual(message.property(name), expected));
}

// Comparison is exact: case counts, and a number never equals its text.
function isEqual(actual: Scalar | undefined, expected: PropertyValue): boolean {
  if (actual === undefined) return false;
  const number = numberOf(expected);
  if (number !== undefined) {
    const found = actual.type === "int" || actual.type === "long" || actual.type === "double";
    return found && Number(actual.value) === number;
  }
  return actual.type === expected.type && actual.value === expected.value;
}

function numberOf(value: PropertyValue): number | undefined {
  const isNumber = value.type === "int" || value.type === "long" || value.type === "double";
  return isNumber ? Number(value.value) : undefined;
}
