// The implicit conversion of SET: "if possible when the expression type and the existing property
// type are different". Numbers become the type that is there if they keep their value in it.

import { fitsInteger, isInteger, type Value } from "./value.ts";

/** The value in the type, or the value as it is. */
export function convertTo(type: Value["type"], value: Value): Value {
  switch (type) {
    case "byte":
    case "ubyte":
    case "short":
    case "ushort":
    case "int":
    case "uint":
    case "long":
    case "ulong": {
      const whole = wholeOf(value);
      return whole !== undefined && fitsInteger(type, whole) ? { type, value: whole } : value;
    }
    case "float":
    case "double":
      return toReal(type, value);
    case "null":
    case "boolean":
    case "string":
    case "dateTime":
    case "timeSpan":
    case "uuid":
    case "other":
      return value;
  }
}

function wholeOf(value: Value): bigint | undefined {
  if (isInteger(value)) return value.value;
  const isReal = value.type === "double" || value.type === "float";
  return isReal && Number.isInteger(value.value) ? BigInt(value.value) : undefined;
}

function toReal(type: "float" | "double", value: Value): Value {
  const number = isInteger(value) ? Number(value.value) : realOf(value);
  if (number === undefined) return value;
  return type === "float" ? { type, value: Math.fround(number) } : { type, value: number };
}

function realOf(value: Value): number | undefined {
  return value.type === "double" || value.type === "float" ? value.value : undefined;
}
