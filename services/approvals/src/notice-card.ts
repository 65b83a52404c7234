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
import type { Texts } from "./texts.ts";

export type Notice = z.infer<typeof NoticePost>["data"];

const colours = { completed: "Good", failed: "Warning", unknown: "Attention" } as const;

/** The notice; without the arguments where they would make it larger than Teams takes. */
export function noticeCard(notice: Notice, texts: Texts): Card {
  const whole = cardWith(notice, argumentLines(notice, texts), texts);
  if (cardBytes(whole) <= cardBytesMax) return whole;
  return cardWith(notice, [ours(texts.notice.tooLarge, { isSubtle: true })], texts);
}

function cardWith(notice: Notice, runs: readonly Card[], texts: Texts): Card {
  const { action, digest, outcome } = notice;
  return {
    type: "AdaptiveCard",
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    version: "1.5",
    body: [
      ours(texts.notice.title, { size: "Large", weight: "Bolder" }),
      ours(texts.notice.outcomes[outcome.kind], { weight: "Bolder", color: colours[outcome.kind] }),
      ...(outcome.kind === "failed" ? [labelled(texts.notice.code, outcome.code)] : []),
      labelled(texts.tool, visible(action.tool)),
      ours(texts.notice.runs[outcome.kind], { spacing: "Medium" }),
      { type: "Container", style: "emphasis", items: runs },
      ...requesterLines(notice, texts),
      ...targetLines(notice, texts),
      labelled(texts.agent, action.agent),
      labelled(texts.digest, shortDigest(digest)),
      ours(texts.notice.noAnswer, { isSubtle: true, spacing: "Medium" }),
    ],
  };
}
