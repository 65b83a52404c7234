// The LIKE operator: `%` is any text, `_` any one character, the escape character takes the next one
// as it is. Works in time proportional to text times pattern, whatever the pattern is.

import { EvaluationError } from "./evaluation-error.ts";

type Part =
  | { readonly kind: "any" }
  | { readonly kind: "one" }
  | { readonly kind: "is"; readonly character: string };

/** A test for a pattern. Throws `EvaluationError` when the escape character is not one character. */
export function likePattern(
  pattern: string,
  escaping: string | undefined,
): (text: string) => boolean {
  const parts = partsOf(pattern, escaping);
  return (text) => fits(text, parts);
}

function partsOf(pattern: string, escaping: string | undefined): Part[] {
  if (escaping !== undefined && escaping.length !== 1) {
    throw new EvaluationError("ESCAPE needs one character");
  }
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern.charAt(at);
    if (character === escaping) {
      at += 1;
      if (at === pattern.length)
        throw new EvaluationError("the pattern ends in its escape character");
      parts.push({ kind: "is", character: pattern.charAt(at) });
    } else if (character === "%") parts.push({ kind: "any" });
    else if (character === "_") parts.push({ kind: "one" });
    else parts.push({ kind: "is", character });
  }
  return parts;
}

// Remembers only the last "any": if a later part does not fit, that one takes a character more.
function fits(text: string, parts: readonly Part[]): boolean {
  let at = 0;
  let part = 0;
  let retry: { part: number; at: number } | undefined;
  while (at < text.length) {
    const wanted = parts[part];
    if (wanted?.kind === "any") {
      part += 1;
      retry = { part, at };
    } else if (wanted?.kind === "one" || (wanted?.kind === "is" && wanted.character === text[at])) {
      part += 1;
      at += 1;
    } else if (retry !== undefined) {
      retry.at += 1;
      ({ part, at } = retry);
    } else return false;
  }
  return parts.slice(part).every(({ kind }) => kind === "any");
}
