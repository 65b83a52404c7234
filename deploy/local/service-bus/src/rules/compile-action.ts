// Turns an action into a function that says what the rule's copy of a message changes. Statements
// work one after the other: a later one sees what an earlier one set.
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-sql-rule-action

import type { PropertyValues } from "../entities/descriptions.ts";
import type { MessageChanges, MessageView, SystemName } from "../entities/rule-evaluation.ts";
import { limits } from "../limits.ts";
import { writtenAs } from "./arithmetic.ts";
import { compileExpression, type Evaluate } from "./compile-expression.ts";
import { convertTo } from "./convert-value.ts";
import { EvaluationError } from "./evaluation-error.ts";
import { SqlError } from "./sql/sql-error.ts";
import type { Property, Statement } from "./sql/syntax.ts";
import { systemProperty } from "./system-properties.ts";
import { decode, encode, unknown, type Value } from "./value.ts";

export type Change = (message: MessageView) => MessageChanges;

interface Draft extends MessageView {
  readonly changes: {
    readonly properties: Map<string, Buffer | undefined>;
    readonly system: Map<SystemName, string | undefined>;
  };
}

type Step = (draft: Draft) => void;

/** Throws `SqlError` for what can never work. Applying the action may throw `EvaluationError`. */
export function compileAction(
  statements: readonly Statement[],
  parameters: PropertyValues,
): Change {
  const steps = statements.map((statement) => compileStatement(statement, parameters));
  return (message) => {
    const draft = draftOf(message);
    for (const step of steps) step(draft);
    return draft.changes;
  };
}

function compileStatement(statement: Statement, parameters: PropertyValues): Step {
  const { property } = statement;
  const evaluate: Evaluate =
    statement.kind === "set"
      ? compileExpression(statement.value, parameters).evaluate
      : () => unknown;
  if (property.scope === "system") return systemStep(property, evaluate);
  return (draft) => {
    const value = evaluate(draft);
    const spelling = draft.spelling(property.name) ?? property.name;
    const encoded = statement.kind === "set" ? encodeAs(draft, spelling, value) : undefined;
    draft.changes.properties.set(spelling, encoded);
  };
}

// A system property that no message has fails when the action runs, as documented for both.
function systemStep({ name, at }: Property, evaluate: Evaluate): Step {
  const target = systemProperty(name)?.write;
  switch (target) {
    case undefined:
      return () => {
        throw new EvaluationError(`there is no system property "${name}"`);
      };
    case "refused":
      throw new SqlError(`the system property "${name}" cannot be changed`, at);
    case "ignored":
      return (draft) => void evaluate(draft);
    case "messageId":
    case "to":
    case "subject":
    case "replyTo":
    case "correlationId":
    case "contentType":
    case "sessionId":
    case "replyToSessionId":
    case "partitionKey":
      return (draft) => {
        const value = evaluate(draft);
        draft.changes.system.set(
          target,
          value.type === "null" ? undefined : textFor(target, value),
        );
      };
  }
}

const limitedNames: ReadonlySet<SystemName> = new Set(["messageId", "sessionId", "partitionKey"]);

function textFor(target: SystemName, value: Value): string {
  const text = writtenAs(value);
  const most = limits.idCharactersMax;
  if (text.length <= most || !limitedNames.has(target)) return text;
  throw new EvaluationError(`the ${target} would be longer than ${most} characters`);
}

// A value takes the type that the property has already, where it fits: a uint stays a uint.
function encodeAs(draft: Draft, name: string, value: Value): Buffer {
  const existing = draft.property(name);
  const converted = existing === undefined ? value : convertTo(decode(existing).type, value);
  const encoded = encode(converted);
  if (encoded === undefined) throw new EvaluationError(`"${name}" cannot be given such a value`);
  return encoded;
}

function draftOf(message: MessageView): Draft {
  const properties = new Map<string, Buffer | undefined>();
  const system = new Map<SystemName, string | undefined>();
  const spelling = (name: string): string | undefined => {
    const found = message.spelling(name);
    if (found !== undefined) return found;
    const lower = name.toLowerCase();
    return [...properties.keys()].find((key) => key.toLowerCase() === lower);
  };
  return {
    ...message,
    changes: { properties, system },
    system: (name) => (system.has(name) ? system.get(name) : message.system(name)),
    spelling,
    property(name) {
      const found = spelling(name);
      if (found === undefined) return undefined;
      return properties.has(found) ? properties.get(found) : message.property(found);
    },
  };
}
