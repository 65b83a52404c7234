// The typed values that a rule carries beside its expression, as values of the language.

import type { PropertyValue } from "../entities/descriptions.ts";
import type { Value } from "./value.ts";

export function valueOfParameter(given: PropertyValue): Value {
  switch (given.type) {
    case "int":
    case "long":
      return { type: given.type, value: BigInt(given.value) };
    case "uuid":
      return { type: "uuid", value: given.value.toLowerCase() };
    case "string":
    case "boolean":
    case "double":
    case "dateTime":
      return given;
  }
}
