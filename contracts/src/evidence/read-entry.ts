// Reading the bytes of an entry as a stranger would who believes nothing: one form only, or none.
//
// Invariants:
//   E1. Bytes are an entry only if they are the canonical bytes of it (RFC 8785). So a name given twice, a number
//       that JavaScript would round, another order or a space make them none.
//   E2. Numbers are integers of at most 2^53−1 in size; texts have no lone surrogates; nothing is named `__proto__`;
//       nothing is there that the schema does not name; 65,535 bytes are the limit.

import { canonicalJson } from "../canonical.ts";
import { Entry, entryBytesMax } from "../evidence.ts";
import { textOf } from "./bytes.ts";

export type EntryRefusal =
  | "too-large"
  | "not-utf8"
  | "not-json"
  | "not-canonical"
  | "outside-the-profile"
  | "not-an-entry";

export type ReadEntry =
  | { readonly kind: "entry"; readonly entry: Entry }
  | { readonly kind: "refused"; readonly reason: EntryRefusal };

/** Reads canonical bytes. */
export function readEntry(bytes: Uint8Array): ReadEntry {
  if (bytes.length > entryBytesMax) return refused("too-large");
  const text = textOf(bytes);
  if (text === undefined) return refused("not-utf8");
  const strict = readCanonical(text);
  if (strict.kind === "refused") return strict;
  const { data } = Entry.safeParse(strict.value);
  return data === undefined ? refused("not-an-entry") : { kind: "entry", entry: data };
}

export type ReadCanonical =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "refused"; readonly reason: EntryRefusal };

/** Reads canonical JSON of the strict profile (E1, E2). */
export function readCanonical(text: string): ReadCanonical {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused("not-json");
  }
  const shape = shapeOf(value, 0);
  if (shape === "unfit")
    return refused(isCanonicalText(text, value) ? "outside-the-profile" : "not-canonical");
  // Writing again with the engine's own writer is many times faster than the canonicaliser. Where the names of every
  // object are in order it gives the same text.
  const isCanonical =
    shape === "ordered" ? JSON.stringify(value) === text : isCanonicalText(text, value);
  return isCanonical ? { kind: "value", value } : refused("not-canonical");
}

function isCanonicalText(text: string, value: unknown): boolean {
  try {
    return canonicalJson(value) === text;
  } catch {
    return false;
  }
}

const depthMax = 16;

/** Within the profile with the names of every object in order, within it in another order, or outside (E2). */
type Shape = "ordered" | "unordered" | "unfit";

function shapeOf(value: unknown, depth: number): Shape {
  if (typeof value === "number") return Number.isSafeInteger(value) ? "ordered" : "unfit";
  if (typeof value === "string") return value.isWellFormed() ? "ordered" : "unfit";
  if (typeof value !== "object" || value === null) return "ordered";
  if (depth > depthMax) return "unfit";
  let shape: Shape = "ordered";
  let last: string | undefined;
  const isList = Array.isArray(value);
  for (const name of Object.keys(value)) {
    if (!isList) {
      if (name === "__proto__" || !name.isWellFormed()) return "unfit";
      // Strings compare by UTF-16 code units, which is the order of RFC 8785.
      if (last !== undefined && name <= last) shape = "unordered";
      last = name;
    }
    // JSON.parse made it, so every name of it has a value of JSON.
    const inner = shapeOf((value as Readonly<Record<string, unknown>>)[name], depth + 1);
    if (inner === "unfit") return "unfit";
    if (inner === "unordered") shape = "unordered";
  }
  return shape;
}

const refused = (
  reason: EntryRefusal,
): { readonly kind: "refused"; readonly reason: EntryRefusal } => ({
  kind: "refused",
  reason,
});
