// A rule as $management answers it: nested described lists, whose descriptors and field order are
// documented under "Get Rules".
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-amqp-request-response

import rhea from "rhea";
import type { Action, Filter, PropertyValue, RuleDescription } from "../entities/descriptions.ts";

const { types } = rhea;

const descriptor = {
  rule: 0x137_0000_0004,
  noAction: 0x137_0000_0005,
  sqlAction: 0x137_0000_0006,
  sqlFilter: 0x13_7000_0006,
  trueFilter: 0x13_7000_0007,
  falseFilter: 0x13_7000_0008,
  correlationFilter: 0x13_7000_0009,
} as const;

export function encodeRule({ name, filter, action }: RuleDescription) {
  return described(descriptor.rule, [encodeFilter(filter), encodeAction(action), text(name)]);
}

function encodeFilter(filter: Filter) {
  switch (filter.kind) {
    case "true":
      return described(descriptor.trueFilter, []);
    case "false":
      return described(descriptor.falseFilter, []);
    case "sql":
      return described(descriptor.sqlFilter, [text(filter.expression)]);
    case "correlation":
      return described(descriptor.correlationFilter, [
        text(filter.correlationId),
        text(filter.messageId),
        text(filter.to),
        text(filter.replyTo),
        text(filter.subject),
        text(filter.sessionId),
        text(filter.replyToSessionId),
        text(filter.contentType),
        encodeProperties(Object.entries(filter.properties)),
      ]);
  }
}

function encodeAction(action: Action) {
  switch (action.kind) {
    case "none":
      return described(descriptor.noAction, []);
    case "sql":
      return described(descriptor.sqlAction, [text(action.expression)]);
  }
}

function encodeProperties(properties: readonly (readonly [string, PropertyValue])[]) {
  const pairs = properties.map(([name, value]) => [name, encodeProperty(value)] as const);
  return types.wrap_map(Object.fromEntries(pairs));
}

function encodeProperty(property: PropertyValue) {
  switch (property.type) {
    case "string":
      return types.wrap_string(property.value);
    case "boolean":
      return types.wrap_boolean(property.value);
    case "int":
      return types.wrap_int(property.value);
    case "long":
      return types.wrap_long(longOf(property.value));
    case "double":
      return types.wrap_double(property.value);
    case "dateTime":
      return types.wrap_timestamp(property.value);
    case "uuid":
      return types.wrap_uuid(Buffer.from(property.value.replaceAll("-", ""), "hex"));
  }
}

// Beyond 2^53 rhea takes the eight bytes of the number.
function longOf(digits: string): number | Buffer {
  if (Number.isSafeInteger(Number(digits))) return Number(digits);
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(digits));
  return bytes;
}

function text(value: string | undefined) {
  return value === undefined ? null : types.wrap_string(value);
}

function described(code: number, fields: readonly unknown[]) {
  return types.wrap_described([...fields], code);
}
