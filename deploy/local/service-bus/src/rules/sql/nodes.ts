// Builds the nodes of the syntax tree from tokens, and refuses a condition where a value belongs and
// the other way round.

import type { IToken, TokenType } from "chevrotain";
import { SqlError } from "./sql-error.ts";
import {
  type ArithmeticOperator,
  type ComparisonOperator,
  type Condition,
  type Expression,
  isCondition,
  type Property,
} from "./syntax.ts";
import * as t from "./tokens.ts";

export type Node = Condition | Expression;

const LONG_MAX = 2n ** 63n - 1n;

export function both(kind: "and" | "or", left: Node, right: Node): Condition {
  return { kind, left: asCondition(left), right: asCondition(right), at: left.at };
}

export function arithmetic(operator: IToken, left: Node, right: Node): Expression {
  const symbols: Readonly<Record<string, ArithmeticOperator>> = {
    Plus: "+",
    Minus: "-",
    Times: "*",
    Divide: "/",
    Modulo: "%",
  };
  return {
    kind: "arithmetic",
    operator: symbols[operator.tokenType.name] ?? "+",
    left: asExpression(left),
    right: asExpression(right),
    at: left.at,
  };
}

const comparisons = new Map<TokenType, ComparisonOperator>([
  [t.Equal, "="],
  [t.NotEqual, "<>"],
  [t.Greater, ">"],
  [t.AtLeast, ">="],
  [t.Less, "<"],
  [t.AtMost, "<="],
]);

export const comparisonOf = ({ tokenType }: IToken): ComparisonOperator =>
  comparisons.get(tokenType) ?? "=";

export function withSign(node: Node, { image, startOffset: at }: IToken): Node {
  const operand = asExpression(node);
  const sign = image === "-" ? "-" : "+";
  if (operand.kind !== "integer") return { kind: "sign", sign, operand, at };
  return { kind: "integer", value: sign === "-" ? -operand.value : operand.value, at };
}

// Only here is it known whether the largest number and one more has its minus before it.
export function checkRange(node: Node): Node {
  if (node.kind !== "integer" || (node.value <= LONG_MAX && node.value >= -LONG_MAX - 1n)) {
    return node;
  }
  throw new SqlError("the number does not fit into 64 bits", node.at);
}

export function constantOf({ tokenType, image, startOffset: at }: IToken): Expression {
  switch (tokenType) {
    case t.Text:
      return { kind: "string", value: image.slice(1, -1).replaceAll("''", "'"), at };
    case t.Integer:
      return { kind: "integer", value: BigInt(image), at };
    case t.Real:
      if (!Number.isFinite(Number(image))) throw new SqlError("the number is too large", at);
      return { kind: "real", value: Number(image), at };
    case t.Parameter:
      return { kind: "parameter", name: image, at };
    case t.Null:
      return { kind: "null", at };
  }
  return { kind: "boolean", value: tokenType === t.True, at };
}

export function callOf({ image, startOffset: at }: IToken, argument: Node | undefined): Expression {
  switch (image.toLowerCase()) {
    case "newid":
      if (argument !== undefined) throw new SqlError("newid() takes nothing", argument.at);
      return { kind: "newid", at };
    case "property":
    case "p":
      if (argument === undefined) throw new SqlError(`${image}() needs a name`, at);
      return { kind: "lookup", name: asExpression(argument), at };
  }
  throw new SqlError(`there is no function "${image}"`, at);
}

export function propertyOf(first: IToken, second: IToken | undefined): Property {
  const at = first.startOffset;
  if (second === undefined) return { kind: "property", scope: "user", name: nameOf(first), at };
  switch (first.image.toLowerCase()) {
    case "sys":
      return { kind: "property", scope: "system", name: nameOf(second), at };
    case "user":
      return { kind: "property", scope: "user", name: nameOf(second), at };
  }
  throw new SqlError(`the scope of a property is "sys" or "user"`, at);
}

function nameOf({ tokenType, image }: IToken): string {
  if (tokenType === t.Delimited) return image.slice(1, -1).replaceAll("]]", "]");
  if (tokenType === t.Quoted) return image.slice(1, -1).replaceAll('""', '"');
  return image;
}

export function asCondition(node: Node): Condition {
  if (isCondition(node)) return node;
  throw new SqlError("a condition is needed here, such as a comparison", node.at);
}

export function asExpression(node: Node): Expression {
  if (!isCondition(node)) return node;
  throw new SqlError("a value is needed here, not a condition", node.at);
}
