// Compares two values as C# compares operands of their types.

import { isInteger, type Value } from "./value.ts";

/** Two values of types that have no comparison with each other. */
export type Incomparable = "incomparable";

/**
 * Negative, zero or positive; `NaN` when a number of the two is not a number; "incomparable" when
 * their types have no comparison. Text compares by code units, numbers by value in any types.
 */
export function compareValues(left: Value, right: Value): number | Incomparable {
  if (isInteger(left) && isInteger(right)) return order(left.value, right.value);
  const [first, second] = [realOf(left), realOf(right)];
  if (first !== undefined && second !== undefined) return orderNumbers(first, second);
  if (left.type === "uuid") return compareUuid(left, right, 1);
  if (right.type === "uuid") return compareUuid(right, left, -1);
  if (left.type === "string" && right.type === "string") return order(left.value, right.value);
  if (left.type === "boolean" && right.type === "boolean") {
    return Number(left.value) - Number(right.value);
  }
  if (left.type === "dateTime" && right.type === "dateTime") return left.value - right.value;
  if (left.type === "timeSpan" && right.type === "timeSpan") return order(left.value, right.value);
  return "incomparable";
}

// The language has no constant of this type, so that its text stands for it.
function compareUuid(
  uuid: Extract<Value, { type: "uuid" }>,
  other: Value,
  sign: 1 | -1,
): number | Incomparable {
  if (other.type === "uuid") return order(uuid.value, other.value);
  if (other.type !== "string") return "incomparable";
  return sign * order(uuid.value, other.value.toLowerCase());
}

function realOf(value: Value): number | undefined {
  if (value.type === "double" || value.type === "float") return value.value;
  return isInteger(value) ? Number(value.value) : undefined;
}

function order<T extends bigint | string>(left: T, right: T): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function orderNumbers(left: number, right: number): number {
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
