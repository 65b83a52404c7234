// Subscription rules. Several rules are alternatives; one rule is the conjunction of its equalities.
// https://learn.microsoft.com/azure/service-bus-messaging/topic-filters

import type { Rule } from "./config.ts";
import type { IncomingMessage } from "./wire/incoming-message.ts";
import { decodeValue } from "./wire/values.ts";

/** Whether a subscription with these rules gets a copy. No rules at all match everything. */
export function matches(rules: readonly Rule[], message: IncomingMessage): boolean {
  return rules.length === 0 || rules.some((rule) => matchesRule(rule, message));
}

// Comparison is exact: case counts, and a number never equals its text.
function matchesRule({ correlationFilter }: Rule, message: IncomingMessage): boolean {
  const { properties, ...system } = correlationFilter;
  return (
    isExpected(system.subject, message.system.subject) &&
    isExpected(system.correlationId, message.system.correlationId) &&
    isExpected(system.sessionId, message.system.sessionId) &&
    isExpected(system.messageId, message.system.messageId) &&
    isExpected(system.to, message.system.to) &&
    isExpected(system.replyTo, message.system.replyTo) &&
    isExpected(system.replyToSessionId, message.system.replyToSessionId) &&
    isExpected(system.contentType, message.system.contentType) &&
    Object.entries(properties).every(([name, expected]) => {
      const encoded = message.applicationProperties.get(name);
      return encoded !== undefined && isText(encoded) && decodeValue(encoded) === expected;
    })
  );
}

function isExpected(expected: string | undefined, actual: string | undefined): boolean {
  return expected === undefined || expected === actual;
}

// Only strings and symbols are decoded: a filter has nothing else to compare with, and a property
// of any other type cannot make the decoder fail here.
function isText(encoded: Buffer): boolean {
  return [0xa1, 0xa3, 0xb1, 0xb3].includes(encoded[0] ?? 0);
}
