// Every sentence a person reads in Teams, in one place, so that another language is another constant.
// Only these texts and numbers may stand where Teams interprets Markdown; what others wrote may not.

import type { RefusalCode, RejectionCode, TicketRefusalCode } from "./codes.ts";

export interface Texts {
  readonly title: string;
  readonly notification: string;
  readonly tool: string;
  readonly runs: string;
  readonly noArguments: string;
  readonly requester: string;
  readonly verified: string;
  readonly unverified: string;
  readonly target: string;
  readonly vip: string;
  readonly privileged: string;
  readonly disabled: string;
  readonly agent: string;
  readonly claim: string;
  readonly digest: string;
  readonly expires: string;
  readonly quorum: (people: number) => string;
  readonly grant: string;
  readonly refuse: string;
  readonly counted: (votes: number, quorum: number) => string;
  readonly granted: string;
  readonly refused: string;
  readonly expired: string;
  readonly by: string;
  readonly checking: string;
  readonly unreadable: string;
  readonly notRecorded: string;
  readonly unknownApproval: string;
  readonly ticketOpened: (ticket: string) => string;
  readonly ticketRefusals: Readonly<Record<TicketRefusalCode, string>>;
  readonly refusals: Readonly<Record<RefusalCode, string>>;
  readonly rejections: Readonly<Record<RejectionCode, string>>;
}

export const english: Texts = {
  title: "Approval needed",
  notification: "NIIVO asks for your approval",
  tool: "Tool",
  runs: "Exactly this will run:",
  noArguments: "without arguments",
  requester: "Asked for by",
  verified: "signed in",
  unverified: "identity NOT verified",
  target: "Acts on",
  vip: "VIP",
  privileged: "PRIVILEGED",
  disabled: "account disabled",
  agent: "Agent",
  claim: "What the agent claims as its reason (its own words, checked by nobody):",
  digest: "Digest",
  expires: "Open until",
  quorum: (people) => (people === 1 ? "One person decides." : `${people} people must grant it.`),
  grant: "Grant",
  refuse: "Refuse",
  counted: (votes, quorum) => `Your answer counts, ${votes} of ${quorum}.`,
  granted: "Granted",
  refused: "Refused",
  expired: "Expired: nobody decided in time, so it does not run.",
  by: "by",
  checking: "Your answer is being checked. This chat will show what came of it.",
  unreadable: "This answer could not be read and was not counted.",
  notRecorded: "Your answer could not be recorded. Please press again.",
  unknownApproval: "This request is not known here.",
  ticketOpened: (ticket) =>
    `Your ticket is open (${ticket.slice(0, 8)}). The answer comes into this chat. Every message you write here ` +
    "becomes a ticket of its own.",
  ticketRefusals: {
    "no-text": "This became no ticket: only text can be read here. Please write what you need.",
    "text-too-long": "This became no ticket: it is too long. Please write at most 8000 characters.",
    "writer-unknown": "This became no ticket: your account was not found in your organisation.",
    "writer-disabled": "This became no ticket: your account is disabled.",
    "directory-unavailable":
      "This became no ticket: your account could not be checked. Please send it again in a minute.",
  },
  refusals: {
    "digest-mismatch": "The action is not the one its digest names.",
    "other-customer": "The action or a person in it belongs to another customer.",
    "too-large-to-show": "The action is too large to show whole on a card, so nobody is asked.",
    "approvers-unavailable": "The directory did not say who may approve.",
    "not-enough-approvers": "Too few people may approve this.",
    "nobody-reached": "No approver could be reached.",
    "too-few-reached": "Too few approvers could be reached.",
    "refused-by-approver": "An approver refused it.",
  },
  rejections: {
    "unknown-approval": "Your answer did not count: nobody was asked about this.",
    closed: "Your answer did not count: the request was already decided.",
    expired: "Your answer did not count: the time to answer was over.",
    "other-digest": "Your answer did not count: it was about another action than the one asked.",
    "other-tenant": "Your answer did not count: it came from another organisation.",
    "is-requester": "Your answer did not count: you asked for this yourself.",
    "is-target": "Your answer did not count: this acts on your own account.",
    "not-an-approver": "Your answer did not count: you were not asked to approve this.",
    "already-voted": "Your second answer did not count: you have already answered.",
    "approver-disabled": "Your answer did not count: your account is disabled.",
    "not-in-group": "Your answer did not count: you are no longer in the group that approves this.",
    "facts-unavailable": "Your answer did not count: the directory could not be read. Try again.",
    "facts-outdated": "Your answer did not count: checking it took too long. Try again.",
  },
};
