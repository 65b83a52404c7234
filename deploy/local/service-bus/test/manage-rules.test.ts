// Rules over $management, as the bytes that the SDK sends and reads.

import rhea from "rhea";
import { beforeEach, expect, test } from "vitest";
import { describeSubscription, describeTopic } from "../src/entities/descriptions.ts";
import { EntityError } from "../src/entities/entity-error.ts";
import { type ManagedRules, manageRules } from "../src/management/rule-operations.ts";
import { createTestNamespace } from "./namespace.ts";

let managed: ManagedRules;
beforeEach(async () => {
  const namespace = createTestNamespace();
  await namespace.createTopic(describeTopic({ name: "orders" }));
  const subscription = describeSubscription({ topicName: "orders", name: "all" });
  await namespace.createSubscription(subscription, []);
  managed = { namespace, topic: "orders", subscription: "all" };
});

/** The answer to a request whose body went over the wire. */
function ask(operation: string, body: object) {
  const sent: unknown = rhea.message.decode(rhea.message.encode({ body }))["body"];
  const request = { messageId: 1, replyTo: "r", operation: `com.microsoft:${operation}` };
  return manageRules(managed, { ...request, properties: {}, body: sent });
}

const add = (name: string, description: object) =>
  ask("add-rule", {
    "rule-name": rhea.types.wrap_string(name),
    "rule-description": rhea.types.wrap_map(description),
  });

test("filters and actions are added as the SDK describes them", async () => {
  const sql = {
    "sql-filter": { expression: "a = 1" },
    "sql-rule-action": { expression: "SET b = 2" },
  };
  const correlation = {
    "correlation-filter": {
      "correlation-id": "c",
      "message-id": undefined,
      label: "s",
      properties: { text: "t", count: 5, share: 0.5, live: true, at: new Date(7) },
    },
  };
  for (const [name, description] of Object.entries({ sql, correlation })) {
    expect(await add(name, description)).toMatchObject({ status: 200 });
  }
  expect(await add("all", { "sql-filter": { expression: "1=1" } })).toMatchObject({ status: 200 });
  const { namespace, topic, subscription } = managed;
  expect(namespace.rules(topic, subscription)).toEqual(
    expect.arrayContaining([
      {
        name: "sql",
        filter: { kind: "sql", expression: "a = 1", parameters: {} },
        action: { kind: "sql", expression: "SET b = 2", parameters: {} },
      },
      {
        name: "correlation",
        filter: {
          kind: "correlation",
          correlationId: "c",
          subject: "s",
          properties: {
            text: { type: "string", value: "t" },
            count: { type: "long", value: "5" },
            share: { type: "double", value: 0.5 },
            live: { type: "boolean", value: true },
            at: { type: "dateTime", value: 7 },
          },
        },
        action: { kind: "none" },
      },
      { name: "all", filter: { kind: "true" }, action: { kind: "none" } },
    ]),
  );
});

test("rules are enumerated in pages, as described lists", async () => {
  await add("a", { "sql-filter": { expression: "x = 1" } });
  await add("b", { "correlation-filter": { to: "t", properties: { n: 2 } } });
  const page = await ask("enumerate-rules", { top: 1, skip: 1 });
  const encoded = rhea.message.encode({ body: page.body });
  const body = rhea.message.decode(encoded)["body"] as {
    rules: { "rule-description": unknown }[];
  };
  expect(body.rules).toHaveLength(1);
  expect(body.rules[0]?.["rule-description"]).toMatchObject({
    descriptor: { value: 0x13700000004 },
    value: [
      {
        descriptor: { value: 0x1370000009 },
        value: [
          {},
          {},
          { value: "t" },
          {},
          {},
          {},
          {},
          {},
          { value: [{ value: "n" }, { value: 2 }] },
        ],
      },
      { descriptor: { value: 0x13700000005 }, value: [] },
      { value: "b" },
    ],
  });
  expect(await ask("enumerate-rules", { top: 10, skip: 2 })).toMatchObject({ status: 204 });
});

test("a rule is removed once", async () => {
  await add("a", { "sql-filter": { expression: "1=0" } });
  expect(await ask("remove-rule", { "rule-name": "a" })).toMatchObject({ status: 200 });
  // Without the code in the text the SDK does not take it for what is missing.
  const description = expect.stringContaining("status-code: 404");
  const again = { status: 404, description, condition: "amqp:not-found" };
  expect(await ask("remove-rule", { "rule-name": "a" })).toMatchObject(again);
});

test("what cannot be is refused in the terms that the SDK translates", async () => {
  await add("a", { "sql-filter": { expression: "1=0" } });
  expect(await add("a", { "sql-filter": { expression: "1=0" } })).toMatchObject({
    status: 409,
    condition: "com.microsoft:entity-already-exists",
  });
  const argument = { status: 400, condition: "com.microsoft:argument-error" };
  const both = {
    "sql-filter": { expression: "1=0" },
    "correlation-filter": { to: "t" },
  };
  expect(await add("b", both)).toMatchObject(argument);
  expect(await add("b", { "correlation-filter": { properties: { list: [1] } } })).toMatchObject(
    argument,
  );
  expect(await ask("add-rule", { "rule-name": "b" })).toMatchObject(argument);
  expect(await ask("remove-rule", {})).toMatchObject(argument);
  expect(await ask("enumerate-rules", { top: "x" })).toMatchObject(argument);
  expect(await ask("rename-rule", {})).toMatchObject({ status: 501 });
});

test.each([
  ["quota", 403, "amqp:resource-limit-exceeded"],
  ["disabled", 400, "com.microsoft:entity-disabled"],
  ["unavailable", 503, "com.microsoft:server-busy"],
] as const)("an entity error %s is the status %i", async (code, status, condition) => {
  const fail = () => Promise.reject(new EntityError(code, "no"));
  managed = { ...managed, namespace: { ...managed.namespace, createRule: fail } };
  expect(await add("a", {})).toEqual({ status, condition, description: "no" });
});
