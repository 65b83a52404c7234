// Turns a condition into a function of a message. Conditions are true, false or unknown (undefined),
// by the truth tables of the documentation; only what is true matches.

import type { PropertyValues } from "../entities/descriptions.ts";
import type { MessageView } from "../entities/rule-evaluation.ts";
import { compareValues } from "./compare-values.ts";
import { compileExpression, type Evaluate, readProperty } from "./compile-expression.ts";
import { EvaluationError } from "./evaluation-error.ts";
import { likePattern } from "./like-pattern.ts";
import type { ComparisonOperator, Condition } from "./sql/syntax.ts";
import type { Value } from "./value.ts";

export type Truth = boolean | undefined;
export type Decide = (message: MessageView) => Truth;

/** Throws `SqlError` for a parameter without a value. Deciding may throw `EvaluationError`. */
export function compileCondition(node: Condition, parameters: PropertyValues): Decide {
  switch (node.kind) {
    case "and":
    case "or":
      return junction(
        node.kind,
        compileCondition(node.left, parameters),
        compileCondition(node.right, parameters),
      );
    case "not": {
      const operand = compileCondition(node.operand, parameters);
      return (message) => negate(operand(message), true);
    }
    case "comparison": {
      const left = compileExpression(node.left, parameters).evaluate;
      const right = compileExpression(node.right, parameters).evaluate;
      return (message) => compare(node.operator, left(message), right(message));
    }
    case "isNull": {
      const read = readProperty(node.property);
      return (message) => (read(message).type === "null") !== node.isNegated;
    }
    case "in":
      return membership(node, parameters);
    case "like":
      return likeness(node, parameters);
    case "exists":
      return existence(node.property);
  }
}

// The right side is not evaluated when the left one settles the matter.
function junction(kind: "and" | "or", left: Decide, right: Decide): Decide {
  const settles = kind === "or";
  return (message) => {
    const first = left(message);
    if (first === settles) return settles;
    const second = right(message);
    if (second === settles) return settles;
    return first === undefined || second === undefined ? undefined : !settles;
  };
}

function negate(truth: Truth, isNegated: boolean): Truth {
  return truth === undefined ? undefined : truth !== isNegated;
}

function compare(operator: ComparisonOperator, left: Value, right: Value): Truth {
  if (left.type === "null" || right.type === "null") return undefined;
  const order = compareValues(left, right);
  const isOrdering = operator !== "=" && operator !== "<>";
  if (order === "incomparable" || (isOrdering && left.type === "boolean")) {
    const types = `${left.type} with ${right.type}`;
    throw new EvaluationError(`"${operator}" cannot compare ${types}`);
  }
  switch (operator) {
    case "=":
      return order === 0;
    case "<>":
      return order !== 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
  }
}

function membership(node: Extract<Condition, { kind: "in" }>, parameters: PropertyValues): Decide {
  const left = compileExpression(node.left, parameters).evaluate;
  const choices = node.choices.map((choice) => compileExpression(choice, parameters).evaluate);
  return (message) => {
    const value = left(message);
    if (value.type === "null") return undefined;
    let found: Truth = false;
    for (const choice of choices) {
      const isEqual = compare("=", value, choice(message));
      if (isEqual === true) return !node.isNegated;
      if (isEqual === undefined) found = undefined;
    }
    return negate(found, node.isNegated);
  };
}

function likeness(node: Extract<Condition, { kind: "like" }>, parameters: PropertyValues): Decide {
  const left = compileExpression(node.left, parameters).evaluate;
  const pattern = compileExpression(node.pattern, parameters);
  const escaping =
    node.escape === undefined ? undefined : compileExpression(node.escape, parameters);
  const prepare = (patternValue: Value, escapeValue: Value | undefined) => {
    const text = textOf(patternValue);
    const character = escapeValue === undefined ? undefined : textOf(escapeValue);
    if (text === undefined || (escapeValue !== undefined && character === undefined)) {
      return () => undefined;
    }
    return likePattern(text, character);
  };
  const patternOf = memoized(prepare, pattern.constant, escaping?.constant, escaping === undefined);
  return (message) => {
    const text = textOf(left(message));
    const fits = patternOf ?? prepare(pattern.evaluate(message), escaping?.evaluate(message));
    return text === undefined ? undefined : negate(fits(text), node.isNegated);
  };
}

// A pattern made of constants is prepared once. One that is wrong fails with each message, as it
// would if it came from a property.
function memoized<Result>(
  prepare: (pattern: Value, escaping: Value | undefined) => Result,
  pattern: Value | undefined,
  escaping: Value | undefined,
  isWithoutEscape: boolean,
): Result | undefined {
  if (pattern === undefined || (escaping === undefined && !isWithoutEscape)) return undefined;
  try {
    return prepare(pattern, escaping);
  } catch (error) {
    if (error instanceof EvaluationError) return undefined;
    throw error;
  }
}

function textOf(value: Value): string | undefined {
  if (value.type === "null") return undefined;
  if (value.type !== "string") throw new EvaluationError(`LIKE needs text, not ${value.type}`);
  return value.value;
}

function existence(property: Parameters<typeof readProperty>[0]): Decide {
  if (property.scope === "user") {
    return (message) => message.property(property.name) !== undefined;
  }
  const read: Evaluate = readProperty(property);
  return (message) => read(message).type !== "null";
}
