// Why a vote did not count, why people's answer to a whole request is no, and why a message becomes no ticket.
// Closed unions: every code has a text in texts.ts, and the compiler says which one is missing.

export type RejectionCode =
  | "unknown-approval"
  | "closed"
  | "expired"
  | "other-digest"
  | "other-tenant"
  | "is-requester"
  | "is-target"
  | "not-an-approver"
  | "already-voted"
  | "approver-disabled"
  | "not-in-group"
  | "facts-unavailable"
  | "facts-outdated";

export type RefusalCode =
  | "digest-mismatch"
  | "other-customer"
  | "too-large-to-show"
  | "approvers-unavailable"
  | "not-enough-approvers"
  | "nobody-reached"
  | "too-few-reached"
  | "refused-by-approver";

export type TicketRefusalCode =
  | "no-text"
  | "text-too-long"
  | "writer-unknown"
  | "writer-disabled"
  | "directory-unavailable";
