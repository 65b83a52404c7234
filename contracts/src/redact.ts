// Replaces credentials that people paste into tickets, before anything is published (R5). Pure.
//
// Rules look for the shape of a credential, or for the words people put before one. A rule replaces only the
// credential, so that the sentence still says what happened. What has neither shape nor words passes: this
// keeps accidents out of the chain, it is no proof that a text holds no secret. How much is found, and how
// much else, is measured: ../test/redaction-measure.test.ts.

import { contextRules } from "./redaction-contexts.ts";
import type { RedactionRule } from "./redaction-rule.ts";
import { shapeRules } from "./redaction-shapes.ts";

export const removed = "[credential removed]";

/** In the order in which they are applied. */
export const redactionRules: readonly RedactionRule[] = [...shapeRules, ...contextRules];

export interface Redacted {
  readonly text: string;
  /** Names of the rules that found something. */
  readonly rules: readonly string[];
}

/** The text without the credentials that any rule finds, rules in their order. */
export function redact(text: string): Redacted {
  const rules: string[] = [];
  let rest = text;
  for (const { name, pattern, holds } of redactionRules) {
    const before = rest;
    rest = before.replace(pattern, (match: string, ...found: unknown[]) => {
      const secret = groupOf(found.at(-1)) ?? match;
      if (isRemoved(secret) || (holds !== undefined && !holds(secret))) return match;
      const start = match.lastIndexOf(secret);
      return `${match.slice(0, start)}${removed}${match.slice(start + secret.length)}`;
    });
    if (rest !== before) rules.push(name);
  }
  return { text: rest, rules };
}

const isRemoved = (secret: string): boolean => removed.includes(secret);

// The last argument of a replacer is the object of named groups, where the pattern has any.
function groupOf(groups: unknown): string | undefined {
  if (typeof groups !== "object" || groups === null) return undefined;
  return Object.values(groups).find((group) => typeof group === "string");
}
