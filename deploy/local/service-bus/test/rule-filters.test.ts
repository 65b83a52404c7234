// SQL filters, by what Microsoft documents of their grammar and of how they evaluate.

import rhea from "rhea";
import { expect, test } from "vitest";
import { compileRule } from "../src/rules/compile-rule.ts";
import { having, rule, verdict, view } from "./rule-messages.ts";

const { types } = rhea;

const order = view({
  message_id: "order-1",
  subject: "a bus",
  to: "Store5",
  correlation_id: "abc-9",
  group_id: "s1",
  content_type: "application/json",
  ttl: 60_000,
  application_properties: {
    color: "red",
    quantity: 10,
    weight: 2.5,
    paid: true,
    gone: null,
    "Property With Space": "x",
    "http://example/Name": "account",
    'say "hi"': 1,
    "a]b": 2,
    at: types.wrap_timestamp(1_700_000_000_000),
    small: types.wrap_ubyte(200),
    unsigned: types.wrap_uint(4_000_000_000),
    huge: types.wrap_ulong(Buffer.from("ffffffffffffffff", "hex")),
    id: types.wrap_uuid(Buffer.from("00112233445566778899aabbccddeeff", "hex")),
    list: types.wrap_list([1]),
  },
});

test.each([
  ["color = 'red'", "yes"],
  ["COLOR='red'", "yes"],
  ["color = 'Red'", "no"],
  ["user.color <> 'blue'", "yes"],
  ["color != 'red'", "no"],
  ["quantity = 10 AND weight > 2.08", "yes"],
  ["quantity = 11 OR paid = TRUE", "yes"],
  ["NOT quantity = 11", "yes"],
  ["not (color = 'red' and paid = true)", "no"],
  ["sys.Label LIKE '%bus%'", "yes"],
  ["sys.subject = 'a bus'", "yes"],
  ["sys.MessageId = 'order-1' AND sys.To IN ('Store5', 'Store6')", "yes"],
  ["sys.To NOT IN ('Store5','Store6')", "no"],
  ["sys.CorrelationId like 'abc-_'", "yes"],
  ["sys.SessionId = 's1' AND sys.ContentType = 'application/json'", "yes"],
  ["sys.SequenceNumber = 7 AND sys.DeliveryCount = 0 AND sys.Size > 100", "yes"],
  ["sys.ExpiresAtUtc - sys.EnqueuedTimeUtc = sys.TimeToLive", "yes"],
  ["at = sys.EnqueuedTimeUtc", "yes"],
  ["[Property With Space] = 'x' AND \"http://example/Name\" = 'account'", "yes"],
  ['"say ""hi""" = 1 AND [a]]b] = 2', "yes"],
  ["quantity + 5 * 2 = 20", "yes"],
  ["(quantity + 5) * 2 = 30", "yes"],
  ["quantity / 3 = 3 AND quantity % 3 = 1", "yes"],
  ["weight * 2 = 5 AND -weight < 0 AND +quantity = 10", "yes"],
  ["small + 100 = 300", "yes"],
  ["unsigned > 3999999999.5 AND unsigned - 4000000001 = -1", "yes"],
  ["huge > 9223372036854775807", "yes"],
  ["9223372036854775807 + 1 = -9223372036854775808", "yes"],
  ["101.5E5 = 10150000 AND 0.5E-2 = 0.005 AND .5 = 1 / 2.0", "yes"],
  ["color + '-' + quantity = 'red-10'", "yes"],
  ["id = '00112233-4455-6677-8899-AABBCCDDEEFF'", "yes"],
  ["newid() <> newid()", "yes"],
  ["property('color') = 'red' AND p('qu' + 'antity') = 10", "yes"],
  ["EXISTS(color) AND NOT EXISTS(missing) AND EXISTS(gone) AND EXISTS(list)", "yes"],
  ["EXISTS(sys.Label) AND NOT EXISTS(sys.ReplyTo)", "yes"],
  ["gone IS NULL AND missing IS NULL AND color IS NOT NULL AND sys.ReplyTo IS NULL", "yes"],
  ["color LIKE 'r_d' AND color NOT LIKE '%x%' AND color LIKE '%%%d%'", "yes"],
  ["'ABC%' LIKE 'ABC\\%' ESCAPE '\\'", "yes"],
  ["'ABCD' LIKE 'ABC\\%' ESCAPE '\\'", "no"],
  ["'it''s' = 'it' + '''' + 's'", "yes"],
  ["'' LIKE '%' AND '' NOT LIKE '_'", "yes"],
  ["quantity IN (1, 10.0)", "yes"],
])("%s: %s", (filter, expected) => {
  expect(verdict(filter, order)).toBe(expected);
});

// Truth is read off twice: X is true where "X" matches, false where "NOT X" does, else unknown.
test("unknown values follow the documented truth tables", () => {
  const truth = (condition: string): string => {
    const outcome = [condition, `NOT (${condition})`].map((each) => verdict(each, order));
    return outcome[0] === "yes" ? "T" : outcome[1] === "yes" ? "F" : "U";
  };
  const of = { T: "1 = 1", F: "1 = 0", U: "missing = 1" } as const;
  const rows = (["T", "F", "U"] as const).map((left) =>
    (["T", "F", "U"] as const).map((right) => [
      truth(`${of[left]} AND ${of[right]}`),
      truth(`${of[left]} OR ${of[right]}`),
    ]),
  );
  expect(rows.map((row) => row.map(([and]) => and).join(""))).toEqual(["TFU", "FFF", "UFU"]);
  expect(rows.map((row) => row.map(([, or]) => or).join(""))).toEqual(["TTT", "TFU", "TUU"]);
  for (const unknown of [
    "missing + 1 = 2",
    "-missing = 1",
    "missing <> 1",
    "missing LIKE 'a'",
    "color LIKE missing",
    "color LIKE 'a' ESCAPE missing",
    "missing IN (1)",
    "color IN ('blue', missing)",
    "gone = 1",
    "color = NULL",
    "p(missing) = 1",
    "p('missing') = 1",
  ]) {
    expect(truth(unknown), unknown).toBe("U");
  }
});

test.each([
  ["sys.Nonsense = 1", 'there is no system property "Nonsense"'],
  ["color > 5", '">" cannot compare string with long'],
  ["quantity = '10'", '"=" cannot compare uint with string'],
  ["paid > FALSE", '">" cannot compare boolean with boolean'],
  ["list = 1", '"=" cannot compare other with long'],
  ["quantity / 0 = 1", "an integer is divided by zero"],
  ["paid + 1 = 2", '"+" cannot be applied to boolean and long'],
  ["-color = 'x'", 'the sign "-" is not for string'],
  ["quantity LIKE 'x'", "LIKE needs text, not uint"],
  ["color LIKE 'a!' ESCAPE '!'", "the pattern ends in its escape character"],
  ["color LIKE 'a' ESCAPE '!!'", "ESCAPE needs one character"],
  ["p(1) = 2", "property() needs a name that is text"],
  ["huge + -1 = 1", "a ulong and a negative number have no common type"],
])("evaluating %s fails: %s", (filter, reason) => {
  expect(verdict(filter, order)).toBe(reason);
});

test("what settles a condition keeps the rest from being evaluated", () => {
  expect(verdict("1 = 0 AND sys.Nonsense = 1")).toBe("no");
  expect(verdict("1 = 1 OR sys.Nonsense = 1")).toBe("yes");
});

test("the exact spelling of a property wins over one that differs in case", () => {
  const both = having({ Color: "blue", color: "red" });
  expect(verdict("color = 'red' AND Color = 'blue'", both)).toBe("yes");
});

test("parameters are found with and without their @, and keep their types", () => {
  const compiled = compileRule({
    name: "r",
    filter: {
      kind: "sql",
      expression: "color = @c AND quantity = @Q AND at >= @since",
      parameters: {
        "@c": { type: "string", value: "red" },
        q: { type: "long", value: "10" },
        "@since": { type: "dateTime", value: 1_600_000_000_000 },
      },
    },
    action: { kind: "none" },
  });
  expect(compiled.evaluate(order).kind).toBe("matched");
  expect(() => compileRule(rule("a = @nothing"))).toThrow(
    'column 5: the parameter "@nothing" has no value',
  );
});

test.each([
  ["", "column 1: it ends too early"],
  ["a", "column 1: a condition is needed here, such as a comparison"],
  ["a =", "column 4: it ends too early"],
  ["a == 1", 'column 4: "=" is not expected here'],
  ["a = 1 b", 'column 7: "b" is not expected here'],
  ["a = 'x", "column 5: the string has no end"],
  ["[a = 1", "column 1: the name has no end, or is empty"],
  ["a = #", 'column 5: the character "#" has no meaning here'],
  ["x.a = 1", 'column 1: the scope of a property is "sys" or "user"'],
  ["a = f(1)", 'column 5: there is no function "f"'],
  ["a = p()", "column 5: p() needs a name"],
  ["newid(1) = a", "column 7: newid() takes nothing"],
  ["(a = 1) = 2", "column 2: a value is needed here, not a condition"],
  ["1 IS NULL", "column 1: IS NULL asks about a property"],
  ["a = 9223372036854775808", "column 5: the number does not fit into 64 bits"],
  ["a = 1e999", "column 5: the number is too large"],
  ["null = 1 AND and = 2", 'column 14: "and" is not expected here'],
  ["a IN ()", 'column 7: ")" is not expected here'],
  [`${"(".repeat(65)}`, "column 65: nested too deeply"],
  [`a = '${"x".repeat(1_020)}'`, "column 1025: longer than 1024 characters"],
])("%s is refused: %s", (filter, message) => {
  expect(() => compileRule(rule(filter))).toThrow(
    expect.objectContaining({ code: "invalid", message: `the SQL filter, ${message}` }),
  );
});
