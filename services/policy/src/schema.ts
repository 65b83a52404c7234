// The Cedar schema, generated from the tool catalogue: a policy can speak about what a tool has, and about
// nothing else. A set that mentions an unknown tool, attribute or type is refused before it decides.

import type { SchemaJson, Type, TypeOfAttribute } from "@cedar-policy/cedar-wasm/nodejs";
import { catalogue, type Tool } from "@niivo/contracts/tools";
import { z } from "zod";

type CedarType = Type<string>;
type Attributes = Record<string, TypeOfAttribute<string>>;

const text: CedarType = { type: "String" };
const truth: CedarType = { type: "Boolean" };
const whole: CedarType = { type: "Long" };

const requester: CedarType = record({
  objectId: { ...text, required: false },
  assurance: text,
  multifactor: truth,
  signedInSecondsAgo: { ...whole, required: false },
});

const facts: CedarType = record({
  enabled: truth,
  vip: truth,
  privileged: truth,
  department: { ...text, required: false },
});

/**
 * The schema of every request that `rules.ts` makes. Actions are the tools by name; each is in the action
 * group of its class, so that a policy may say `action in Action::"credential"`.
 * Format: https://docs.cedarpolicy.com/schema/json-schema.html
 */
export function cedarSchema(tools: Readonly<Record<string, Tool>> = catalogue): SchemaJson<string> {
  const all = Object.values(tools);
  const groups = Object.fromEntries(all.map((tool) => [tool.class, {}]));
  const actions = Object.fromEntries(all.map((tool) => [tool.name, actionOf(tool)]));
  return {
    "": { entityTypes: { Agent: {}, Person: {}, Ticket: {} }, actions: { ...groups, ...actions } },
  };
}

/** The arguments of a tool that a policy may read, by name: text, truth, whole numbers, sets of text. */
export function readableArguments(tool: Tool): Attributes {
  const { properties, required } = ArgumentsShape.parse(z.toJSONSchema(tool.arguments));
  const readable: Attributes = {};
  for (const [name, property] of Object.entries(properties)) {
    const type = typeOf(property);
    if (type !== undefined) readable[name] = { ...type, required: required.includes(name) };
  }
  return readable;
}

function actionOf(tool: Tool) {
  const aboutPerson: Attributes =
    tool.target === undefined ? {} : { self: truth, managerOfTarget: truth, facts };
  return {
    memberOf: [{ id: tool.class }],
    appliesTo: {
      principalTypes: ["Agent"],
      resourceTypes: [tool.target === undefined ? "Ticket" : "Person"],
      context: record({
        arguments: record(readableArguments(tool)),
        requester,
        time: { type: "Extension", name: "datetime" },
        ...aboutPerson,
      }),
    },
  };
}

// The part of JSON Schema that says whether Cedar has a type for an argument.
const Property = z.object({
  type: z.string().optional(),
  items: z.object({ type: z.string().optional() }).optional(),
});
const ArgumentsShape = z.object({
  type: z.literal("object"),
  properties: z.record(z.string(), Property),
  required: z.array(z.string()).default([]),
});

// A structure or a fraction has no faithful Cedar value: a policy cannot see it rather than see it wrongly.
function typeOf({ type, items }: z.infer<typeof Property>): CedarType | undefined {
  if (type === "string") return text;
  if (type === "boolean") return truth;
  if (type === "integer") return whole;
  if (type === "array" && items?.type === "string") return { type: "Set", element: text };
  return undefined;
}

function record(attributes: Attributes): CedarType {
  return { type: "Record", attributes };
}
