// The topology as data: who listens to what. The local bus, the Bicep files, the hosts and a test that
// compares it with every actor's inputs all read this one table.

import { agent } from "./agent.ts";
import { approvals } from "./approvals.ts";
import { audit } from "./audit.ts";
import { broker } from "./broker.ts";
import type { MessageSchema, TopicContract, TopicName } from "./envelope.ts";
import { links } from "./links.ts";
import { policy } from "./policy.ts";
import { tickets } from "./tickets.ts";

export const topics = {
  tickets,
  agent,
  policy,
  approvals,
  broker,
  links,
  audit,
} as const satisfies Record<TopicName, TopicContract>;

/** The service processes. Each has one identity on the bus, and only these rights. */
export const identities = [
  "intake",
  "agent",
  "policy",
  "approvals",
  "broker",
  "links",
  "audit",
] as const;
export type Identity = (typeof identities)[number];

/** The one identity with Send on each topic (R1). */
export const publishers = {
  tickets: "intake",
  agent: "agent",
  policy: "policy",
  approvals: "approvals",
  broker: "broker",
  links: "links",
  audit: "audit",
} as const satisfies Record<TopicName, Identity>;

export interface Subscription {
  readonly topic: TopicName;
  readonly name: string;
  readonly reader: Identity;
  /** Where what people said of one ticket has to be heard in its order (ADR 24). */
  readonly sessions: boolean;
  /** Message types by filter on the application property `type`. */
  readonly types: readonly string[];
  /** Where given, also a filter on the application property `mode`. */
  readonly mode?: string;
}

/**
 * A message is locked this long; the host renews the lock while it works. It is also how long a ticket waits whose
 * message a killed process had locked.
 */
export const lockMs = 30 * 1000;
/** The bus dead-letters after so many failed deliveries. */
export const deliveriesMax = 10;
/** A message nobody took expires into the dead-letter queue, well inside the inbox horizon. */
export const timeToLiveMs = 7 * 24 * 60 * 60 * 1000;

/**
 * How many days each identity's store keeps the state of a ticket, an action or a secret after the last message about
 * it; audit keeps its chain for so long. Longer than a message can come: the inbox horizon and the longest timer.
 */
export const retentionDays = {
  intake: 180,
  agent: 90,
  policy: 90,
  approvals: 90,
  broker: 90,
  links: 90,
  audit: 10 * 365,
} as const satisfies Record<Identity, number>;

const inOrder = { sessions: true } as const;
// A session costs more than the message in it, so it is not used between machines: there one thing leads to the
// next, and the compare-and-swap of the state key (H2) is what keeps replicas apart.
const anyOrder = { sessions: false } as const;

const sealed = (topic: TopicName): Subscription => ({
  topic,
  name: "audit",
  reader: "audit",
  ...anyOrder,
  types: Object.keys(topics[topic].events),
});

export const subscriptions: readonly Subscription[] = [
  { topic: "tickets", name: "intake", reader: "intake", ...inOrder, types: ["ticket.submit.v1"] },
  { topic: "tickets", name: "agent", reader: "agent", ...inOrder, types: ["ticket.opened.v1"] },
  { topic: "tickets", name: "policy", reader: "policy", ...inOrder, types: ["ticket.opened.v1"] },
  sealed("tickets"),

  { topic: "agent", name: "agent", reader: "agent", ...anyOrder, types: ["step.due.v1"] },
  {
    topic: "agent",
    name: "policy",
    reader: "policy",
    ...anyOrder,
    types: ["action.requested.v1", "ticket.resolved.v1", "ticket.escalated.v1"],
  },
  {
    topic: "agent",
    name: "intake",
    reader: "intake",
    ...inOrder,
    types: ["ticket.waiting.v1", "ticket.resolved.v1", "ticket.escalated.v1"],
  },
  sealed("agent"),

  { topic: "policy", name: "policy", reader: "policy", ...anyOrder, types: ["decision.due.v1"] },
  {
    topic: "policy",
    name: "policy-control",
    reader: "policy",
    ...anyOrder,
    types: ["policy.activate.v1"],
  },
  {
    topic: "policy",
    name: "agent",
    reader: "agent",
    ...anyOrder,
    types: ["action.denied.v1", "approval.required.v1"],
  },
  {
    topic: "policy",
    name: "approvals",
    reader: "approvals",
    ...inOrder,
    types: ["approval.required.v1"],
  },
  {
    topic: "policy",
    name: "approvals-notices",
    reader: "approvals",
    ...inOrder,
    types: ["action.allowed.v1"],
    mode: "notify",
  },
  {
    topic: "policy",
    name: "broker",
    reader: "broker",
    ...anyOrder,
    types: ["action.allowed.v1", "facts.requested.v1"],
  },
  sealed("policy"),

  {
    topic: "approvals",
    name: "approvals",
    reader: "approvals",
    ...inOrder,
    types: [
      "vote.cast.v1",
      "card.posted.v1",
      "card.failed.v1",
      "approval.due.v1",
      "ticket.write.v1",
      "ticket.due.v1",
      "notice.delivered.v1",
      "notice.due.v1",
    ],
  },
  {
    topic: "approvals",
    name: "approvals-effects",
    reader: "approvals",
    ...anyOrder,
    types: [
      "approval.asked.v1",
      "vote.accepted.v1",
      "vote.rejected.v1",
      "approval.granted.v1",
      "approval.refused.v1",
      "approval.expired.v1",
      "ticket.submitted.v1",
      "ticket.refused.v1",
      "notice.post.v1",
    ],
  },
  {
    topic: "approvals",
    name: "intake",
    reader: "intake",
    ...inOrder,
    types: ["ticket.submitted.v1"],
  },
  {
    topic: "approvals",
    name: "policy",
    reader: "policy",
    ...inOrder,
    types: ["approval.granted.v1", "approval.refused.v1", "approval.expired.v1"],
  },
  {
    topic: "approvals",
    name: "broker",
    reader: "broker",
    ...anyOrder,
    types: ["facts.requested.v1"],
  },
  sealed("approvals"),

  {
    topic: "broker",
    name: "broker",
    reader: "broker",
    ...anyOrder,
    types: ["effect.ended.v1", "facts.fetched.v1", "authorization.due.v1", "lease.due.v1"],
  },
  {
    topic: "broker",
    name: "broker-effects",
    reader: "broker",
    ...anyOrder,
    types: ["action.started.v1", "facts.fetch.v1"],
  },
  {
    topic: "broker",
    name: "agent",
    reader: "agent",
    ...anyOrder,
    types: ["action.completed.v1", "action.failed.v1", "action.unknown.v1"],
  },
  { topic: "broker", name: "intake", reader: "intake", ...inOrder, types: ["reply.recorded.v1"] },
  {
    topic: "broker",
    name: "policy",
    reader: "policy",
    ...anyOrder,
    types: ["facts.attested.v1"],
    mode: "policy",
  },
  {
    topic: "broker",
    name: "policy-outcomes",
    reader: "policy",
    ...anyOrder,
    types: [
      "authorization.lapsed.v1",
      "action.completed.v1",
      "action.failed.v1",
      "action.unknown.v1",
    ],
  },
  {
    topic: "broker",
    name: "approvals",
    reader: "approvals",
    ...inOrder,
    types: ["facts.attested.v1"],
    mode: "approvals",
  },
  { topic: "broker", name: "links", reader: "links", ...inOrder, types: ["secret.stored.v1"] },
  {
    topic: "broker",
    name: "approvals-outcomes",
    reader: "approvals",
    ...inOrder,
    types: ["action.completed.v1", "action.failed.v1", "action.unknown.v1"],
    // Not every answer of the model: only what people are told of.
    mode: "notify",
  },
  sealed("broker"),

  {
    topic: "links",
    name: "links",
    reader: "links",
    ...inOrder,
    types: [
      "reveal.begin.v1",
      "reveal.end.v1",
      "reveal.refuse.v1",
      "reveal.due.v1",
      "secret.due.v1",
    ],
  },
  sealed("links"),

  {
    topic: "audit",
    name: "audit",
    reader: "audit",
    ...anyOrder,
    // Receipts and checkpoints are not sealed again; what audit itself had to set aside is.
    types: [
      "parked.due.v1",
      "chain.open.v1",
      "heartbeat.due.v1",
      "retention.due.v1",
      "access.record.v1",
      "verify.record.v1",
      "erasure.request.v1",
      "erasure.confirmed.v1",
      "message.dead-lettered.v1",
    ],
  },
  {
    topic: "audit",
    name: "audit-checkpoints",
    reader: "audit",
    ...anyOrder,
    types: ["checkpoint.due.v1", "checkpoint.anchored.v1"],
  },
  {
    topic: "audit",
    name: "audit-effects",
    reader: "audit",
    ...anyOrder,
    types: ["checkpoint.signed.v1"],
  },
  { topic: "audit", name: "broker", reader: "broker", ...anyOrder, types: ["receipt.issued.v1"] },
  // Everyone who keeps anything about a person, audit included.
  ...identities.map(
    (reader): Subscription => ({
      topic: "audit",
      name: `${reader}-erasures`,
      reader,
      ...anyOrder,
      types: ["erasure.ordered.v1"],
    }),
  ),
];

/** The orders to erase; `erasureBinding` of the host reads them. */
export const isErasures = ({ types }: Subscription): boolean =>
  types.includes("erasure.ordered.v1");

/** `topic/name`: how code and tests speak of a subscription. */
export const pathOf = (subscription: Subscription): string =>
  `${subscription.topic}/${subscription.name}`;

/** The schemas a subscription's messages are parsed with, by type. */
export function schemasOf(subscription: Subscription): Readonly<Record<string, MessageSchema>> {
  const { events, commands } = topics[subscription.topic];
  const all: Readonly<Record<string, MessageSchema>> = { ...commands, ...events };
  return Object.fromEntries(
    subscription.types.map((type) => {
      const schema = all[type];
      if (schema === undefined) throw new TypeError(`${pathOf(subscription)} reads ${type}`);
      return [type, schema];
    }),
  );
}

const carryMode: ReadonlySet<string> = new Set([
  "action.allowed.v1",
  "action.completed.v1",
  "action.failed.v1",
  "action.unknown.v1",
]);

/** The application property `mode` of a message, where its type has one. */
export function modeOf(type: string, content: unknown): string | undefined {
  if (typeof content !== "object" || content === null) return undefined;
  if (type === "facts.attested.v1" && "requestedBy" in content) return String(content.requestedBy);
  if (carryMode.has(type) && "mode" in content) return String(content.mode);
  return undefined;
}
