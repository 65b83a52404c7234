// The rules of a subscription over its $management: add, remove and enumerate.
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-request-response

import rhea from "rhea";
import { z } from "zod";
import type {
  Action,
  CorrelationFilter,
  Filter,
  PropertyValue,
  RuleDescription,
} from "../entities/descriptions.ts";
import { EntityError } from "../entities/entity-error.ts";
import { limits } from "../limits.ts";
import type { Answer, Request } from "../links/request.ts";
import type { Namespace } from "../namespace.ts";
import { encodeRule } from "../rules/encode-rule.ts";

/** Whose rules, and through which door they change. */
export interface ManagedRules {
  readonly namespace: Pick<Namespace, "createRule" | "deleteRule" | "rules">;
  readonly topic: string;
  readonly subscription: string;
}

type Operation = (managed: ManagedRules, body: unknown) => Promise<Answer>;

const operations: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["com.microsoft:add-rule", addRule],
  ["com.microsoft:remove-rule", removeRule],
  ["com.microsoft:enumerate-rules", enumerateRules],
]);

export function isRuleOperation(operation: string): boolean {
  return operations.has(operation);
}

/** Acts on one request; the answer comes when the change is durable. */
export async function manageRules(managed: ManagedRules, request: Request): Promise<Answer> {
  const operation = operations.get(request.operation);
  if (operation === undefined) {
    return { status: 501, description: `${request.operation} is not available here` };
  }
  return operation(managed, request.body).catch((error: unknown) => {
    if (error instanceof EntityError) return refusalOf(error);
    throw error;
  });
}

const Text = z
  .string()
  .max(limits.pathCharactersMax * 4)
  .nullish();
const Properties = z.record(z.string().min(1), z.unknown()).nullish();
const Sql = z.looseObject({ expression: z.string() });

const AddRule = z.object({
  "rule-name": z.string().min(1),
  "rule-description": z.looseObject({
    "sql-filter": Sql.nullish(),
    "correlation-filter": z
      .looseObject({
        "correlation-id": Text,
        "message-id": Text,
        to: Text,
        "reply-to": Text,
        label: Text,
        "session-id": Text,
        "reply-to-session-id": Text,
        "content-type": Text,
        properties: Properties,
      })
      .nullish(),
    "sql-rule-action": Sql.nullish(),
  }),
});
type Described = z.infer<typeof AddRule>["rule-description"];

async function addRule({ namespace, topic, subscription }: ManagedRules, body: unknown) {
  const parsed = AddRule.safeParse(body);
  if (!parsed.success) return badRequest;
  const described = parsed.data["rule-description"];
  const rule: RuleDescription = {
    name: parsed.data["rule-name"],
    filter: filterOf(described),
    action: actionOf(described),
  };
  await namespace.createRule(topic, subscription, rule);
  return done;
}

async function removeRule({ namespace, topic, subscription }: ManagedRules, body: unknown) {
  const parsed = z.object({ "rule-name": z.string().min(1) }).safeParse(body);
  if (!parsed.success) return badRequest;
  await namespace.deleteRule(topic, subscription, parsed.data["rule-name"]);
  return done;
}

async function enumerateRules({ namespace, topic, subscription }: ManagedRules, body: unknown) {
  const Page = z.object({ top: z.int().min(0), skip: z.int().min(0) });
  const parsed = Page.safeParse(body);
  if (!parsed.success) return badRequest;
  const { top, skip } = parsed.data;
  const page = namespace
    .rules(topic, subscription)
    .slice(skip, skip + Math.min(top, limits.rulesPerPageMax));
  if (page.length === 0) return { status: 204, description: "no more rules" };
  const rules = page.map((rule) => ({ "rule-description": encodeRule(rule) }));
  return { ...done, body: { rules: rhea.types.wrap_list(rules) } };
}

// A description without a filter means every message, as in the administration API.
function filterOf(described: Described): Filter {
  const [sql, correlation] = [described["sql-filter"], described["correlation-filter"]];
  if (sql && correlation) {
    throw new EntityError("invalid", "a rule has one filter, not an SQL and a correlation filter");
  }
  if (sql) return sqlFilter(sql.expression);
  if (!correlation) return { kind: "true" };
  const given = {
    correlationId: correlation["correlation-id"],
    messageId: correlation["message-id"],
    to: correlation.to,
    replyTo: correlation["reply-to"],
    subject: correlation.label,
    sessionId: correlation["session-id"],
    replyToSessionId: correlation["reply-to-session-id"],
    contentType: correlation["content-type"],
  } satisfies { [Name in keyof CorrelationFilter]?: string | null | undefined };
  const present = Object.entries(given).filter(([, value]) => typeof value === "string");
  const properties = Object.entries(correlation.properties ?? {}).map(
    ([name, value]) => [name, propertyOf(name, value)] as const,
  );
  return {
    kind: "correlation",
    ...Object.fromEntries(present),
    properties: Object.fromEntries(properties),
  };
}

// The two texts that clients write for the filters that need no evaluation.
function sqlFilter(expression: string): Filter {
  if (expression === "1=1") return { kind: "true" };
  if (expression === "1=0") return { kind: "false" };
  return { kind: "sql", expression, parameters: {} };
}

function actionOf(described: Described): Action {
  const action = described["sql-rule-action"];
  if (!action) return { kind: "none" };
  return { kind: "sql", expression: action.expression, parameters: {} };
}

// The decoder has dropped the AMQP type of a number; comparing does not look at it either.
function propertyOf(name: string, value: unknown): PropertyValue {
  if (typeof value === "string") return { type: "string", value };
  if (typeof value === "boolean") return { type: "boolean", value };
  if (value instanceof Date) return { type: "dateTime", value: value.getTime() };
  if (Buffer.isBuffer(value) && value.length === 8) {
    return { type: "long", value: value.readBigInt64BE().toString() };
  }
  if (typeof value === "number") {
    return Number.isSafeInteger(value)
      ? { type: "long", value: String(value) }
      : { type: "double", value };
  }
  throw new EntityError("invalid", `a filter cannot compare the type of the property "${name}"`);
}

const done: Answer = { status: 200, description: "OK" };
const badRequest: Answer = {
  status: 400,
  description: "the request is not understood",
  condition: "com.microsoft:argument-error",
};

/** An entity error as the status and condition that the SDK translates. */
function refusalOf({ code, message }: EntityError): Answer {
  switch (code) {
    case "not-found":
      // The SDK takes it for a missing entity only if the text has the status code.
      return {
        status: 404,
        description: `${message}. status-code: 404`,
        condition: "amqp:not-found",
      };
    case "already-exists":
      return {
        status: 409,
        description: message,
        condition: "com.microsoft:entity-already-exists",
      };
    case "invalid":
    case "not-allowed":
      return { status: 400, description: message, condition: "com.microsoft:argument-error" };
    case "quota":
      return { status: 403, description: message, condition: "amqp:resource-limit-exceeded" };
    case "disabled":
      return { status: 400, description: message, condition: "com.microsoft:entity-disabled" };
    case "unavailable":
      return { status: 503, description: message, condition: "com.microsoft:server-busy" };
  }
}
