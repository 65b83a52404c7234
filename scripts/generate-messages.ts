// Writes docs/messages.md from the contracts: every topic, who sends it, who hears which message, and each
// message's fields. `node scripts/generate-messages.ts --check` only compares (a test does).

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { MessageSchema, TopicName } from "@niivo/contracts/envelope";
import { pathOf, publishers, subscriptions, topics } from "@niivo/contracts/topology";
import { z } from "zod";

const file = fileURLToPath(new URL("../docs/messages.md", import.meta.url));
const text = document();
if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  process.stderr.write("docs/messages.md is not what the contracts say: npm run messages\n");
  process.exitCode = 1;
}

function document(): string {
  return [
    "# The messages",
    "",
    "Generated from `contracts/` by `npm run messages`; do not edit. Every message is a CloudEvents 1.0",
    "envelope (`contracts/src/envelope.ts`) around the fields below. Events are sealed by audit; commands and",
    "timers are a service's letters to itself.",
    ...Object.values(topics).flatMap(({ topic, events, commands }) => [
      "",
      `## Topic \`${topic}\``,
      "",
      `Only \`${publishers[topic]}\` may send to it.`,
      "",
      "| Subscription | Sessions | Hears |",
      "|---|---|---|",
      ...subscriptions
        .filter((one) => one.topic === topic)
        .map(
          (one) =>
            `| \`${pathOf(one)}\` | ${one.sessions ? "yes" : "no"} | ${heard(one.types, one.mode)} |`,
        ),
      ...Object.entries(events).flatMap(([type, schema]) => section("Event", topic, type, schema)),
      ...Object.entries(commands).flatMap(([type, schema]) =>
        section("Command", topic, type, schema),
      ),
    ]),
    "",
  ].join("\n");
}

function heard(types: readonly string[], mode: string | undefined): string {
  const names = types.map((type) => `\`${type}\``).join(", ");
  return mode === undefined ? names : `${names} (mode \`${mode}\`)`;
}

function section(kind: string, topic: TopicName, type: string, schema: MessageSchema) {
  const readers = subscriptions
    .filter((one) => one.topic === topic && one.types.includes(type))
    .map(({ reader }) => reader);
  return [
    "",
    `### ${kind} \`${type}\``,
    "",
    `Read by ${[...new Set(readers)].join(", ")}.`,
    "",
    ...fields(schema),
  ];
}

interface Described {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Described[];
  readonly anyOf?: readonly Described[];
  readonly items?: Described;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly required?: readonly string[];
  readonly format?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

function fields(schema: MessageSchema): readonly string[] {
  // zod's JSON Schema is the one description of a schema that is a public format.
  const described = z.toJSONSchema(schema, { unrepresentable: "any" }) as Described;
  const inside = described.properties?.["data"];
  const rows = Object.entries(inside?.properties ?? {}).map(([name, one]) => {
    const optional = inside?.required?.includes(name) ? "" : " (optional)";
    return `| \`${name}\`${optional} | ${shown(one)} |`;
  });
  return ["| Field | Form |", "|---|---|", ...rows];
}

function shown(one: Described): string {
  if (one.const !== undefined) return `\`${String(one.const)}\``;
  if (one.enum !== undefined) return one.enum.map((value) => `\`${String(value)}\``).join(" or ");
  const choices = one.oneOf ?? one.anyOf;
  if (choices !== undefined) return choices.map(shown).join(" *or* ");
  if (one.items !== undefined) return `list of ${shown(one.items)}`;
  if (one.properties !== undefined) {
    const inner = Object.entries(one.properties).map(([name, value]) =>
      one.required?.includes(name) ? `${name}: ${shown(value)}` : `${name}?: ${shown(value)}`,
    );
    return `{ ${inner.join(", ")} }`;
  }
  const limit = one.maxLength === undefined ? "" : `, at most ${one.maxLength} characters`;
  return `${one.format ?? one.type ?? "JSON"}${limit}`;
}
