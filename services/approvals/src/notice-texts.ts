// The sentences of a notice, beside those of an approval in texts.ts.

import type { NoticeOutcome } from "@niivo/contracts/approvals";
import type { z } from "zod";

type Outcome = z.infer<typeof NoticeOutcome>;

interface NoticeTexts {
  readonly title: string;
  readonly notification: string;
  readonly ran: string;
  readonly tooLarge: string;
  readonly noAnswer: string;
  readonly code: string;
  readonly outcomes: Readonly<Record<Outcome["kind"], string>>;
}

export const englishNotice: NoticeTexts = {
  title: "For your information",
  notification: "NIIVO tells you what an agent did",
  ran: "This ran, with these arguments:",
  tooLarge: "The arguments are too large to show. The digest names them.",
  noAnswer: "You need not answer. If this should not have happened, tell your service desk.",
  code: "Reason",
  outcomes: {
    completed: "Done",
    failed: "Tried, and failed",
    unknown: "Started, and it is not known whether it happened",
  },
};
