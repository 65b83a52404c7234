// All rules of one subscription. Rules without an action are alternatives and make one copy between
// them; each rule with an action makes its own copy; a rule that cannot be evaluated is told of.
// https://learn.microsoft.com/azure/service-bus-messaging/topic-filters
//
// The usual rule asks for one value of one property (as `type`), and there are many of them. They are
// found by that value: what a message costs does not grow with their number.

import type { RuleDescription } from "../entities/descriptions.ts";
import type { CompiledRule, MessageChanges, MessageView } from "../entities/rule-evaluation.ts";
import { compileRule } from "./compile-rule.ts";
import { textOf } from "./value.ts";

export interface Selection {
  /** Whether the subscription gets the message as it is. */
  readonly isPlain: boolean;
  /** The further copies, by what was changed in each. */
  readonly copies: readonly MessageChanges[];
  /** Why rules could not be evaluated. */
  readonly failures: readonly string[];
}

export interface RuleSet {
  readonly rules: readonly CompiledRule[];
  select(message: MessageView): Selection;
}

interface Indexed {
  readonly property: string;
  readonly value: string;
}

type ByValue = Map<string, CompiledRule[]>;

/** Throws `EntityError` ("invalid") when a rule cannot be understood. */
export function compileRuleSet(descriptions: readonly RuleDescription[]): RuleSet {
  const rules: CompiledRule[] = [];
  const index = new Map<string, ByValue>();
  const plain: CompiledRule[] = [];
  const acting: CompiledRule[] = [];
  for (const description of descriptions) {
    const rule = compileRule(description);
    const key = indexed(description);
    rules.push(rule);
    if (rule.hasAction) acting.push(rule);
    else if (key === undefined) plain.push(rule);
    else addTo(index, key, rule);
  }
  const byProperty = [...index];
  return {
    rules,
    select(message) {
      const failures: string[] = [];
      const matches = (rule: CompiledRule) => isMatch(rule, message, failures);
      const isPlain =
        byProperty.some(([property, byValue]) =>
          candidates(message, property, byValue).some(matches),
        ) || plain.some(matches);
      const copies: MessageChanges[] = [];
      for (const rule of acting) {
        const verdict = rule.evaluate(message);
        if (verdict.kind === "failed") failures.push(failureOf(rule, verdict.reason));
        else if (verdict.kind === "matched" && verdict.changes) copies.push(verdict.changes);
      }
      return { isPlain, copies, failures };
    },
  };
}

function isMatch(rule: CompiledRule, message: MessageView, failures: string[]): boolean {
  const verdict = rule.evaluate(message);
  if (verdict.kind === "failed") failures.push(failureOf(rule, verdict.reason));
  return verdict.kind === "matched";
}

const failureOf = (rule: CompiledRule, reason: string) => `the rule "${rule.name}": ${reason}`;

/** The text that a rule asks of a property, if it asks for one. */
function indexed({ filter, action }: RuleDescription): Indexed | undefined {
  if (filter.kind !== "correlation" || action.kind !== "none") return undefined;
  for (const [property, expected] of Object.entries(filter.properties)) {
    if (expected.type === "string") return { property, value: expected.value };
  }
  return undefined;
}

function addTo(
  index: Map<string, ByValue>,
  { property, value }: Indexed,
  rule: CompiledRule,
): void {
  const byValue: ByValue = index.get(property) ?? new Map();
  const same = byValue.get(value) ?? [];
  index.set(property, byValue);
  byValue.set(value, same);
  same.push(rule);
}

const none: readonly CompiledRule[] = [];

function candidates(
  message: MessageView,
  property: string,
  byValue: ByValue,
): readonly CompiledRule[] {
  const encoded = message.property(property);
  const text = encoded === undefined ? undefined : textOf(encoded);
  return text === undefined ? none : (byValue.get(text) ?? none);
}
