// Is a value plain JSON, so that storing and loading it changes nothing?

import type { Json } from "@niivo/contracts/canonical";

const depthMax = 64;

/** False for `undefined` anywhere, for numbers JSON cannot write, and for anything but plain objects. */
export function isJson(value: unknown, depth = 0): value is Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || depth >= depthMax) return false;
  if (Array.isArray(value)) return value.every((member) => isJson(member, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every((member) => isJson(member, depth + 1));
}

/** @throws TypeError on a state that would not come back from the store as it went in. */
export function jsonOf(value: unknown): Json {
  if (isJson(value)) return value;
  throw new TypeError("a state is plain JSON");
}
