// The entities of an emulator configuration as the bus describes them.

import {
  type Action,
  defaultRule,
  describeQueue,
  describeSubscription,
  describeTopic,
  type Filter,
  type NamespaceDescription,
  type PropertyValue,
  type RuleDescription,
} from "../entities/descriptions.ts";
import type {
  EmulatorConfig,
  EmulatorQueue,
  EmulatorRule,
  EmulatorSubscription,
  EmulatorTopic,
} from "./emulator-schema.ts";

export function describeEmulator(config: EmulatorConfig): NamespaceDescription {
  const [namespace] = config.UserConfig.Namespaces;
  return {
    queues: (namespace?.Queues ?? []).map(describeOneQueue),
    topics: (namespace?.Topics ?? []).map((topic) => ({
      topic: describeOneTopic(topic),
      subscriptions: topic.Subscriptions.map((subscription) => ({
        subscription: describeOneSubscription(topic.Name, subscription),
        rules:
          subscription.Rules.length === 0 ? [defaultRule] : subscription.Rules.map(describeRule),
      })),
    })),
  };
}

export function describeRule({ Name: name, Properties: given }: EmulatorRule): RuleDescription {
  return { name, filter: filterOf(given), action: actionOf(given.Action) };
}

function describeOneQueue({ Name: name, Properties: given }: EmulatorQueue) {
  return describeQueue({ name, ...receivingOf(given), ...duplicatesOf(given) });
}

function describeOneTopic({ Name: name, Properties: given }: EmulatorTopic) {
  const defaultMessageTimeToLiveMs = given.DefaultMessageTimeToLive;
  return describeTopic({ name, defaultMessageTimeToLiveMs, ...duplicatesOf(given) });
}

function describeOneSubscription(
  topicName: string,
  { Name: name, Properties: given }: EmulatorSubscription,
) {
  return describeSubscription({
    topicName,
    name,
    ...receivingOf(given),
    deadLetteringOnFilterEvaluationExceptions: given.DeadLetteringOnFilterEvaluationExceptions,
  });
}

function receivingOf(given: EmulatorQueue["Properties"] | EmulatorSubscription["Properties"]) {
  return {
    deadLetteringOnMessageExpiration: given.DeadLetteringOnMessageExpiration,
    defaultMessageTimeToLiveMs: given.DefaultMessageTimeToLive,
    forwardDeadLetteredMessagesTo: given.ForwardDeadLetteredMessagesTo,
    forwardTo: given.ForwardTo,
    // Only a time to live may be "never": a lock always has an end.
    ...(given.LockDuration === undefined ? {} : { lockDurationMs: given.LockDuration }),
    maxDeliveryCount: given.MaxDeliveryCount,
    requiresSession: given.RequiresSession,
  };
}

function duplicatesOf(given: EmulatorQueue["Properties"] | EmulatorTopic["Properties"]) {
  const windowMs = given.DuplicateDetectionHistoryTimeWindow;
  return {
    requiresDuplicateDetection: given.RequiresDuplicateDetection,
    ...(windowMs === undefined ? {} : { duplicateDetectionHistoryTimeWindowMs: windowMs }),
  };
}

function filterOf(given: EmulatorRule["Properties"]): Filter {
  switch (given.FilterType) {
    case "Sql":
      return { kind: "sql", expression: given.SqlFilter.SqlExpression, parameters: {} };
    case "Correlation": {
      const { Properties: properties, ...system } = given.CorrelationFilter;
      const named = {
        contentType: system.ContentType,
        correlationId: system.CorrelationId,
        subject: system.Label,
        messageId: system.MessageId,
        replyTo: system.ReplyTo,
        replyToSessionId: system.ReplyToSessionId,
        sessionId: system.SessionId,
        to: system.To,
      };
      const present = Object.entries(named).filter(([, value]) => value !== undefined);
      return {
        kind: "correlation",
        ...Object.fromEntries(present),
        properties: Object.fromEntries(
          Object.entries(properties).map(([name, value]) => [name, propertyOf(value)]),
        ),
      };
    }
  }
}

function actionOf(given: EmulatorRule["Properties"]["Action"]): Action {
  if (given === undefined) return { kind: "none" };
  return { kind: "sql", expression: given.SqlExpression, parameters: {} };
}

function propertyOf(value: string | boolean | number): PropertyValue {
  if (typeof value === "string") return { type: "string", value };
  if (typeof value === "boolean") return { type: "boolean", value };
  return Number.isSafeInteger(value)
    ? { type: "long", value: String(value) }
    : { type: "double", value };
}
