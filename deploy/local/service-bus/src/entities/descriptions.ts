// What an entity of the namespace is: queues, topics, subscriptions and rules as their owner
// describes them. Names follow Microsoft's documented entity properties; durations carry `Ms`.
// https://learn.microsoft.com/rest/api/servicebus/controlplane-stable/queues/create-or-update
//
// All of it is plain JSON (an absent value is `undefined`), because the store keeps it as such.

export type EntityStatus = "active" | "disabled" | "sendDisabled" | "receiveDisabled";

export type Right = "send" | "listen" | "manage";

/** A key of one entity (Microsoft's AuthorizationRule). Either key proves it. */
export interface AuthorizationRule {
  readonly keyName: string;
  readonly primaryKey: string;
  readonly secondaryKey: string | undefined;
  readonly rights: readonly Right[];
}

/** What every entity that takes or gives messages has. */
interface EntityDescription {
  readonly name: string;
  readonly status: EntityStatus;
  /** Free text of the owner, up to 1024 characters. */
  readonly userMetadata: string;
  /** Undefined: messages do not expire. */
  readonly defaultMessageTimeToLiveMs: number | undefined;
  /** Undefined: the entity is never deleted for being idle. */
  readonly autoDeleteOnIdleMs: number | undefined;
  readonly enableBatchedOperations: boolean;
}

/** What an entity that keeps messages in its own right (a queue or a topic) has. */
interface StoringDescription extends EntityDescription {
  readonly maxSizeInMegabytes: number;
  readonly maxMessageSizeInKilobytes: number;
  readonly requiresDuplicateDetection: boolean;
  readonly duplicateDetectionHistoryTimeWindowMs: number;
  /** Accepted and shown; this bus has one partition. */
  readonly enablePartitioning: boolean;
  readonly enableExpress: boolean;
  readonly authorizationRules: readonly AuthorizationRule[];
}

/** What an entity from which messages are received (a queue or a subscription) has. */
interface ReceivingDescription {
  readonly lockDurationMs: number;
  readonly requiresSession: boolean;
  readonly maxDeliveryCount: number;
  readonly deadLetteringOnMessageExpiration: boolean;
  /** Name of a queue or topic of this namespace. */
  readonly forwardTo: string | undefined;
  readonly forwardDeadLetteredMessagesTo: string | undefined;
}

export interface QueueDescription extends StoringDescription, ReceivingDescription {}

export interface TopicDescription extends StoringDescription {
  readonly supportOrdering: boolean;
}

export interface SubscriptionDescription extends EntityDescription, ReceivingDescription {
  readonly topicName: string;
  readonly deadLetteringOnFilterEvaluationExceptions: boolean;
}

/** A value of a filter or action. `long` is written in decimal digits, `dateTime` as ms since 1970. */
export type PropertyValue =
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "int"; readonly value: number }
  | { readonly type: "long"; readonly value: string }
  | { readonly type: "double"; readonly value: number }
  | { readonly type: "dateTime"; readonly value: number }
  | { readonly type: "uuid"; readonly value: string };

export type PropertyValues = Readonly<Record<string, PropertyValue>>;

/** The conjunction of its equalities; an absent field is not compared. */
export interface CorrelationFilter {
  readonly kind: "correlation";
  readonly contentType?: string;
  readonly correlationId?: string;
  /** Also called label. */
  readonly subject?: string;
  readonly messageId?: string;
  readonly replyTo?: string;
  readonly replyToSessionId?: string;
  readonly sessionId?: string;
  readonly to?: string;
  readonly properties: PropertyValues;
}

export type Filter =
  | { readonly kind: "true" }
  | { readonly kind: "false" }
  | CorrelationFilter
  | { readonly kind: "sql"; readonly expression: string; readonly parameters: PropertyValues };

export type Action =
  | { readonly kind: "none" }
  | { readonly kind: "sql"; readonly expression: string; readonly parameters: PropertyValues };

export interface RuleDescription {
  readonly name: string;
  readonly filter: Filter;
  readonly action: Action;
}

/** A whole namespace as a configuration gives it. A subscription without rules matches nothing. */
export interface NamespaceDescription {
  readonly queues: readonly QueueDescription[];
  readonly topics: readonly {
    readonly topic: TopicDescription;
    readonly subscriptions: readonly {
      readonly subscription: SubscriptionDescription;
      readonly rules: readonly RuleDescription[];
    }[];
  }[];
}

/** The rule a subscription gets when none is given. */
export const defaultRule: RuleDescription = {
  name: "$Default",
  filter: { kind: "true" },
  action: { kind: "none" },
};

const MINUTE_MS = 60_000;

const entityDefaults = {
  status: "active",
  userMetadata: "",
  defaultMessageTimeToLiveMs: undefined,
  autoDeleteOnIdleMs: undefined,
  enableBatchedOperations: true,
} as const;

const storingDefaults = {
  maxSizeInMegabytes: 1_024,
  maxMessageSizeInKilobytes: 1_024,
  requiresDuplicateDetection: false,
  duplicateDetectionHistoryTimeWindowMs: 10 * MINUTE_MS,
  enablePartitioning: false,
  enableExpress: false,
  authorizationRules: [],
} as const;

const receivingDefaults = {
  lockDurationMs: MINUTE_MS,
  requiresSession: false,
  maxDeliveryCount: 10,
  deadLetteringOnMessageExpiration: false,
  forwardTo: undefined,
  forwardDeadLetteredMessagesTo: undefined,
} as const;

/** A queue with the cloud's defaults (Premium message size, which is also the larger one). */
export function describeQueue(
  given: Partial<QueueDescription> & Pick<QueueDescription, "name">,
): QueueDescription {
  return { ...entityDefaults, ...storingDefaults, ...receivingDefaults, ...given };
}

export function describeTopic(
  given: Partial<TopicDescription> & Pick<TopicDescription, "name">,
): TopicDescription {
  return { ...entityDefaults, ...storingDefaults, supportOrdering: true, ...given };
}

export function describeSubscription(
  given: Partial<SubscriptionDescription> & Pick<SubscriptionDescription, "name" | "topicName">,
): SubscriptionDescription {
  return {
    ...entityDefaults,
    ...receivingDefaults,
    deadLetteringOnFilterEvaluationExceptions: true,
    ...given,
  };
}
