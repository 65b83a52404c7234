// Posts a notice into the chats of the people it is for, and counts whom it reached.
//
// Invariants:
//   O1. One notice per person: who has one is remembered, and a repeat posts only what is missing.
//   O2. Who cannot be reached is counted as missed; nothing is tried for ever.

import { setTimeout as delay } from "node:timers/promises";
import type { NoticePost } from "@niivo/contracts/approvals";
import type { Received } from "@niivo/contracts/envelope";
import type { EffectCommand } from "@niivo/host/effects";
import type { z } from "zod";
import type { CardParts } from "./cards.ts";
import { hasNotice, rememberNotice } from "./documents.ts";
import { type Notice, noticeCard } from "./notice-card.ts";
import { type Texts, textsIn } from "./texts.ts";

type Person = Notice["people"][number];
export type NoticeEffect = Received<z.infer<typeof NoticePost>>;

/** Performs one `notice.post`; the command says how many people have it. */
export const postNotices =
  ({ host: { store }, teams, tenants }: CardParts, pausesMs: readonly number[]) =>
  async ({ customer, data }: NoticeEffect, signal: AbortSignal): Promise<EffectCommand> => {
    const tenantId = tenants.get(customer);
    if (tenantId === undefined) return delivered(data.actionId, 0, data.people.length);
    let reached = 0;
    let waiting = data.people;
    for (const pauseMs of [0, ...pausesMs]) {
      if (waiting.length === 0) break;
      if (pauseMs > 0) await delay(pauseMs, undefined, { signal });
      const again: Person[] = [];
      for (const person of waiting) {
        const { objectId, language } = person;
        const known = await hasNotice(store, customer, data.actionId, objectId); // O1
        const { kind } = known
          ? { kind: "delivered" as const }
          : await teams.post({ objectId, tenantId }, contentOf(data, textsIn(language)), signal);
        if (kind === "delivered" && !known)
          await rememberNotice(store, customer, data.actionId, objectId);
        if (kind === "delivered") reached += 1;
        if (kind === "unavailable") again.push(person);
      }
      waiting = again;
    }
    signal.throwIfAborted(); // What failed for lack of time is not Teams' failure.
    return delivered(data.actionId, reached, data.people.length - reached); // O2
  };

const contentOf = (notice: Notice, texts: Texts) =>
  ({ kind: "card", card: noticeCard(notice, texts), summary: texts.notice.notification }) as const;

/** What is said where nobody knows any more whom it reached. */
export const noticeLost = ({ data: { actionId, people } }: NoticeEffect): EffectCommand =>
  delivered(actionId, 0, people.length);

const delivered = (actionId: string, reached: number, missed: number): EffectCommand => ({
  type: "notice.delivered.v1",
  data: { actionId, reached, missed },
});
