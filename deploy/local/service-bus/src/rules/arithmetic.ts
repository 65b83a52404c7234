// Arithmetic as C# promotes and computes it: integers wrap, division by zero fails for integers and
// is infinite for real numbers, text is concatenated, times give spans. Unknown stays unknown.
// https://learn.microsoft.com/dotnet/csharp/language-reference/operators/arithmetic-operators

import { EvaluationError } from "./evaluation-error.ts";
import type { ArithmeticOperator } from "./sql/syntax.ts";
import {
  fitsInteger,
  type IntegerType,
  type IntegerValue,
  isInteger,
  type RealValue,
  unknown,
  type Value,
  wrapInteger,
} from "./value.ts";

const TICKS_PER_MS = 10_000n;
const smallTypes: ReadonlySet<string> = new Set(["byte", "ubyte", "short", "ushort", "int"]);
const unsignedTypes: ReadonlySet<string> = new Set(["ubyte", "ushort", "uint"]);

/** Throws `EvaluationError` for types that the operator does not take and for what C# throws on. */
export function calculate(operator: ArithmeticOperator, left: Value, right: Value): Value {
  if (left.type === "null" || right.type === "null") return unknown;
  if (isInteger(left) && isInteger(right)) return integers(operator, left, right);
  const [first, second] = [asReal(left), asReal(right)];
  if (first !== undefined && second !== undefined) return reals(operator, first, second);
  if (operator === "+" && (left.type === "string" || right.type === "string")) {
    return { type: "string", value: writtenAs(left) + writtenAs(right) };
  }
  return times(operator, left, right);
}

/** A sign before a value. */
export function applySign(sign: "+" | "-", operand: Value): Value {
  if (operand.type === "null") return unknown;
  if (isInteger(operand)) {
    // Unsigned numbers and small ones become the next type that holds their negative.
    const type = promote(operand.type, operand.type);
    if (sign === "+") return { type, value: operand.value };
    if (type === "ulong") throw new EvaluationError("a ulong has no negative");
    const signed: IntegerType = type === "uint" ? "long" : type;
    return { type: signed, value: wrapInteger(signed, -operand.value) };
  }
  if (operand.type === "double" || operand.type === "float") {
    return sign === "+" ? operand : { type: operand.type, value: -operand.value };
  }
  if (operand.type === "timeSpan") {
    return sign === "+" ? operand : span(-operand.value);
  }
  throw new EvaluationError(`the sign "${sign}" is not for ${operand.type}`);
}

/** A value as text, as concatenation and the conversion to a text property write it. */
export function writtenAs(value: Value): string {
  switch (value.type) {
    case "string":
    case "uuid":
      return value.value;
    case "boolean":
      return value.value ? "True" : "False";
    case "dateTime":
      return new Date(value.value).toISOString();
    case "null":
      return "";
    case "other":
    case "timeSpan":
      throw new EvaluationError(
        `a ${value.type === "other" ? "compound" : value.type} is not text`,
      );
    case "float":
    case "double":
    case "byte":
    case "ubyte":
    case "short":
    case "ushort":
    case "int":
    case "uint":
    case "long":
    case "ulong":
      return String(value.value);
  }
}

function integers(operator: ArithmeticOperator, left: IntegerValue, right: IntegerValue): Value {
  const type = promoteValues(left, right);
  const value = exact(operator, left.value, right.value);
  // Dividing the smallest number by -1 is the one overflow that C# always reports.
  if (operator === "/" && !fitsInteger(type, value)) throw new EvaluationError("overflow");
  return { type, value: wrapInteger(type, value) };
}

function exact(operator: ArithmeticOperator, left: bigint, right: bigint): bigint {
  if ((operator === "/" || operator === "%") && right === 0n) {
    throw new EvaluationError("an integer is divided by zero");
  }
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
  }
}

// C# refuses to mix ulong with signed types, except with a constant that is not negative; here any
// number that is not negative will do, because a filter cannot cast.
function promoteValues(left: IntegerValue, right: IntegerValue): IntegerType {
  if (left.type !== "ulong" && right.type !== "ulong") return promote(left.type, right.type);
  if (fitsInteger("ulong", left.value) && fitsInteger("ulong", right.value)) return "ulong";
  throw new EvaluationError("a ulong and a negative number have no common type");
}

function promote(left: IntegerType, right: IntegerType): IntegerType {
  if (left === "ulong" || right === "ulong") return "ulong";
  if (left === "long" || right === "long") return "long";
  if (left === "uint" || right === "uint") {
    return unsignedTypes.has(left) && unsignedTypes.has(right) ? "uint" : "long";
  }
  return smallTypes.has(left) ? "int" : left;
}

function asReal(value: Value): RealValue | undefined {
  if (value.type === "double" || value.type === "float") return value;
  return isInteger(value) ? { type: "float", value: Number(value.value) } : undefined;
}

function reals(operator: ArithmeticOperator, left: RealValue, right: RealValue): Value {
  const value = inexact(operator, left.value, right.value);
  if (left.type === "double" || right.type === "double") return { type: "double", value };
  return { type: "float", value: Math.fround(value) };
}

function inexact(operator: ArithmeticOperator, left: number, right: number): number {
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    case "%":
      return left % right;
  }
}

function times(operator: ArithmeticOperator, left: Value, right: Value): Value {
  if (operator === "+" || operator === "-") {
    const sign = operator === "+" ? 1n : -1n;
    if (left.type === "dateTime" && right.type === "dateTime" && operator === "-") {
      return span(BigInt(left.value - right.value) * TICKS_PER_MS);
    }
    if (left.type === "dateTime" && right.type === "timeSpan") {
      return { type: "dateTime", value: left.value + Number((sign * right.value) / TICKS_PER_MS) };
    }
    if (left.type === "timeSpan" && right.type === "timeSpan") {
      return span(left.value + sign * right.value);
    }
  }
  const types = `${left.type} and ${right.type}`;
  throw new EvaluationError(`"${operator}" cannot be applied to ${types}`);
}

function span(ticks: bigint): Value {
  if (!fitsInteger("long", ticks)) throw new EvaluationError("overflow");
  return { type: "timeSpan", value: ticks };
}
