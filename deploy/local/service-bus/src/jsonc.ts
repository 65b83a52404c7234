// JSON with comments, as configuration files of Microsoft's tools are written.

import { type ParseError, parse } from "jsonc-parser";

export type Jsonc =
  | { readonly kind: "read"; readonly value: unknown }
  /** The text itself is not repeated: it may hold a key. */
  | { readonly kind: "wrong"; readonly line: number };

export function parseJsonc(text: string): Jsonc {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first === undefined) return { kind: "read", value };
  return { kind: "wrong", line: text.slice(0, first.offset).split("\n").length };
}
