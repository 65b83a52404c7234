// The messages that enter a chain: every event of every topic, what audit itself had to set aside among them. Only
// the receipts do not: they are a consequence of the chain and not a part of it.

import {
  ActionRequested,
  TicketEscalated,
  TicketResolved,
  TicketWaiting,
} from "@niivo/contracts/agent";
import {
  ApprovalAsked,
  ApprovalExpired,
  ApprovalGranted,
  ApprovalRefused,
  NoticeFailed,
  NoticePosted,
  TicketRefused,
  TicketSubmitted,
  VoteAccepted,
  VoteRejected,
} from "@niivo/contracts/approvals";
import {
  ActionCompleted,
  ActionFailed,
  ActionReconciled,
  ActionStarted,
  ActionUnknown,
  AuthorizationLapsed,
  CredentialAccess,
  ReceiptRejected,
  ReplyRecorded,
  SecretStored,
} from "@niivo/contracts/broker";
import { MessageDeadLettered } from "@niivo/contracts/envelope";
import { ErasureConfirmed } from "@niivo/contracts/erasure";
import { FactsAttested, FactsRequested } from "@niivo/contracts/facts";
import {
  SecretExpired,
  SecretRevealed,
  SecretRevealRefused,
  SecretRevealUnknown,
} from "@niivo/contracts/links";
import {
  ActionAllowed,
  ActionDenied,
  ApprovalRequired,
  PolicyActivated,
} from "@niivo/contracts/policy";
import { TicketOpened } from "@niivo/contracts/tickets";
import { z } from "zod";

export const SealedEvent = z.discriminatedUnion("type", [
  TicketOpened,
  ActionRequested,
  TicketWaiting,
  TicketResolved,
  TicketEscalated,
  FactsRequested,
  ActionAllowed,
  ActionDenied,
  ApprovalRequired,
  PolicyActivated,
  ApprovalAsked,
  VoteAccepted,
  VoteRejected,
  ApprovalGranted,
  ApprovalRefused,
  ApprovalExpired,
  TicketSubmitted,
  TicketRefused,
  NoticePosted,
  NoticeFailed,
  FactsAttested,
  CredentialAccess,
  ActionStarted,
  ActionCompleted,
  ActionFailed,
  ActionUnknown,
  ActionReconciled,
  AuthorizationLapsed,
  ReceiptRejected,
  SecretStored,
  SecretRevealed,
  SecretRevealRefused,
  SecretRevealUnknown,
  SecretExpired,
  ReplyRecorded,
  ErasureConfirmed,
  MessageDeadLettered,
]);
export type SealedEvent = z.infer<typeof SealedEvent>;
