// The ways in which a chain can be wrong.

/** What each code says something about. */
export const concerns = {
  /** The bytes of an entry, or a link, are not what they were. */
  ALTERED: "integrity",
  /** It means the same and has other bytes than the canonical ones. */
  NOT_CANONICAL: "integrity",
  REORDERED: "integrity",
  /** Entries are missing in the middle or at the beginning. */
  GAP: "integrity",
  DUPLICATE: "integrity",
  /** The head row speaks of another end than the entries. */
  TRUNCATED: "completeness",
  /** A publisher's message, or a cause, never came. */
  INGRESS_GAP: "completeness",
  /** A publisher used one number or one id twice. */
  INGRESS_CONFLICT: "completeness",
  /** An action was started without an earlier allow of the same digest that was entitled to a receipt. */
  UNAUTHORIZED: "authorization",
  /** An action was started more than once. */
  STARTED_TWICE: "authorization",
} as const satisfies Record<string, "integrity" | "completeness" | "authorization">;

export type BreakCode = keyof typeof concerns;

export const breakCodes = [
  "ALTERED",
  "NOT_CANONICAL",
  "REORDERED",
  "GAP",
  "DUPLICATE",
  "TRUNCATED",
  "INGRESS_GAP",
  "INGRESS_CONFLICT",
  "UNAUTHORIZED",
  "STARTED_TWICE",
] as const satisfies readonly BreakCode[];

export interface Break {
  readonly seq: number;
  readonly code: BreakCode;
  readonly detail: string;
}
