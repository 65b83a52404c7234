// What the approvals actor hears, what it decides, and what it remembers of one action.

import type {
  ApprovalAsked,
  ApprovalDue,
  ApprovalExpired,
  ApprovalGranted,
  ApprovalRefused,
  CardFailed,
  CardPosted,
  NoticeDelivered,
  NoticeDue,
  NoticeFailed,
  NoticeOutcome,
  NoticePost,
  NoticePosted,
  VoteAccepted,
  VoteCast,
  VoteRejected,
} from "@niivo/contracts/approvals";
import type { ActionCompleted, ActionFailed, ActionUnknown } from "@niivo/contracts/broker";
import type { Decided, Received } from "@niivo/contracts/envelope";
import type { FactsAttested, FactsRequested } from "@niivo/contracts/facts";
import type { ActionAllowed, ApprovalRequired } from "@niivo/contracts/policy";
import type { z } from "zod";
import type { Asked } from "./card.ts";

export type Input = Received<
  | z.infer<typeof ApprovalRequired>
  | z.infer<typeof FactsAttested>
  | z.infer<typeof VoteCast>
  | z.infer<typeof CardPosted>
  | z.infer<typeof CardFailed>
  | z.infer<typeof ApprovalDue>
  | z.infer<typeof ActionAllowed>
  | z.infer<typeof ActionCompleted>
  | z.infer<typeof ActionFailed>
  | z.infer<typeof ActionUnknown>
  | z.infer<typeof NoticeDelivered>
  | z.infer<typeof NoticeDue>
>;

export type Allowed = z.infer<typeof ActionAllowed>["data"];
export type Required = z.infer<typeof ApprovalRequired>["data"];
export type Vote = z.infer<typeof VoteCast>["data"];
export type Attested = z.infer<typeof FactsAttested>["data"];

/** A vote that passed every check of ours and waits for the directory's word. */
export interface Pending {
  /** The `facts.requested` it waits for. */
  readonly request: string;
  readonly vote: Vote;
}

/** A card that hangs in an approver's chat. */
interface Posted {
  readonly approver: string;
  readonly conversationId: string;
  readonly activityId: string;
}

type Note =
  | { readonly type: "note.required"; readonly data: { required: Required; request: string } }
  | { readonly type: "note.vote-waits"; readonly data: Pending }
  | { readonly type: "note.vote-settled"; readonly data: { request: string } }
  | { readonly type: "note.card-posted"; readonly data: Posted }
  | { readonly type: "note.card-failed"; readonly data: { approver: string; code: string } }
  | { readonly type: "note.notice-allowed"; readonly data: Allowed }
  | { readonly type: "note.notice-outcome"; readonly data: Ended };

export type Event =
  | Decided<
      | z.infer<typeof FactsRequested>
      | z.infer<typeof ApprovalAsked>
      | z.infer<typeof VoteAccepted>
      | z.infer<typeof VoteRejected>
      | z.infer<typeof ApprovalGranted>
      | z.infer<typeof ApprovalRefused>
      | z.infer<typeof ApprovalExpired>
      | z.infer<typeof ApprovalDue>
      | z.infer<typeof NoticePost>
      | z.infer<typeof NoticePosted>
      | z.infer<typeof NoticeFailed>
      | z.infer<typeof NoticeDue>
    >
  | Note;

export interface Gathering {
  readonly status: "gathering";
  readonly required: Required;
  /** The `facts.requested` about the group. */
  readonly request: string;
}

export interface Open {
  readonly status: "open";
  readonly asked: Asked;
  /** The group whose members may answer. */
  readonly group: string;
  /** The one who may answer as the target's manager, instead of the group. */
  readonly manager: string | null;
  readonly pending: readonly Pending[];
  /** Distinct people whose grant counted. */
  readonly grants: readonly string[];
  readonly cards: readonly Posted[];
  /** Distinct approvers whose card could not be posted. */
  readonly unreached: readonly string[];
}

/** How an action ended that people are told of. */
export interface Ended {
  readonly digest: string;
  readonly outcome: z.infer<typeof NoticeOutcome>;
}

/** A notice on its way: it needs the allow, the outcome and the people, in whatever order they come. */
export interface Noticing {
  readonly status: "noticing";
  readonly allowed: Allowed | null;
  readonly ended: Ended | null;
  /** When it should have been posted. Null until both are known. */
  readonly dueAt: string | null;
}

export type State =
  | { readonly status: "unasked" }
  | Gathering
  | Open
  | Noticing
  | { readonly status: "closed" };

/** Whether two object or tenant ids are the same: Entra's are not case-sensitive. */
export const same = (one: string, other: string): boolean =>
  one.toLowerCase() === other.toLowerCase();
