// The card of a notice: what ran, for whom, by which agent, with which outcome. It asks nothing, so it has no
// buttons. What others wrote stands as on an approval's card (C1, C2).

import type { NoticePost } from "@niivo/contracts/approvals";
import type { z } from "zod";
import {
  argumentLines,
  type Card,
  cardBytes,
  cardBytesMax,
  labelled,
  ours,
  requesterLines,
  shortDigest,
  targetLines,
  visible,
} from "./card.ts";
import { englishNotice as texts } from "./notice-texts.ts";
import { english } from "./texts.ts";

export type Notice = z.infer<typeof NoticePost>["data"];

const colours = { completed: "Good", failed: "Warning", unknown: "Attention" } as const;

/** The notice; without the arguments where they would make it larger than Teams takes. */
export function noticeCard(notice: Notice): Card {
  const whole = cardWith(notice, argumentLines(notice, english));
  if (cardBytes(whole) <= cardBytesMax) return whole;
  return cardWith(notice, [ours(texts.tooLarge, { isSubtle: true })]);
}

function cardWith(notice: Notice, runs: readonly Card[]): Card {
  const { action, digest, outcome } = notice;
  return {
    type: "AdaptiveCard",
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    version: "1.5",
    body: [
      ours(texts.title, { size: "Large", weight: "Bolder" }),
      ours(texts.outcomes[outcome.kind], { weight: "Bolder", color: colours[outcome.kind] }),
      ...(outcome.kind === "failed" ? [labelled(texts.code, outcome.code)] : []),
      labelled(english.tool, visible(action.tool)),
      ours(texts.ran, { spacing: "Medium" }),
      { type: "Container", style: "emphasis", items: runs },
      ...requesterLines(notice, english),
      ...targetLines(notice, english),
      labelled(english.agent, action.agent),
      labelled(english.digest, shortDigest(digest)),
      ours(texts.noAnswer, { isSubtle: true, spacing: "Medium" }),
    ],
  };
}
