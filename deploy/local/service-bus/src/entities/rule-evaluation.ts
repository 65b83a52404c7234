// What a topic asks of a subscription's rule: does this message match, and what does the copy change?

import type { RuleDescription } from "./descriptions.ts";

/** The system properties a filter may read and an action may set. */
export type SystemName =
  | "messageId"
  | "to"
  | "subject"
  | "replyTo"
  | "correlationId"
  | "contentType"
  | "sessionId"
  | "replyToSessionId"
  /** The annotation `x-opt-partition-key`. */
  | "partitionKey";

/** A message as rules see it. Values are decoded when they are asked for. */
export interface MessageView {
  /** Undefined when the message does not have it. */
  system(name: SystemName): string | undefined;
  readonly timeToLiveMs: number | undefined;
  readonly scheduledFor: number | undefined;
  readonly enqueuedAt: number;
  readonly sequenceNumber: number;
  readonly sizeInBytes: number;
  /**
   * The encoded value of an application property. Names compare without case; the exact spelling
   * wins when a message has several.
   */
  property(name: string): Buffer | undefined;
  /** The spelling that `property` finds, or undefined when the message does not have it. */
  spelling(name: string): string | undefined;
}

/** What an action changes on the rule's own copy of the message. */
export interface MessageChanges {
  /** Application properties by their exact name: the new encoded value, or undefined to remove it. */
  readonly properties: ReadonlyMap<string, Buffer | undefined>;
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
