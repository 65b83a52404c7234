// Why a vote did not count, why people's answer to a whole request is no, and why a message becomes no ticket.
// Closed unions: every code has a sentence in every catalogue, and the compiler says which one is missing.

export const rejectionCodes = [
  "unknown-approval",
  "closed",
  "expired",
  "other-digest",
  "other-tenant",
  "is-requester",
  "is-target",
  "not-an-approver",
  "already-voted",
  "approver-disabled",
  "not-in-group",
  "facts-unavailable",
  "facts-outdated",
] as const;
export type RejectionCode = (typeof rejectionCodes)[number];

export const refusalCodes = [
  "digest-mismatch",
  "other-customer",
  "too-large-to-show",
  "approvers-unavailable",
  "not-enough-approvers",
  "nobody-reached",
  "too-few-reached",
  "refused-by-approver",
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

export const ticketRefusalCodes = [
  "no-text",
  "text-too-long",
  "writer-unknown",
  "writer-disabled",
  "directory-unavailable",
] as const;
export type TicketRefusalCode = (typeof ticketRefusalCodes)[number];
