// Correlation filters: the conjunction of equalities, compared without decoding where it can be.
// https://learn.microsoft.com/azure/service-bus-messaging/topic-filters#correlation-filters

import type { CorrelationFilter, PropertyValue } from "../entities/descriptions.ts";
import { EntityError } from "../entities/entity-error.ts";
import type { MessageView, SystemName } from "../entities/rule-evaluation.ts";
import { compareValues } from "./compare-values.ts";
import { valueOfParameter } from "./parameter.ts";
import { decode, textOf } from "./value.ts";

const SYSTEM_NAMES = [
  "messageId",
  "to",
  "subject",
  "replyTo",
  "correlationId",
  "contentType",
  "sessionId",
  "replyToSessionId",
] as const satisfies readonly SystemName[];

type Test = (message: MessageView) => boolean;

/** The test of a filter. Throws `EntityError` ("invalid") when it compares nothing. */
export function compileCorrelation(filter: CorrelationFilter): Test {
  const system = SYSTEM_NAMES.flatMap((name): Test[] => {
    const expected = filter[name];
    return expected === undefined ? [] : [(message) => message.system(name) === expected];
  });
  const properties = Object.entries(filter.properties).map(([name, value]) =>
    compileEquality(name, value),
  );
  const tests = [...system, ...properties];
  const [first] = tests;
  if (first === undefined) {
    throw new EntityError("invalid", "a correlation filter needs at least one field to compare");
  }
  return tests.length === 1 ? first : (message) => tests.every((test) => test(message));
}

// Strings compare by case and a number never equals its text. Numbers compare by value, whatever
// their AMQP types are: no client lets its user choose them on both sides.
function compileEquality(name: string, expected: PropertyValue): Test {
  if (expected.type === "string") {
    const text = expected.value;
    return (message) => {
      const encoded = message.property(name);
      return encoded !== undefined && textOf(encoded) === text;
    };
  }
  const value = valueOfParameter(expected);
  return (message) => {
    const encoded = message.property(name);
    return encoded !== undefined && compareValues(decode(encoded), value) === 0;
  };
}
