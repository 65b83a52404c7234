// SQL actions, and the messages they make.

import rhea from "rhea";
import { expect, test } from "vitest";
import type { MessageChanges } from "../src/entities/rule-evaluation.ts";
import { applyChanges } from "../src/rules/apply-changes.ts";
import { compileRule } from "../src/rules/compile-rule.ts";
import { viewMessage } from "../src/rules/message-view.ts";
import { decode } from "../src/rules/value.ts";
import { parseIncoming } from "../src/wire/incoming-message.ts";
import { readSections } from "../src/wire/sections.ts";
import { incoming, rule } from "./rule-messages.ts";

const { types } = rhea;
const arrival = { enqueuedAt: 1_700_000_000_000, sequenceNumber: 7 };

const sent = {
  header: { durable: true },
  message_id: types.wrap_uuid(Buffer.alloc(16, 7)),
  subject: "first",
  group_id: "s1",
  creation_time: new Date(5),
  message_annotations: { "x-opt-partition-key": "p1", "x-mine": types.wrap_ubyte(9) },
  application_properties: {
    quantity: types.wrap_uint(7),
    Ratio: types.wrap_float(0.5),
    priority: "low",
    tiny: types.wrap_ubyte(250),
    untouched: types.wrap_short(-3),
  },
  body: rhea.message.data_section(Buffer.from("the body")),
};

/** The message that a rule with this action makes of `sent`. */
function act(action: string) {
  const message = incoming(sent);
  const found = compileRule(rule("1 = 1", action)).evaluate(viewMessage(message, arrival));
  if (found.kind !== "matched" || found.changes === undefined) return found;
  return copyWith(message.raw, found.changes);
}

function copyWith(raw: Buffer, changes: MessageChanges) {
  const copy = parseIncoming(applyChanges(raw, changes), () => "never");
  const values = [...copy.applicationProperties].map(([name, value]) => [name, decode(value)]);
  return { copy, values: Object.fromEntries(values) };
}

test("SET keeps the type that a property has, where the value fits into it", () => {
  const { values } = act(
    "SET quantity = quantity / 2; SET ratio = quantity * 2.5; SET tiny = tiny + 10; SET fresh = 1",
  ) as ReturnType<typeof copyWith>;
  expect(values).toEqual({
    quantity: { type: "uint", value: 3n },
    Ratio: { type: "float", value: 7.5 },
    tiny: { type: "long", value: 260n },
    untouched: { type: "short", value: -3n },
    priority: { type: "string", value: "low" },
    fresh: { type: "long", value: 1n },
    RuleName: { type: "string", value: "orders" },
  });
});

test("REMOVE takes a property away, and later statements see what earlier ones did", () => {
  const { values } = act(
    "REMOVE priority; SET a = 1, SET b = a + 1 SET c = priority + 'x'; REMOVE A; REMOVE nothing",
  ) as ReturnType<typeof copyWith>;
  expect(values).toMatchObject({ b: { type: "long", value: 2n }, c: { type: "null" } });
  expect(Object.keys(values)).not.toContain("priority");
  expect(Object.keys(values)).not.toContain("a");
});

test("system properties are set and removed", () => {
  const { copy } = act(
    `SET sys.CorrelationId = 'low'; SET sys.Label = sys.Label + '.' + quantity; SET sys.To = 'x';
     SET sys.ContentType = 'text/plain'; SET sys.PartitionKey = 's2'; SET sys.SessionId = 's2';
     REMOVE sys.MessageId; SET sys.ReplyTo = NULL; SET sys.ScheduledEnqueueTimeUtc = 'ignored'`,
  ) as ReturnType<typeof copyWith>;
  expect(copy.system).toMatchObject({
    correlationId: "low",
    subject: "first.7",
    to: "x",
    contentType: "text/plain",
    sessionId: "s2",
    messageId: "never",
    replyTo: undefined,
  });
  const decoded = rhea.message.decode(copy.raw);
  expect(decoded).toMatchObject({ creation_time: new Date(5) });
  expect(decoded["message_annotations"]).toMatchObject({
    "x-opt-partition-key": "s2",
    "x-mine": 9,
  });
  expect(copy.scheduledFor).toBeUndefined();
});

test("R1: sections that the action does not touch keep their bytes", () => {
  const message = incoming(sent);
  const { copy } = act("SET quantity = 1") as ReturnType<typeof copyWith>;
  const parts = (raw: Buffer) =>
    new Map(readSections(raw).map(({ code, start, end }) => [code, raw.subarray(start, end)]));
  const [before, after] = [parts(message.raw), parts(copy.raw)];
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [code, bytes] of before) {
    if (code !== 0x74) expect(after.get(code)).toEqual(bytes);
  }
});

test("a message without the touched sections gets them in their order", () => {
  const raw = rhea.message.encode({ body: "only" });
  const changes = {
    properties: new Map([["a", Buffer.from([0x41])]]),
    system: new Map([
      ["partitionKey" as const, "k"],
      ["subject" as const, "s"],
    ]),
  };
  const copy = applyChanges(raw, changes);
  expect(readSections(copy).map(({ code }) => code)).toEqual([0x70, 0x72, 0x73, 0x74, 0x77]);
  expect(rhea.message.decode(copy)).toMatchObject({ subject: "s", body: "only" });
});

test.each([
  ["SET sys.Nonsense = 1", 'there is no system property "Nonsense"'],
  ["SET a = 1 / 0", "an integer is divided by zero"],
  [`SET sys.MessageId = '${"x".repeat(129)}'`, "the messageId would be longer than 128 characters"],
])("applying %s fails: %s", (action, reason) => {
  expect(act(action)).toEqual({ kind: "failed", reason });
});

test.each([
  [
    "SET sys.SequenceNumber = 1",
    'column 5: the system property "SequenceNumber" cannot be changed',
  ],
  ["", "column 1: it ends too early"],
  ["SET a", "column 6: it ends too early"],
  ["DROP a", 'column 1: "DROP" is not expected here'],
  ["SET a = (b = 1)", "column 10: a value is needed here, not a condition"],
  ["SET a = 1;;", 'column 11: ";" is not expected here'],
  ["REMOVE a ".repeat(33), "column 298: at most 32 statements are allowed"],
])("the action %s is refused: %s", (action, message) => {
  expect(() => compileRule(rule("1=1", action))).toThrow(
    expect.objectContaining({ code: "invalid", message: `the SQL action, ${message}` }),
  );
});
