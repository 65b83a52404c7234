// Properties of the rule language, on generated conditions and on junk.

import fc from "fast-check";
import { expect, test } from "vitest";
import { EntityError } from "../src/entities/entity-error.ts";
import { compileRule } from "../src/rules/compile-rule.ts";
import { readAction, readFilter } from "../src/rules/sql/read.ts";
import type { Condition, Expression } from "../src/rules/sql/syntax.ts";
import { having, rule, verdict } from "./rule-messages.ts";

const at = 0;
const NAMES = ["a", "b", "c", "missing", "set", "with space", "]", '"'];

const property = fc.constantFrom(...NAMES).map((name) => ({
  kind: "property" as const,
  scope: "user" as const,
  name,
  at,
}));
const number = fc.integer({ min: -9, max: 9 }).map((value) => ({
  kind: "integer" as const,
  value: BigInt(value),
  at,
}));
const numeric: fc.Arbitrary<Expression> = fc.letrec<{ tree: Expression }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    number,
    fc.constantFrom("a", "b", "missing").map((name) => ({
      kind: "property" as const,
      scope: "user" as const,
      name,
      at,
    })),
    fc.record({
      kind: fc.constant("arithmetic" as const),
      operator: fc.constantFrom("+" as const, "-" as const, "*" as const),
      left: tie("tree"),
      right: tie("tree"),
      at: fc.constant(at),
    }),
  ),
})).tree;
const text = fc.string({ maxLength: 4 }).map((value) => ({ kind: "string" as const, value, at }));
const escapable = fc.constantFrom("x%", "_", "%_%", "!%", "a").map((value) => ({
  kind: "string" as const,
  value,
  at,
}));

const condition: fc.Arbitrary<Condition> = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.record({
      kind: fc.constant("comparison" as const),
      operator: fc.constantFrom(...(["=", "<>", "<", "<=", ">", ">="] as const)),
      left: numeric,
      right: numeric,
      at: fc.constant(at),
    }),
    fc.record({
      kind: fc.constant("isNull" as const),
      property,
      isNegated: fc.boolean(),
      at: fc.constant(at),
    }),
    fc.record({ kind: fc.constant("exists" as const), property, at: fc.constant(at) }),
    fc.record({
      kind: fc.constant("in" as const),
      left: numeric,
      choices: fc.array(numeric, { minLength: 1, maxLength: 3 }),
      isNegated: fc.boolean(),
      at: fc.constant(at),
    }),
    fc.record({
      kind: fc.constant("like" as const),
      left: text,
      pattern: escapable,
      escape: fc.constant(undefined),
      isNegated: fc.boolean(),
      at: fc.constant(at),
    }),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      left: tie("tree"),
      right: tie("tree"),
      at: fc.constant(at),
    }),
    fc.record({ kind: fc.constant("not" as const), operand: tie("tree"), at: fc.constant(at) }),
  ),
})).tree;

const printName = (name: string) =>
  /^[a-z]+$/.test(name) ? name : `[${name.replaceAll("]", "]]")}]`;

function printExpression(node: Expression): string {
  switch (node.kind) {
    case "property":
      return printName(node.name);
    case "integer":
      return node.value < 0n ? `(${node.value})` : `${node.value}`;
    case "string":
      return `'${node.value.replaceAll("'", "''")}'`;
    case "arithmetic":
      return `(${printExpression(node.left)} ${node.operator} ${printExpression(node.right)})`;
    default:
      throw new Error(node.kind);
  }
}

function print(node: Condition): string {
  const not = "isNegated" in node && node.isNegated ? "NOT " : "";
  switch (node.kind) {
    case "and":
    case "or":
      return `(${print(node.left)}) ${node.kind} (${print(node.right)})`;
    case "not":
      return `NOT (${print(node.operand)})`;
    case "comparison":
      return `${printExpression(node.left)} ${node.operator} ${printExpression(node.right)}`;
    case "isNull":
      return `${printExpression(node.property)} IS ${not}NULL`;
    case "exists":
      return `EXISTS(${printExpression(node.property)})`;
    case "in":
      return `${printExpression(node.left)} ${not}IN (${node.choices.map(printExpression).join(",")})`;
    case "like":
      return `${printExpression(node.left)} ${not}LIKE ${printExpression(node.pattern)}`;
  }
}

// The reference: Kleene logic over -1 (false), 0 (unknown) and 1 (true), numbers as JavaScript has
// them (the generated ones stay far below 2^53) and LIKE by a regular expression.
const message: Readonly<Record<string, number>> = { a: 3, b: -2, "with space": 1, "]": 2 };

function worthOf(node: Expression): number | string | undefined {
  switch (node.kind) {
    case "property":
      return message[node.name];
    case "integer":
      return Number(node.value);
    case "string":
      return node.value;
    case "arithmetic": {
      const [left, right] = [Number(worthOf(node.left)), Number(worthOf(node.right))];
      if (Number.isNaN(left) || Number.isNaN(right)) return undefined;
      return { "+": left + right, "-": left - right, "*": left * right }[node.operator as "+"];
    }
    default:
      throw new Error(node.kind);
  }
}

const truth = (holds: boolean) => (holds ? 1 : -1);

function refer(node: Condition): number {
  const sign = "isNegated" in node && node.isNegated ? -1 : 1;
  switch (node.kind) {
    case "and":
      return Math.min(refer(node.left), refer(node.right));
    case "or":
      return Math.max(refer(node.left), refer(node.right));
    case "not":
      return -refer(node.operand);
    case "comparison": {
      const [left, right] = [worthOf(node.left), worthOf(node.right)];
      if (left === undefined || right === undefined) return 0;
      const { operator } = node;
      if (left === right) return truth(["=", "<=", ">="].includes(operator));
      return truth(operator === "<>" || operator.startsWith(left < right ? "<" : ">"));
    }
    case "isNull":
      return sign * truth(worthOf(node.property) === undefined);
    case "exists":
      return truth(worthOf(node.property) !== undefined);
    case "in": {
      const left = worthOf(node.left);
      if (left === undefined) return 0;
      const choices = node.choices.map(worthOf);
      if (choices.includes(left)) return sign;
      return choices.includes(undefined) ? 0 : -sign;
    }
    case "like": {
      const pattern = String(worthOf(node.pattern))
        .replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
        .replaceAll("%", "[^]*")
        .replaceAll("_", "[^]");
      return sign * truth(new RegExp(`^${pattern}$`).test(String(worthOf(node.left))));
    }
  }
}

const fits = (node: Condition) => print(node).length <= 1_024;
const withoutPlaces = (node: unknown) =>
  JSON.stringify(node, (key, value: unknown) => {
    if (key === "at") return undefined;
    return typeof value === "bigint" ? `${value}` : value;
  });

test("what is printed is read as the same condition", () => {
  fc.assert(
    fc.property(condition.filter(fits), (node) => {
      expect(withoutPlaces(readFilter(print(node)))).toBe(withoutPlaces(node));
    }),
    { numRuns: 500 },
  );
});

test("conditions come to what a small reference says", () => {
  const view = having(message);
  fc.assert(
    fc.property(condition.filter(fits), (node) => {
      expect(verdict(print(node), view)).toBe(refer(node) === 1 ? "yes" : "no");
    }),
    { numRuns: 1_000 },
  );
});

const words = [
  ..."+-*/%()=<>!,;.@'\"[]#".split(""),
  ...["AND", "or", "NOT", "IS", "NULL", "IN", "LIKE", "ESCAPE", "EXISTS", "TRUE", "SET", "REMOVE"],
  ...["a", "sys", "user", "Label", "p", "newid", "1", "2.5", "1e9", "'x'", "[y]", '"z"', "@p"],
];
const junk = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.array(fc.constantFrom(...words), { maxLength: 40 }).map((parts) => parts.join(" ")),
);

test("junk is understood or refused in words, and never breaks anything", () => {
  const view = having({ a: 1, b: "x", Label: true });
  const tryOut = (work: () => unknown) => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof EntityError)) throw error;
      expect(error.message).toMatch(/^the SQL (filter|action), column \d+: /);
    }
  };
  fc.assert(
    fc.property(junk, (input) => {
      tryOut(() => compileRule(rule(input)).evaluate(view));
      tryOut(() => compileRule(rule("1=1", input)).evaluate(view));
    }),
    { numRuns: 2_000 },
  );
});

test("the longest chains are read and evaluated without running out of stack", () => {
  expect(verdict(`${"1+".repeat(500)}1 = 501`)).toBe("yes");
  expect(verdict(`${"NOT ".repeat(250)} 1 = 1`)).toBe("yes");
  expect(verdict(`${"-".repeat(1_000)}1 = 1`)).toBe("yes");
  expect(verdict(`${"(".repeat(64)}1 = 1${")".repeat(64)}`)).toBe("yes");
  expect(readAction("REMOVE a;".repeat(32))).toHaveLength(32);
});

test("a pattern of many wildcards takes no time worth speaking of", () => {
  const begin = performance.now();
  const long = "a".repeat(20_000);
  expect(verdict(`x LIKE '${"%a".repeat(200)}b'`, having({ x: long }))).toBe("no");
  expect(performance.now() - begin).toBeLessThan(2_000);
});
