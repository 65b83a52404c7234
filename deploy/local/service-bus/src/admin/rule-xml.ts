// Rules as the XML of the administration API: a filter and an action, told apart by their type.

import type {
  Action,
  CorrelationFilter,
  Filter,
  PropertyValue,
  PropertyValues,
  RuleDescription,
} from "../entities/descriptions.ts";
import { EntityError } from "../entities/entity-error.ts";
import { asElement, attributeOf, listOf, textOf, type XmlElement, type XmlNode } from "./xml.ts";

const XML_SCHEMA = "http://www.w3.org/2001/XMLSchema";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Compared = Exclude<keyof CorrelationFilter, "kind" | "properties">;

const compared: readonly (readonly [string, Compared])[] = [
  ["CorrelationId", "correlationId"],
  ["MessageId", "messageId"],
  ["To", "to"],
  ["ReplyTo", "replyTo"],
  ["Label", "subject"],
  ["SessionId", "sessionId"],
  ["ReplyToSessionId", "replyToSessionId"],
  ["ContentType", "contentType"],
];

/** Reads a `RuleDescription` element. Throws `EntityError` ("invalid"). */
export function readRule(element: XmlElement, name: string): RuleDescription {
  return { name, filter: readFilter(element["Filter"]), action: readAction(element["Action"]) };
}

export function writeRule(rule: RuleDescription, createdAt: Date): XmlElement {
  return {
    Filter: writeFilter(rule.filter),
    Action: writeAction(rule.action),
    CreatedAt: createdAt.toISOString(),
    Name: rule.name,
  };
}

function readFilter(node: XmlNode | undefined): Filter {
  if (node === undefined) return { kind: "true" };
  const element = asElement(node) ?? {};
  const type = typeName(attributeOf(node, "type"));
  switch (type) {
    case "TrueFilter":
      return { kind: "true" };
    case "FalseFilter":
      return { kind: "false" };
    case "SqlFilter":
      return { kind: "sql", ...readSql(element) };
    case "CorrelationFilter":
      return {
        kind: "correlation",
        ...Object.fromEntries(
          compared.flatMap(([tag, key]) => {
            const text = textOf(element[tag]);
            return text === undefined ? [] : [[key, text]];
          }),
        ),
        properties: readValues(element["Properties"]),
      };
    default:
      throw new EntityError("invalid", `The filter type ${type} is not known.`);
  }
}

function readAction(node: XmlNode | undefined): Action {
  if (node === undefined) return { kind: "none" };
  const type = typeName(attributeOf(node, "type") ?? "EmptyRuleAction");
  switch (type) {
    case "EmptyRuleAction":
      return { kind: "none" };
    case "SqlRuleAction":
      return { kind: "sql", ...readSql(asElement(node) ?? {}) };
    default:
      throw new EntityError("invalid", `The action type ${type} is not known.`);
  }
}

function readSql(element: XmlElement): { expression: string; parameters: PropertyValues } {
  const expression = textOf(element["SqlExpression"]);
  if (expression === undefined) throw new EntityError("invalid", "SqlExpression is missing.");
  return { expression, parameters: readValues(element["Parameters"]) };
}

function readValues(node: XmlNode | undefined): PropertyValues {
  const values: Record<string, PropertyValue> = {};
  for (const pair of listOf(asElement(node)?.["KeyValueOfstringanyType"])) {
    const key = textOf(asElement(pair)?.["Key"]);
    const typed = asElement(pair)?.["Value"];
    const value = readValue(typeName(attributeOf(typed, "type") ?? "string"), textOf(typed) ?? "");
    if (key === undefined || key === "" || value === undefined) {
      throw new EntityError("invalid", `The value of "${key ?? ""}" is not valid.`);
    }
    values[key] = value;
  }
  return values;
}

function readValue(type: string, text: string): PropertyValue | undefined {
  switch (type) {
    case "string":
      return { type, value: text };
    case "boolean":
      return { type, value: text === "true" || text === "1" };
    case "byte":
    case "unsignedByte":
    case "short":
    case "unsignedShort":
    case "int":
      return /^-?\d{1,10}$/.test(text) ? { type: "int", value: Number(text) } : undefined;
    case "unsignedInt":
    case "long":
      return /^-?\d{1,19}$/.test(text) ? { type: "long", value: text } : undefined;
    case "float":
    case "decimal":
    case "double":
      return text !== "" && Number.isFinite(Number(text))
        ? { type: "double", value: Number(text) }
        : undefined;
    case "dateTime": {
      const at = Date.parse(text);
      return Number.isNaN(at) ? undefined : { type, value: at };
    }
    case "guid":
      return UUID.test(text) ? { type: "uuid", value: text.toLowerCase() } : undefined;
    default:
      return undefined;
  }
}

function writeFilter(filter: Filter): XmlElement {
  switch (filter.kind) {
    case "true":
      return typed("TrueFilter", { SqlExpression: "1=1", CompatibilityLevel: "20" });
    case "false":
      return typed("FalseFilter", { SqlExpression: "1=0", CompatibilityLevel: "20" });
    case "sql":
      return typed("SqlFilter", writeSql(filter));
    case "correlation": {
      const fields = compared.map(([tag, key]): [string, XmlNode | undefined] => [
        tag,
        filter[key],
      ]);
      return typed("CorrelationFilter", {
        ...Object.fromEntries(fields),
        Properties: writeValues(filter.properties),
      });
    }
  }
}

function writeAction(action: Action): XmlElement {
  switch (action.kind) {
    case "none":
      return typed("EmptyRuleAction", {});
    case "sql":
      return typed("SqlRuleAction", writeSql(action));
  }
}

function writeSql(sql: { expression: string; parameters: PropertyValues }): XmlElement {
  return {
    SqlExpression: sql.expression,
    CompatibilityLevel: "20",
    Parameters: writeValues(sql.parameters),
  };
}

// The prefix has four letters because clients cut off exactly as many.
function writeValues(values: PropertyValues): XmlNode | undefined {
  const pairs = Object.entries(values).map(([key, value]) => ({
    Key: key,
    Value: {
      $: { "i:type": `d6p1:${schemaType(value)}`, "xmlns:d6p1": XML_SCHEMA },
      _: writtenValue(value),
    },
  }));
  return pairs.length === 0 ? undefined : { KeyValueOfstringanyType: pairs };
}

function schemaType(value: PropertyValue): string {
  return value.type === "uuid" ? "guid" : value.type;
}

function writtenValue(value: PropertyValue): string {
  return value.type === "dateTime" ? new Date(value.value).toISOString() : String(value.value);
}

const typed = (type: string, element: XmlElement): XmlElement => ({
  $: { "i:type": type },
  ...element,
});

/** The type without its prefix. */
function typeName(type: string | undefined): string {
  return type?.slice(type.indexOf(":") + 1) ?? "without a type";
}
