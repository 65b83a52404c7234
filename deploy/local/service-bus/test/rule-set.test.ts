// The rules of a subscription together.

import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultRule, type RuleDescription } from "../src/entities/descriptions.ts";
import { compileRule } from "../src/rules/compile-rule.ts";
import { compileRuleSet } from "../src/rules/rule-set.ts";
import { decode } from "../src/rules/value.ts";
import { having, rule } from "./rule-messages.ts";

const named = (name: string, description: RuleDescription): RuleDescription => ({
  ...description,
  name,
});
const correlation = (
  name: string,
  properties: Record<string, string | number>,
): RuleDescription => ({
  name,
  filter: {
    kind: "correlation",
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [
        key,
        typeof value === "string"
          ? { type: "string" as const, value }
          : { type: "long" as const, value: String(value) },
      ]),
    ),
  },
  action: { kind: "none" },
});

test("two rules with actions and three without, all matching, make three copies", () => {
  const set = compileRuleSet([
    named("one", rule("a = 1")),
    named("two", rule("a < 2")),
    correlation("three", { a: 1 }),
    named("four", rule("a = 1", "SET b = 4")),
    named("five", rule("a = 1", "SET b = 5")),
  ]);
  const { isPlain, copies, failures } = set.select(having({ a: 1 }));
  expect(isPlain).toBe(true);
  expect(failures).toEqual([]);
  const written = copies.map(({ properties }) =>
    [...properties].map(([name, value]) => [name, value && decode(value)]),
  );
  const copyOf = (name: string, b: bigint) => [
    ["b", { type: "long", value: b }],
    ["RuleName", { type: "string", value: name }],
  ];
  expect(written).toEqual([copyOf("four", 4n), copyOf("five", 5n)]);
});

test("without rules nothing is selected, and the default rule selects everything", () => {
  expect(compileRuleSet([]).select(having({}))).toEqual({
    isPlain: false,
    copies: [],
    failures: [],
  });
  expect(compileRuleSet([defaultRule]).select(having({})).isPlain).toBe(true);
});

test("a rule that fails is told of by name and does not keep others from matching", () => {
  const set = compileRuleSet([
    named("bad", rule("sys.Nonsense = 1")),
    named("worse", rule("1=1", "SET a = 1 / 0")),
    correlation("good", { type: "x", a: 2 }),
  ]);
  expect(set.select(having({ type: "y" }))).toEqual({
    isPlain: false,
    copies: [],
    failures: [
      'the rule "bad": there is no system property "Nonsense"',
      'the rule "worse": an integer is divided by zero',
    ],
  });
  expect(set.select(having({ type: "x", a: 2 })).isPlain).toBe(true);
});

test("correlation filters compare text by case and never with numbers", () => {
  const set = compileRuleSet([correlation("r", { type: "x", n: 5 })]);
  const isSelected = (properties: object) => set.select(having(properties)).isPlain;
  expect(isSelected({ type: "x", n: 5 })).toBe(true);
  expect(isSelected({ TYPE: "x", N: 5.0 })).toBe(true);
  expect(isSelected({ type: "X", n: 5 })).toBe(false);
  expect(isSelected({ type: "x", n: "5" })).toBe(false);
  expect(isSelected({ type: "x" })).toBe(false);
  expect(() => compileRuleSet([correlation("empty", {})])).toThrow("at least one field");
});

test("the index selects what the rules one by one select", () => {
  const value = fc.oneof(fc.constantFrom("x", "y", "5", ""), fc.constantFrom(5, 0));
  const properties = fc.dictionary(fc.constantFrom("type", "mode", "Type", "n"), value);
  const filters = fc.array(
    properties.filter((given) => Object.keys(given).length > 0),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(filters, properties, (all, sent) => {
      const rules = all.map((given, index) => correlation(`r${index}`, given));
      const message = having(sent);
      const expected = rules.some((each) => compileRule(each).evaluate(message).kind === "matched");
      expect(compileRuleSet(rules).select(message).isPlain).toBe(expected);
    }),
    { numRuns: 500 },
  );
});
