// The catalogue in English: every sentence of ours, by its key. ICU MessageFormat. The other languages have
// exactly these keys, which the compiler checks, and exactly these placeholders, which a test checks.
//
// Where Teams interprets Markdown, these sentences may stand: none has a character that means anything there.

export const en = {
  "card.title": "Approval needed",
  "card.title-granted": "Granted",
  "card.title-refused": "Refused",
  "card.title-expired": "Not decided in time",
  "card.notification": "NIIVO asks for your approval",
  "card.tool": "Tool:",
  "card.runs": "Exactly this will run:",
  "card.runs-not": "This does not run:",
  "card.no-arguments": "without arguments",
  "card.requester": "Asked for by:",
  "card.verified": "signed in",
  "card.unverified": "identity NOT verified",
  "card.target": "Acts on:",
  "card.vip": "VIP",
  "card.privileged": "PRIVILEGED",
  "card.disabled": "account disabled",
  "card.agent": "Agent:",
  "card.claim": "What the agent claims as its reason (its own words, checked by nobody):",
  "card.digest": "Digest:",
  "card.expires": "Open until:",
  "card.quorum": "{people, plural, one {One person decides.} other {# people must grant it.}}",
  "card.grant": "Grant",
  "card.refuse": "Refuse",
  "card.counted": "Your answer counts, {votes} of {quorum}.",
  "card.expired": "Expired: nobody decided in time, so it does not run.",
  "card.by": "By:",

  "notice.title": "For your information",
  "notice.notification": "NIIVO tells you what an agent did",
  "notice.ran": "This ran, with these arguments:",
  "notice.tried": "This was to run, with these arguments:",
  "notice.too-large": "The arguments are too large to show. The digest names them.",
  "notice.no-answer":
    "You need not answer. If this should not have happened, tell your service desk.",
  "notice.code": "Reason:",
  "notice.completed": "Done",
  "notice.failed": "Tried, and failed",
  "notice.unknown": "Started, and it is not known whether it happened",

  "link.for-you": "A temporary password is being set for your account.",
  "link.for-other":
    "A temporary password is being set for an account, and you are to hand it over. The account is that of:",
  "link.where": "You alone can see it, once, after signing in again:",
  "link.until": "The link is open until:",
  "link.never-asked": "NIIVO never asks you for a password.",

  "press.checking": "Your answer is being checked. This chat will show what came of it.",
  "press.unreadable": "This answer could not be read and was not counted.",
  "press.not-recorded": "Your answer could not be recorded. Please press again.",
  "press.unknown-approval": "This request is not known here.",

  "ticket.opened":
    "Your ticket is open ({ticket}). The answer comes into this chat. Every message you write here becomes a ticket of its own.",
  "ticket-refusal.no-text":
    "This became no ticket: only text can be read here. Please write what you need.",
  "ticket-refusal.text-too-long":
    "This became no ticket: it is too long. Please write at most 8000 characters.",
  "ticket-refusal.writer-unknown":
    "This became no ticket: your account was not found in your organisation.",
  "ticket-refusal.writer-disabled": "This became no ticket: your account is disabled.",
  "ticket-refusal.directory-unavailable":
    "This became no ticket: your account could not be checked. Please send it again in a minute.",

  "refusal.digest-mismatch": "The action is not the one its digest names.",
  "refusal.other-customer": "The action or a person in it belongs to another customer.",
  "refusal.too-large-to-show":
    "The action is too large to show whole on a card, so nobody is asked.",
  "refusal.approvers-unavailable": "The directory did not say who may approve.",
  "refusal.not-enough-approvers": "Too few people may approve this.",
  "refusal.nobody-reached": "No approver could be reached.",
  "refusal.too-few-reached": "Too few approvers could be reached.",
  "refusal.refused-by-approver": "An approver refused it.",

  "rejection.unknown-approval": "Your answer did not count: nobody was asked about this.",
  "rejection.closed": "Your answer did not count: the request was already decided.",
  "rejection.expired": "Your answer did not count: the time to answer was over.",
  "rejection.other-digest":
    "Your answer did not count: it was about another action than the one asked.",
  "rejection.other-tenant": "Your answer did not count: it came from another organisation.",
  "rejection.is-requester": "Your answer did not count: you asked for this yourself.",
  "rejection.is-target": "Your answer did not count: this acts on your own account.",
  "rejection.not-an-approver": "Your answer did not count: you were not asked to approve this.",
  "rejection.already-voted": "Your second answer did not count: you have already answered.",
  "rejection.approver-disabled": "Your answer did not count: your account is disabled.",
  "rejection.not-in-group":
    "Your answer did not count: you are no longer in the group that approves this.",
  "rejection.facts-unavailable":
    "Your answer did not count: the directory could not be read. Try again.",
  "rejection.facts-outdated": "Your answer did not count: checking it took too long. Try again.",

  "requester.handed-over":
    "I have handed your request to a colleague of the service desk. They will contact you.",
} as const;

export type SentenceKey = keyof typeof en;

/** One language's sentences: none missing, none too many. */
export type Catalogue = Readonly<Record<SentenceKey, string>>;
