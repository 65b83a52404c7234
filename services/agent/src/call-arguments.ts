// What a model wrote as the arguments of a call, read as the JSON object an action can carry. Pure.
// Refused is all that canonical bytes cannot carry (audit.md, strict profile): a fraction, an integer
// beyond 2^53−1, half a surrogate pair, a member `__proto__`.

import { Action } from "@niivo/contracts/action";
import type { Json } from "@niivo/contracts/canonical";

/** Deeper nesting is refused: nothing in the catalogue nests at all. */
const argumentsDepthMax = 8;

export type CallArguments =
  | { readonly kind: "object"; readonly arguments: Action["arguments"] }
  | { readonly kind: "invalid" };

const invalid: CallArguments = { kind: "invalid" };

/** `invalid` for what is not a JSON object or could not be sealed; it never throws. */
export function callArguments(text: string): CallArguments {
  const value = jsonOf(text);
  if (value === undefined || !sealable(value, argumentsDepthMax)) return invalid;
  const parsed = Action.shape.arguments.safeParse(value);
  return parsed.success ? { kind: "object", arguments: parsed.data } : invalid;
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sealable(value: Json, depthLeft: number): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return true;
  if (depthLeft === 0) return false;
  return Object.entries(value).every(
    ([name, member]) =>
      name !== "__proto__" && name.isWellFormed() && sealable(member, depthLeft - 1),
  );
}
