// What a description must be, whoever gives it. Where the cloud documents a limit, it is the cloud's;
// a lock may be shorter here, for tests.
// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas

import type {
  QueueDescription,
  RuleDescription,
  SubscriptionDescription,
  TopicDescription,
} from "./descriptions.ts";
import { EntityError } from "./entity-error.ts";

const DAY_MS = 86_400_000;
const PATH_MAX = 260;
const NAME_MAX = 50;
const PATH = /^[A-Za-z0-9]$|^[A-Za-z0-9][A-Za-z0-9._~/-]*[A-Za-z0-9_]$/;
const NAME = /^[A-Za-z0-9$][A-Za-z0-9._-]*$/;

const invalid = (message: string) => new EntityError("invalid", message);

/** Throws `EntityError` ("invalid") with the first thing that is wrong. */
export function checkQueue(queue: QueueDescription): void {
  checkPath(queue.name);
  checkStoring(queue);
  checkReceiving(queue);
}

export function checkTopic(topic: TopicDescription): void {
  checkPath(topic.name);
  checkStoring(topic);
  if (topic.status === "receiveDisabled") throw invalid("a topic cannot be receiveDisabled");
}

export function checkSubscription(subscription: SubscriptionDescription): void {
  checkName("subscription", subscription.name);
  checkCommon(subscription);
  checkReceiving(subscription);
  if (subscription.status === "sendDisabled") {
    throw invalid("a subscription cannot be sendDisabled");
  }
}

export function checkRuleName(rule: RuleDescription): void {
  checkName("rule", rule.name);
}

function checkPath(path: string): void {
  if (path.length > PATH_MAX) throw invalid(`a name may have ${PATH_MAX} characters`);
  const isReserved = path.split("/").some((part) => part.toLowerCase() === "subscriptions");
  if (!PATH.test(path) || path.includes("//") || isReserved) {
    throw invalid(`"${path}" is not a valid name of a queue or topic`);
  }
}

function checkName(kind: string, name: string): void {
  if (name.length > NAME_MAX || !NAME.test(name)) {
    throw invalid(`"${name}" is not a valid name of a ${kind} (at most ${NAME_MAX} characters)`);
  }
}

function checkCommon(given: {
  readonly userMetadata: string;
  readonly defaultMessageTimeToLiveMs: number | undefined;
  readonly autoDeleteOnIdleMs: number | undefined;
}): void {
  if (given.userMetadata.length > 1_024) throw invalid("userMetadata may have 1024 characters");
  inRange("defaultMessageTimeToLive", given.defaultMessageTimeToLiveMs, 1, 1e6 * DAY_MS);
  inRange("autoDeleteOnIdle", given.autoDeleteOnIdleMs, 300_000, 1e6 * DAY_MS);
}

function checkStoring(given: QueueDescription | TopicDescription): void {
  checkCommon(given);
  inRange("maxSizeInMegabytes", given.maxSizeInMegabytes, 1, 1_048_576);
  inRange("maxMessageSizeInKilobytes", given.maxMessageSizeInKilobytes, 1, 102_400);
  const window = given.duplicateDetectionHistoryTimeWindowMs;
  inRange("duplicateDetectionHistoryTimeWindow", window, 1, 7 * DAY_MS);
}

function checkReceiving(given: QueueDescription | SubscriptionDescription): void {
  inRange("lockDuration", given.lockDurationMs, 50, 300_000);
  inRange("maxDeliveryCount", given.maxDeliveryCount, 1, 2_147_483_647);
  if (given.requiresSession && given.forwardTo !== undefined) {
    throw invalid("an entity that requires sessions cannot forward its messages");
  }
}

function inRange(name: string, value: number | undefined, least: number, most: number): void {
  if (value === undefined) return;
  if (!(value >= least && value <= most)) {
    throw invalid(`${name} must be between ${least} and ${most}`);
  }
}

/** Refuses a change that an existing entity cannot make. */
export function checkChange(
  before: QueueDescription | TopicDescription | SubscriptionDescription,
  after: QueueDescription | TopicDescription | SubscriptionDescription,
): void {
  const fixed = ["requiresSession", "requiresDuplicateDetection", "enablePartitioning"] as const;
  for (const name of fixed) {
    if (Reflect.get(before, name) !== Reflect.get(after, name)) {
      throw new EntityError("not-allowed", `${name} cannot change after creation`);
    }
  }
}

/** Where an entity sends its messages: the names in `forwardTo` and `forwardDeadLetteredMessagesTo`. */
export type Targets = (name: string) => readonly string[];

/** Refuses a forwarding that leads nowhere or back to where it starts. */
export function checkForwarding(
  from: string,
  given: Pick<QueueDescription, "forwardTo" | "forwardDeadLetteredMessagesTo">,
  exists: (name: string) => boolean,
  targetsOf: Targets,
): void {
  const first = [given.forwardTo, given.forwardDeadLetteredMessagesTo].filter(
    (name) => name !== undefined,
  );
  for (const name of first) {
    if (!exists(name)) throw invalid(`"${name}", to which "${from}" forwards, does not exist`);
  }
  const seen = new Set<string>();
  const open = first.map((name) => name.toLowerCase());
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === from.toLowerCase()) throw invalid(`"${from}" would forward to itself`);
    if (seen.has(name)) continue;
    seen.add(name);
    open.push(...targetsOf(name).map((target) => target.toLowerCase()));
  }
}
