// What a tool's result says, for the sentences of every language: nothing better than what stands there.

/** Why something was not done. */
export type Why = "nobody-of-the-name" | "expired" | "refused" | "other";

/** Why something cannot be done, and so was not even tried. */
const causes = ["usage-location-missing", "no-units-left", "unknown-license"] as const;
export type Cause = (typeof causes)[number];

export type Reading =
  | { readonly kind: "denied"; readonly why: Why }
  | { readonly kind: "impossible"; readonly cause: Cause }
  | { readonly kind: "failed" }
  | { readonly kind: "unknown" }
  | { readonly kind: "done" };

export function readingOf(result: unknown): Reading {
  const denied = member(result, "denied");
  if (denied !== undefined) return { kind: "denied", why: whyOf(denied) };
  const failed = member(result, "failed");
  const cause = causes.find((one) => one === failed);
  if (cause !== undefined) return { kind: "impossible", cause };
  if (failed !== undefined || member(result, "refused") !== undefined) return { kind: "failed" };
  return member(result, "unknown") === undefined ? { kind: "done" } : { kind: "unknown" };
}

function whyOf(code: string): Why {
  if (/not-found|facts/.test(code)) return "nobody-of-the-name";
  if (code.includes("expired")) return "expired";
  return code.includes("refused") ? "refused" : "other";
}

/** What the directory says of a person: name, then role and address, then the manager's name. */
export function profileOf(result: unknown) {
  const role = [member(result, "jobTitle"), member(result, "department")]
    .filter((part) => part !== undefined)
    .join(", ");
  const parts = [role === "" ? undefined : role, member(result, "userPrincipalName")];
  return {
    name: member(result, "displayName"),
    parts: parts.filter((part) => part !== undefined),
    manager: member(result, "manager"),
  };
}

/** The authentication methods that are left, as one who names them in a language would. */
export const remainingOf = (
  result: unknown,
  names: Readonly<Record<"phone" | "fido2", string>>,
): string[] =>
  members(result, "remaining")
    .filter((method) => method !== "password")
    .map((method) => (method === "phone" || method === "fido2" ? names[method] : method));

/** The licence that somebody has now, and whether they had it before. */
export const licenceOf = (result: unknown) => ({
  license: member(result, "license") ?? "",
  already: memberOf(result, "alreadyAssigned") === true,
});

export const isForManager = (result: unknown): boolean => member(result, "recipient") === "manager";

/** Until when a link works, as `30 January at 09:15 CET`; undefined where the result does not say. */
export function openUntil(result: unknown, locale: string): string | undefined {
  const time = new Date(member(result, "expiresAt") ?? "");
  if (Number.isNaN(time.getTime())) return undefined;
  return new Intl.DateTimeFormat(locale, {
    ...{ day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" },
    ...{ timeZoneName: "short", timeZone: "Europe/Zurich" },
  }).format(time);
}

/** `a, b and c`, with a language's word for `and`. */
export const listed = (words: readonly string[], and: string): string =>
  [words.slice(0, -1).join(", "), words.at(-1) ?? ""]
    .filter((part) => part !== "")
    .join(` ${and} `);

function member(result: unknown, name: string): string | undefined {
  const value = memberOf(result, name);
  return typeof value === "string" ? value : undefined;
}

function members(result: unknown, name: string): string[] {
  const value = memberOf(result, name);
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

const memberOf = (result: unknown, name: string): unknown =>
  typeof result === "object" && result !== null
    ? Object.entries(result).find(([key]) => key === name)?.[1]
    : undefined;
