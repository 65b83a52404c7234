// Configuration files: Microsoft's emulator format, our own, and what is wrong with wrong ones.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ConfigError } from "../src/config.ts";
import { parseConfigText, readConfigFile } from "../src/config-file/read-config-file.ts";
import { defaultRule } from "../src/entities/descriptions.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

// The features of the example that Microsoft publishes with its emulator, written anew.
const emulator = `{
  // One namespace, as the emulator has it.
  "UserConfig": {
    "Namespaces": [{
      "Name": "sbemulatorns",
      "Queues": [{
        "Name": "queue.1",
        "Properties": {
          "DeadLetteringOnMessageExpiration": true, "DefaultMessageTimeToLive": "PT1H",
          "DuplicateDetectionHistoryTimeWindow": "PT20S", "ForwardDeadLetteredMessagesTo": "",
          "ForwardTo": "", "LockDuration": "PT1M", "MaxDeliveryCount": 5,
          "RequiresDuplicateDetection": true, "RequiresSession": false,
        },
      }, { "Name": "plain" }],
      "Topics": [{
        "Name": "topic.1",
        "Properties": { "DefaultMessageTimeToLive": "PT10M", "RequiresDuplicateDetection": false },
        "Subscriptions": [
          { "Name": "everything" },
          {
            "Name": "some", "Properties": { "RequiresSession": true, "LockDuration": "PT5M" },
            "Rules": [
              { "Name": "by-fields", "Properties": { "FilterType": "Correlation",
                "CorrelationFilter": { "ContentType": "application/text", "CorrelationId": "id1",
                  "Label": "subject1", "MessageId": "msgid1", "ReplyTo": "someQueue",
                  "ReplyToSessionId": "sessionId", "SessionId": "session1", "To": "xyz",
                  "Properties": { "prop1": "value1", "count": 3, "share": 0.5, "live": true } } } },
              { "Name": "by-sql", "Properties": { "FilterType": "Sql",
                "SqlFilter": { "SqlExpression": "sys.MessageId = '123' AND userProp1 = 'value1'" },
                "Action": { "SqlExpression": "SET sys.To = 'Entity'; REMOVE userProp1" } } },
            ],
          },
          { "Name": "onward", "Properties": { "ForwardTo": "queue.1",
            "ForwardDeadLetteredMessagesTo": "Plain", "DefaultMessageTimeToLive":
            "P10675199DT2H48M5.4775807S" } },
        ],
      }],
    }],
    "Logging": { "Type": "File" },
  },
}`;

test("an emulator file is read with the emulator's defaults", () => {
  const { settings, namespace } = parseConfigText(emulator);
  expect(settings).toEqual({
    host: "127.0.0.1",
    port: 5672,
    keys: [],
    open: false,
    openMetrics: false,
  });
  expect(namespace.queues).toMatchObject([
    {
      name: "queue.1",
      deadLetteringOnMessageExpiration: true,
      defaultMessageTimeToLiveMs: 3_600_000,
      duplicateDetectionHistoryTimeWindowMs: 20_000,
      requiresDuplicateDetection: true,
      lockDurationMs: 60_000,
      maxDeliveryCount: 5,
      forwardTo: undefined,
    },
    { name: "plain", maxDeliveryCount: 3, requiresSession: false },
  ]);
  const [first] = namespace.topics;
  expect(first?.topic).toMatchObject({ name: "topic.1", defaultMessageTimeToLiveMs: 600_000 });
  expect(first?.subscriptions.map(({ subscription }) => subscription)).toMatchObject([
    { name: "everything", topicName: "topic.1", deadLetteringOnFilterEvaluationExceptions: true },
    { name: "some", requiresSession: true, lockDurationMs: 300_000 },
    {
      forwardTo: "queue.1",
      forwardDeadLetteredMessagesTo: "Plain",
      defaultMessageTimeToLiveMs: undefined,
    },
  ]);
  expect(first?.subscriptions.map(({ rules }) => rules)).toEqual([
    [defaultRule],
    [
      {
        name: "by-fields",
        filter: {
          kind: "correlation",
          contentType: "application/text",
          correlationId: "id1",
          subject: "subject1",
          messageId: "msgid1",
          replyTo: "someQueue",
          replyToSessionId: "sessionId",
          sessionId: "session1",
          to: "xyz",
          properties: {
            prop1: { type: "string", value: "value1" },
            count: { type: "long", value: "3" },
            share: { type: "double", value: 0.5 },
            live: { type: "boolean", value: true },
          },
        },
        action: { kind: "none" },
      },
      {
        name: "by-sql",
        filter: {
          kind: "sql",
          expression: "sys.MessageId = '123' AND userProp1 = 'value1'",
          parameters: {},
        },
        action: {
          kind: "sql",
          expression: "SET sys.To = 'Entity'; REMOVE userProp1",
          parameters: {},
        },
      },
    ],
    [defaultRule],
  ]);
});

test("the limits of the emulator are not ours", () => {
  const { namespace } = parseConfigText(
    emulator
      .replace('"LockDuration": "PT1M"', '"LockDuration": "PT1S"')
      .replace('"MaxDeliveryCount": 5', '"MaxDeliveryCount": 100')
      .replace('"DefaultMessageTimeToLive": "PT1H"', '"DefaultMessageTimeToLive": "P1Y2M3DT4H"')
      .replace('"PT20S"', '"P7D"'),
  );
  expect(namespace.queues[0]).toMatchObject({
    lockDurationMs: 1_000,
    maxDeliveryCount: 100,
    defaultMessageTimeToLiveMs: ((365 + 60 + 3) * 24 + 4) * 3_600_000,
    duplicateDetectionHistoryTimeWindowMs: 7 * 86_400_000,
  });
});

test("the section that the emulator ignores says where to listen and who may do what", () => {
  const ours = `"LocalServiceBus": { "port": 0, "dataDir": "data", "keys": [
    { "name": "reader", "key": "k", "listen": ["TOPIC.1/some"], "send": ["queue.1"] },
    { "name": "admin", "keyFile": "admin.key", "manage": ["*"] } ] }, "UserConfig"`;
  const { settings } = parseConfigText(emulator.replace('"UserConfig"', ours));
  expect(settings).toMatchObject({
    port: 0,
    dataDir: "data",
    keys: [
      { name: "reader", key: "k", listen: ["TOPIC.1/some"], send: ["queue.1"], manage: [] },
      { name: "admin", keyFile: "admin.key", manage: ["*"] },
    ],
  });
});

test("our own format is read from the same kind of file", () => {
  const { settings, namespace } = parseConfigText(`{
    "port": 5673, "keys": [], // our services'
    "topics": [{ "name": "approvals", "subscriptions": [
      { "name": "all" },
      { "name": "broker", "requiresSession": true, "timeToLiveMs": 60000, "rules": [
        { "name": "granted", "correlationFilter": { "subject": "s", "properties": { "type": "g.v1" } } },
      ] },
    ] }],
  }`);
  expect(settings.port).toBe(5_673);
  expect(namespace.queues).toEqual([]);
  expect(namespace.topics[0]?.subscriptions).toMatchObject([
    { subscription: { name: "all", maxDeliveryCount: 10 }, rules: [defaultRule] },
    {
      subscription: { requiresSession: true, defaultMessageTimeToLiveMs: 60_000 },
      rules: [
        {
          name: "granted",
          filter: {
            kind: "correlation",
            subject: "s",
            properties: { type: { type: "string", value: "g.v1" } },
          },
        },
      ],
    },
  ]);
});

const at = "UserConfig.Namespaces[0]";

test.each([
  ["{", "line 1: not JSON (CloseBraceExpected)"],
  ["", "line 1: not JSON"],
  [emulator.replace('"queue.1",', '"queue 1",'), `${at}.Queues[0].Name (line 7): must be letters`],
  [emulator.replace('"PT1M"', '"1 minute"'), 'LockDuration (line 11): "1 minute" is not an ISO'],
  [emulator.replace('"PT5M"', '"PT6M"'), "LockDuration (line 21): must be between 0.05 and 300"],
  [
    emulator.replace('"MaxDeliveryCount": 5', '"MaxDeliveryCount": 0'),
    "MaxDeliveryCount (line 11)",
  ],
  [emulator.replace('"RequiresSession": false', '"RequireSession": false'), '"RequireSession"'],
  [
    emulator.replace('"FilterType": "Sql"', '"FilterType": "SQL"'),
    "Properties.FilterType (line 28)",
  ],
  [
    emulator.replace("= '123'", "== '123'"),
    'Rules[1].Properties (line 28): the SQL filter, column 16: "="',
  ],
  [emulator.replace("REMOVE user", "DELETE user"), 'the SQL action, column 24: "DELETE"'],
  [
    emulator.replace('"plain"', '"QUEUE.1"'),
    `${at}.Queues[1].Name (line 14): "QUEUE.1" is repeated`,
  ],
  [
    emulator.replace('"some"', '"everything"'),
    'Subscriptions[1].Name (line 21): "everything" is repeated',
  ],
  [emulator.replace('"by-sql"', '"by-fields"'), "Rules[1].Name (line 28)"],
  [
    emulator.replace('"ForwardTo": "queue.1"', '"ForwardTo": "nowhere"'),
    'no queue or topic "nowhere"',
  ],
  [
    emulator.replace('"ForwardTo": ""', '"ForwardTo": "queue.1"'),
    "ForwardTo (line 11): forwards to itself",
  ],
  [
    emulator.replace('"LockDuration": "PT5M"', '"ForwardTo": "plain"'),
    "requires sessions cannot forward",
  ],
  [
    emulator.replace(
      '"UserConfig"',
      '"LocalServiceBus": {"keys":[{"name":"k","send":["x"]}]}, "UserConfig"',
    ),
    "LocalServiceBus.keys[0] (line 3): needs either `key` or `keyFile`",
  ],
  [
    emulator.replace(
      '"UserConfig"',
      '"LocalServiceBus": {"keys":[{"name":"k","key":"s","send":["x"]}]}, "UserConfig"',
    ),
    'keys[0].send[0] (line 3): there is no entity "x"',
  ],
  [`{"UserConfig": {"Namespaces": []}}`, "UserConfig.Namespaces (line 1): must be exactly one"],
  [`{"UserConfig": {}}`, "UserConfig.Namespaces (line 1): Invalid input: expected array"],
  [`{"topics": [], "port": -1}`, "port: "],
])("a wrong file is refused with the place of the problem (%#)", (text, expected) => {
  const problems = () => parseConfigText(text);
  expect(problems).toThrow(ConfigError);
  expect(problems).toThrow(expected);
});

test("every problem is told at once, and no key is quoted", () => {
  const text = `{ "LocalServiceBus": { "keys": [{ "name": "k", "key": "hunter2", "sent": [] }] },
    "UserConfig": { "Namespaces": [{ "Name": "n", "Queues": [{ "Name": "" }, { "Nam": "b" }] }] } }`;
  let message = "";
  try {
    parseConfigText(text);
  } catch (error) {
    message = error instanceof Error ? error.message : "";
  }
  expect(message.split("; ").map((problem) => problem.split(" (line")[0])).toEqual([
    `${at}.Queues[0].Name`,
    `${at}.Queues[1].Name`,
    `${at}.Queues[1]`,
    "LocalServiceBus.keys[0]",
  ]);
  expect(message).not.toContain("hunter2");
});

test("a file is named in what is said about it", () => {
  const folder = mkdtempSync(join(tmpdir(), "bus-config-"));
  folders.push(folder);
  const file = join(folder, "Config.json");
  expect(() => readConfigFile(file)).toThrow(`the configuration ${file} cannot be read`);
  writeFileSync(file, `\uFEFF${emulator}`);
  expect(readConfigFile(file).namespace.queues).toHaveLength(2);
  writeFileSync(file, "[");
  expect(() => readConfigFile(file)).toThrow(`the configuration ${file}: line 1: not JSON`);
});
