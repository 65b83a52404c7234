// What a topic asks of a subscription's rule: does this message match, and what does the copy change?

import type { RuleDescription } from "./descriptions.ts";

/** A single AMQP value. `other` is a list, a map or a type that no filter can compare. */
export type Scalar =
  | { readonly type: "null" }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "boolean"; readonly value: boolean }
  /** Every AMQP integer up to 32 bits. */
  | { readonly type: "int"; readonly value: number }
  /** uint, long and ulong. */
  | { readonly type: "long"; readonly value: bigint }
  | { readonly type: "double"; readonly value: number }
  /** Milliseconds since 1970. */
  | { readonly type: "dateTime"; readonly value: number }
  | { readonly type: "uuid"; readonly value: string }
  | { readonly type: "binary"; readonly value: Buffer }
  | { readonly type: "other" };

/** The system properties a filter may read and an action may set. */
export type SystemName =
  | "messageId"
  | "to"
  | "subject"
  | "replyTo"
  | "correlationId"
  | "contentType"
  | "sessionId"
  | "replyToSessionId";

/** A message as rules see it. Values are decoded when they are asked for. */
export interface MessageView {
  /** Undefined when the message does not have it. */
  system(name: SystemName): string | undefined;
  readonly timeToLiveMs: number | undefined;
  readonly enqueuedAt: number;
  readonly sequenceNumber: number;
  readonly deliveryCount: number;
  /** The names of the application properties, as written. */
  propertyNames(): Iterable<string>;
  /** An application property by its exact name. */
  property(name: string): Scalar | undefined;
}

/** What an action changes on the rule's own copy of the message. */
export interface MessageChanges {
  /** Application properties set (a new value) or removed (undefined). */
  readonly properties: ReadonlyMap<string, Scalar | undefined>;
  /** System properties set (a new value) or removed (undefined). */
  readonly system: ReadonlyMap<SystemName, string | undefined>;
}

export type RuleVerdict =
  /** `changes` is absent when the rule has no action: such rules share one copy. */
  | { readonly kind: "matched"; readonly changes: MessageChanges | undefined }
  | { readonly kind: "none" }
  /** Evaluating failed, as documented for the filter or action; the text is for a person. */
  | { readonly kind: "failed"; readonly reason: string };

export interface CompiledRule {
  readonly name: string;
  readonly hasAction: boolean;
  evaluate(message: MessageView): RuleVerdict;
}

/** Checks a rule and makes it ready. Throws `EntityError` ("invalid") when it cannot be understood. */
export type CompileRule = (rule: RuleDescription) => CompiledRule;
