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
  if (!isCanonical(text, value)) return refused("not-canonical");
  return isInProfile(value, 0) ? { kind: "value", value } : refused("outside-the-profile");
}

// Writing again with the engine's own writer is many times faster than the canonicaliser. Where the names of every
// object are in order it gives the same text, and JSON.stringify escapes lone surrogates, which is looked for.
function isCanonical(text: string, value: unknown): boolean {
  if (JSON.stringify(value) === text && isSorted(value, 0) && !text.includes("\\ud")) return true;
  try {
    return canonicalJson(value) === text;
  } catch {
    return false;
  }
}

const depthMax = 16;

function isSorted(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (depth > depthMax) return false;
  if (Array.isArray(value)) return value.every((one) => isSorted(one, depth + 1));
  let last: string | undefined;
  for (const [name, one] of Object.entries(value)) {
    // Strings compare by UTF-16 code units, which is the order of RFC 8785.
    if ((last !== undefined && name <= last) || !isSorted(one, depth + 1)) return false;
    last = name;
  }
  return true;
}

function isInProfile(value: unknown, depth: number): boolean {
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  if (depth > depthMax) return false;
  if (Array.isArray(value)) return value.every((one) => isInProfile(one, depth + 1));
  return Object.entries(value).every(
    ([name, one]) => name !== "__proto__" && name.isWellFormed() && isInProfile(one, depth + 1),
  );
}

const refused = (
  reason: EntryRefusal,
): { readonly kind: "refused"; readonly reason: EntryRefusal } => ({
  kind: "refused",
  reason,
});
