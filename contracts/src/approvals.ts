// The `approvals` topic. Published by the approvals service alone: what people were asked, what they
// answered, and what that came to. No other identity can say that somebody granted something. Because the bot
// is one endpoint, it also says who wrote to the bot: what they wrote becomes a ticket at intake.

import { z } from "zod";
import { Action, AgentName, Requester } from "./action.ts";
import {
  command,
  event,
  Guid,
  Hex256,
  Id,
  MessageDeadLettered,
  Prose,
  ReasonCode,
  Timestamp,
  type TopicContract,
} from "./envelope.ts";
import { ErasureConfirmed } from "./erasure.ts";
import { Approver, FactsRequested, groupMembersMax, UserFacts } from "./facts.ts";
import { Language } from "./language.ts";
import { ticketTextMax } from "./tickets.ts";

const about = { actionId: Id, digest: Hex256 };

/** The final states of an approval. */
export const approvalOutcomes = ["granted", "refused", "expired"] as const;

/** People were asked. It carries all that a card shows; no grant is decided at or after `expiresAt`. */
export const ApprovalAsked = event("approval.asked.v1", {
  ...about,
  action: Action,
  requester: Requester,
  target: UserFacts.optional(),
  reason: Prose,
  approvers: z.array(Approver).min(1).max(groupMembersMax),
  quorum: z.int().min(1).max(5),
  expiresAt: Timestamp,
});

/** Command: an answer given on a card, sent by the bot endpoint after it validated the token. */
export const VoteCast = command("vote.cast.v1", {
  ...about,
  voter: Guid,
  tenantId: Guid,
  vote: z.enum(["grant", "refuse"]),
  /** The Bot Framework activity the answer came in. */
  activityId: z.string().min(1).max(200),
  /** Of the client it came from: for a voter whom the directory was not asked about. */
  language: Language.optional(),
});

/** A vote counted, and more are needed. */
export const VoteAccepted = event("vote.accepted.v1", {
  ...about,
  voter: Guid,
  votes: z.int().min(1),
  quorum: z.int().min(1),
});

/** A vote did not count. Recorded all the same, and the voter is told: an attempt is evidence. */
export const VoteRejected = event("vote.rejected.v1", {
  ...about,
  voter: Guid,
  code: ReasonCode,
  detail: Prose,
  /** What the voter is told it in. */
  language: Language.optional(),
});

/** Final. Policy may now decide again; the broker may run `digest`, once, if policy then allows it. */
export const ApprovalGranted = event("approval.granted.v1", {
  ...about,
  grantedBy: z.array(Guid).min(1).max(5),
  via: z.literal("teams"),
});

/** Final. The action will not run. `refusedBy` is absent where nobody could be asked. */
export const ApprovalRefused = event("approval.refused.v1", {
  ...about,
  refusedBy: Guid.optional(),
  code: ReasonCode,
  detail: Prose,
});

/** Final. Silence is refusal. */
export const ApprovalExpired = event("approval.expired.v1", about);

/** Command: a card now hangs in a person's chat. */
export const CardPosted = command("card.posted.v1", {
  actionId: Id,
  approver: Guid,
  conversationId: z.string().min(1).max(500),
  activityId: z.string().min(1).max(500),
});

/** Command: a card could not be posted. */
export const CardFailed = command("card.failed.v1", {
  actionId: Id,
  approver: Guid,
  code: ReasonCode,
});

/** Timer: the approval expires now if it is still open. */
export const ApprovalDue = command("approval.due.v1", { actionId: Id });

/** The Bot Framework activity that a message came in. */
const activityId = z.string().min(1).max(200);

/**
 * Command: a person wrote to the bot, handed over by the endpoint after it validated the token. Credentials
 * were replaced before (R5). What cannot become a ticket comes without its words.
 */
export const TicketWrite = command("ticket.write.v1", {
  writer: Guid,
  tenantId: Guid,
  activityId,
  /** Of the client it came from: until the directory says better. */
  language: Language.optional(),
  written: z.discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("text"),
      text: z.string().min(1).max(ticketTextMax),
      /** Drawn at the endpoint, because the actors that carry it on draw nothing. */
      seed: Hex256,
    }),
    z.strictObject({ kind: z.literal("unusable"), code: z.enum(["no-text", "text-too-long"]) }),
  ]),
});

/** The directory knows the writer as an enabled person of this customer: intake opens the ticket. */
export const TicketSubmitted = event("ticket.submitted.v1", {
  writer: z.strictObject({
    objectId: Guid,
    tenantId: Guid,
    displayName: z.string().min(1).max(256),
    userPrincipalName: z.string().min(3).max(256),
    /** The directory's, as of this message. */
    language: Language.optional(),
  }),
  activityId,
  text: z.string().min(1).max(ticketTextMax),
  seed: Hex256,
});

/** A message that becomes no ticket, and why. The writer is told. */
export const TicketRefused = event("ticket.refused.v1", {
  writer: Guid,
  activityId,
  code: ReasonCode,
  detail: Prose,
  /** What the writer is told it in. */
  language: Language.optional(),
});

/** Timer: the directory has had its time to say who wrote. `actionId` is the ticket's id. */
export const TicketDue = command("ticket.due.v1", { actionId: Id });

/** How an action that was allowed with mode `notify` ended. */
export const NoticeOutcome = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("completed") }),
  z.strictObject({ kind: z.literal("failed"), code: ReasonCode }),
  z.strictObject({ kind: z.literal("unknown") }),
]);

/** Command to the effects: tell these people what ran. Whole, because a notice shows what an approval shows. */
export const NoticePost = command("notice.post.v1", {
  ...about,
  action: Action,
  requester: Requester,
  target: UserFacts.optional(),
  outcome: NoticeOutcome,
  /** Each is told in their own language. */
  people: z
    .array(z.strictObject({ objectId: Guid, language: Language.optional() }))
    .min(1)
    .max(groupMembersMax),
});

/** Command: so many notices hang in chats, and so many could not be posted. */
export const NoticeDelivered = command("notice.delivered.v1", {
  actionId: Id,
  reached: z.int().min(0).max(groupMembersMax),
  missed: z.int().min(0).max(groupMembersMax),
});

/** Timer: the notice should have been posted by now. */
export const NoticeDue = command("notice.due.v1", { actionId: Id });

/** People were told after the fact. At least one of them. */
export const NoticePosted = event("notice.posted.v1", {
  ...about,
  tool: z.string().min(1).max(64),
  agent: AgentName,
  outcome: z.enum(["completed", "failed", "unknown"]),
  reached: z.int().min(1).max(groupMembersMax),
  missed: z.int().min(0).max(groupMembersMax),
});

/** Nobody was told. The action is done all the same: a notice holds nothing up. */
export const NoticeFailed = event("notice.failed.v1", { ...about, code: ReasonCode });

export const approvals = {
  topic: "approvals",
  events: {
    [FactsRequested.shape.type.value]: FactsRequested,
    [ApprovalAsked.shape.type.value]: ApprovalAsked,
    [VoteAccepted.shape.type.value]: VoteAccepted,
    [VoteRejected.shape.type.value]: VoteRejected,
    [ApprovalGranted.shape.type.value]: ApprovalGranted,
    [ApprovalRefused.shape.type.value]: ApprovalRefused,
    [ApprovalExpired.shape.type.value]: ApprovalExpired,
    [TicketSubmitted.shape.type.value]: TicketSubmitted,
    [TicketRefused.shape.type.value]: TicketRefused,
    [NoticePosted.shape.type.value]: NoticePosted,
    [NoticeFailed.shape.type.value]: NoticeFailed,
    [ErasureConfirmed.shape.type.value]: ErasureConfirmed,
    [MessageDeadLettered.shape.type.value]: MessageDeadLettered,
  },
  commands: {
    [VoteCast.shape.type.value]: VoteCast,
    [CardPosted.shape.type.value]: CardPosted,
    [CardFailed.shape.type.value]: CardFailed,
    [ApprovalDue.shape.type.value]: ApprovalDue,
    [TicketWrite.shape.type.value]: TicketWrite,
    [TicketDue.shape.type.value]: TicketDue,
    [NoticePost.shape.type.value]: NoticePost,
    [NoticeDelivered.shape.type.value]: NoticeDelivered,
    [NoticeDue.shape.type.value]: NoticeDue,
  },
} as const satisfies TopicContract;
