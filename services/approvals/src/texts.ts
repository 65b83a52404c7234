// Every sentence a person reads in Teams, in that person's language. The sentences themselves are in the
// catalogues of @niivo/languages. Only these texts and numbers may stand where Teams interprets Markdown; what
// others wrote may not.

import type { NoticeOutcome } from "@niivo/contracts/approvals";
import { defaultLanguage, type Language } from "@niivo/contracts/language";
import { moment, type PlainKey, sentence } from "@niivo/languages/sentences";
import type { z } from "zod";
import {
  type RefusalCode,
  type RejectionCode,
  refusalCodes,
  rejectionCodes,
  type TicketRefusalCode,
  ticketRefusalCodes,
} from "./codes.ts";

export interface Texts {
  readonly title: string;
  readonly notification: string;
  readonly tool: string;
  readonly runs: string;
  readonly runsNot: string;
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
  readonly titleGranted: string;
  readonly titleRefused: string;
  readonly titleExpired: string;
  readonly expired: string;
  readonly by: string;
  /** An ISO 8601 timestamp as its reader writes a time. */
  readonly moment: (timestamp: string) => string;
  readonly notice: NoticeTexts;
  readonly checking: string;
  readonly unreadable: string;
  readonly notRecorded: string;
  readonly unknownApproval: string;
  readonly ticketOpened: (ticket: string) => string;
  readonly ticketRefusals: Readonly<Record<TicketRefusalCode, string>>;
  readonly refusals: Readonly<Record<RefusalCode, string>>;
  readonly rejections: Readonly<Record<RejectionCode, string>>;
}

interface NoticeTexts {
  readonly title: string;
  readonly notification: string;
  /** What stands over the arguments, by how it ended. */
  readonly runs: Readonly<Record<NoticeEnd, string>>;
  readonly tooLarge: string;
  readonly noAnswer: string;
  readonly code: string;
  readonly outcomes: Readonly<Record<NoticeEnd, string>>;
}

type NoticeEnd = z.infer<typeof NoticeOutcome>["kind"];

function textsOf(language: Language): Texts {
  const say = (key: PlainKey): string => sentence(language, key);
  return {
    title: say("card.title"),
    notification: say("card.notification"),
    tool: say("card.tool"),
    runs: say("card.runs"),
    runsNot: say("card.runs-not"),
    noArguments: say("card.no-arguments"),
    requester: say("card.requester"),
    verified: say("card.verified"),
    unverified: say("card.unverified"),
    target: say("card.target"),
    vip: say("card.vip"),
    privileged: say("card.privileged"),
    disabled: say("card.disabled"),
    agent: say("card.agent"),
    claim: say("card.claim"),
    digest: say("card.digest"),
    expires: say("card.expires"),
    quorum: (people) => sentence(language, "card.quorum", { people }),
    grant: say("card.grant"),
    refuse: say("card.refuse"),
    counted: (votes, quorum) => sentence(language, "card.counted", { votes, quorum }),
    titleGranted: say("card.title-granted"),
    titleRefused: say("card.title-refused"),
    titleExpired: say("card.title-expired"),
    expired: say("card.expired"),
    by: say("card.by"),
    moment: (timestamp) => moment(language, timestamp),
    notice: noticeTexts(say),
    checking: say("press.checking"),
    unreadable: say("press.unreadable"),
    notRecorded: say("press.not-recorded"),
    unknownApproval: say("press.unknown-approval"),
    ticketOpened: (ticket) => sentence(language, "ticket.opened", { ticket: ticket.slice(0, 8) }),
    ticketRefusals: each(ticketRefusalCodes, (code) => say(`ticket-refusal.${code}`)),
    refusals: each(refusalCodes, (code) => say(`refusal.${code}`)),
    rejections: each(rejectionCodes, (code) => say(`rejection.${code}`)),
  };
}

const noticeTexts = (say: (key: PlainKey) => string): NoticeTexts => ({
  title: say("notice.title"),
  notification: say("notice.notification"),
  runs: {
    completed: say("notice.ran"),
    failed: say("notice.tried"),
    unknown: say("notice.tried"),
  },
  tooLarge: say("notice.too-large"),
  noAnswer: say("notice.no-answer"),
  code: say("notice.code"),
  outcomes: {
    completed: say("notice.completed"),
    failed: say("notice.failed"),
    unknown: say("notice.unknown"),
  },
});

const each = <Code extends string>(codes: readonly Code[], text: (code: Code) => string) =>
  // The keys are the codes, each of them: `fromEntries` only knows of text.
  Object.fromEntries(codes.map((code) => [code, text(code)])) as Readonly<Record<Code, string>>;

/** The language of records, of which there is one for all: what is sealed about a decision. */
export const english = textsOf("en");

const texts: Readonly<Record<Language, Texts>> = {
  ...{ en: english, de: textsOf("de") },
  ...{ fr: textsOf("fr"), it: textsOf("it") },
};

/** What is said to a person of that language; in English where it is not known. */
export const textsIn = (language: Language | undefined): Texts =>
  texts[language ?? defaultLanguage];
