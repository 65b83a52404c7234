// Turns an expression into a function of a message. Everything that does not depend on the message
// is done once.

import { randomUUID } from "node:crypto";
import type { PropertyValues } from "../entities/descriptions.ts";
import type { MessageView } from "../entities/rule-evaluation.ts";
import { applySign, calculate } from "./arithmetic.ts";
import { EvaluationError } from "./evaluation-error.ts";
import { valueOfParameter } from "./parameter.ts";
import { SqlError } from "./sql/sql-error.ts";
import type { Expression, Property } from "./sql/syntax.ts";
import { systemProperty } from "./system-properties.ts";
import { decode, unknown, type Value } from "./value.ts";

export type Evaluate = (message: MessageView) => Value;

/** A compiled expression; `constant` is set when its value does not depend on the message. */
export interface Compiled {
  readonly evaluate: Evaluate;
  readonly constant: Value | undefined;
}

/** Throws `SqlError` for a parameter without a value. Evaluating may throw `EvaluationError`. */
export function compileExpression(node: Expression, parameters: PropertyValues): Compiled {
  switch (node.kind) {
    case "string":
      return constant({ type: "string", value: node.value });
    case "integer":
      return constant({ type: "long", value: node.value });
    case "real":
      return constant({ type: "double", value: node.value });
    case "boolean":
      return constant({ type: "boolean", value: node.value });
    case "null":
      return constant(unknown);
    case "parameter":
      return constant(parameterValue(node.name, node.at, parameters));
    case "newid":
      return variable(() => ({ type: "uuid", value: randomUUID() }));
    case "property":
      return variable(readProperty(node));
    case "lookup":
      return variable(lookup(compileExpression(node.name, parameters).evaluate));
    case "sign": {
      const operand = compileExpression(node.operand, parameters).evaluate;
      return variable((message) => applySign(node.sign, operand(message)));
    }
    case "arithmetic": {
      const left = compileExpression(node.left, parameters).evaluate;
      const right = compileExpression(node.right, parameters).evaluate;
      return variable((message) => calculate(node.operator, left(message), right(message)));
    }
  }
}

/** A property that the message does not have is unknown; a system property that none has fails. */
export function readProperty({ scope, name }: Property): Evaluate {
  if (scope === "user") return (message) => userProperty(message, name);
  const property = systemProperty(name);
  if (property !== undefined) return property.read;
  return () => {
    throw new EvaluationError(`there is no system property "${name}"`);
  };
}

function constant(value: Value): Compiled {
  return { evaluate: () => value, constant: value };
}

function variable(evaluate: Evaluate): Compiled {
  return { evaluate, constant: undefined };
}

function userProperty(message: MessageView, name: string): Value {
  const encoded = message.property(name);
  return encoded === undefined ? unknown : decode(encoded);
}

function lookup(nameOf: Evaluate): Evaluate {
  return (message) => {
    const name = nameOf(message);
    if (name.type === "null") return unknown;
    if (name.type !== "string") throw new EvaluationError("property() needs a name that is text");
    return userProperty(message, name.value);
  };
}

// Clients write the name with its `@` or without.
function parameterValue(name: string, at: number, parameters: PropertyValues): Value {
  const given = Object.entries(parameters).find(
    ([key]) => key.replace(/^@/, "").toLowerCase() === name.slice(1).toLowerCase(),
  );
  if (given === undefined) throw new SqlError(`the parameter "${name}" has no value`, at);
  return valueOfParameter(given[1]);
}
