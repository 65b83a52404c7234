// Queues, topics and subscriptions as the XML of the administration API. The order of the elements
// is the one of the documented data contracts.
// https://learn.microsoft.com/rest/api/servicebus/service-bus-entities-rest-api

import type {
  QueueDescription,
  SubscriptionDescription,
  TopicDescription,
} from "../entities/descriptions.ts";
import {
  authorizationRules,
  count,
  destination,
  duration,
  type Field,
  field,
  flag,
  openDuration,
  status,
  text,
} from "./fields.ts";

export const queueFields: readonly Field<QueueDescription>[] = [
  field("LockDuration", "lockDurationMs", duration),
  field("MaxSizeInMegabytes", "maxSizeInMegabytes", count),
  field("RequiresDuplicateDetection", "requiresDuplicateDetection", flag),
  field("RequiresSession", "requiresSession", flag),
  field("DefaultMessageTimeToLive", "defaultMessageTimeToLiveMs", openDuration),
  field("DeadLetteringOnMessageExpiration", "deadLetteringOnMessageExpiration", flag),
  field("DuplicateDetectionHistoryTimeWindow", "duplicateDetectionHistoryTimeWindowMs", duration),
  field("MaxDeliveryCount", "maxDeliveryCount", count),
  field("EnableBatchedOperations", "enableBatchedOperations", flag),
  field("AuthorizationRules", "authorizationRules", authorizationRules),
  field("Status", "status", status),
  field("ForwardTo", "forwardTo", destination),
  field("UserMetadata", "userMetadata", text),
  field("AutoDeleteOnIdle", "autoDeleteOnIdleMs", openDuration),
  field("EnablePartitioning", "enablePartitioning", flag),
  field("ForwardDeadLetteredMessagesTo", "forwardDeadLetteredMessagesTo", destination),
  field("EnableExpress", "enableExpress", flag),
  field("MaxMessageSizeInKilobytes", "maxMessageSizeInKilobytes", count),
];

export const topicFields: readonly Field<TopicDescription>[] = [
  field("DefaultMessageTimeToLive", "defaultMessageTimeToLiveMs", openDuration),
  field("MaxSizeInMegabytes", "maxSizeInMegabytes", count),
  field("RequiresDuplicateDetection", "requiresDuplicateDetection", flag),
  field("DuplicateDetectionHistoryTimeWindow", "duplicateDetectionHistoryTimeWindowMs", duration),
  field("EnableBatchedOperations", "enableBatchedOperations", flag),
  field("AuthorizationRules", "authorizationRules", authorizationRules),
  field("Status", "status", status),
  field("UserMetadata", "userMetadata", text),
  field("SupportOrdering", "supportOrdering", flag),
  field("AutoDeleteOnIdle", "autoDeleteOnIdleMs", openDuration),
  field("EnablePartitioning", "enablePartitioning", flag),
  field("EnableExpress", "enableExpress", flag),
  field("MaxMessageSizeInKilobytes", "maxMessageSizeInKilobytes", count),
];

export const subscriptionFields: readonly Field<SubscriptionDescription>[] = [
  field("LockDuration", "lockDurationMs", duration),
  field("RequiresSession", "requiresSession", flag),
  field("DefaultMessageTimeToLive", "defaultMessageTimeToLiveMs", openDuration),
  field("DeadLetteringOnMessageExpiration", "deadLetteringOnMessageExpiration", flag),
  field(
    "DeadLetteringOnFilterEvaluationExceptions",
    "deadLetteringOnFilterEvaluationExceptions",
    flag,
  ),
  field("MaxDeliveryCount", "maxDeliveryCount", count),
  field("EnableBatchedOperations", "enableBatchedOperations", flag),
  field("Status", "status", status),
  field("ForwardTo", "forwardTo", destination),
  field("UserMetadata", "userMetadata", text),
  field("ForwardDeadLetteredMessagesTo", "forwardDeadLetteredMessagesTo", destination),
  field("AutoDeleteOnIdle", "autoDeleteOnIdleMs", openDuration),
];

/** What clients repeat from an answer and what only the service decides. */
export const serviceFields: ReadonlySet<string> = new Set([
  "AccessedAt",
  "CountDetails",
  "CreatedAt",
  "DefaultRuleDescription",
  "EnableSubscriptionPartitioning",
  "EntityAvailabilityStatus",
  "FilteringMessagesBeforePublishing",
  "IsAnonymousAccessible",
  "IsExpress",
  "MessageCount",
  "SizeInBytes",
  "SubscriptionCount",
  "UpdatedAt",
]);
