// How an approval stands for one of its readers, from what is remembered of it. Pure.

import { type Asked, approvalCard, type Standing } from "./card.ts";
import type { Ask } from "./documents.ts";
import { same } from "./state.ts";
import type { Content } from "./teams.ts";
import { english } from "./texts.ts";

/** What the card of one approver shows. */
export function cardFor(
  asked: Asked,
  ask: Ask | undefined,
  approver: string,
): Extract<Content, { kind: "card" }> {
  const standing = shown(asked, ask, approver);
  const card = approvalCard(asked, standing, english);
  return { kind: "card", card, summary: english.notification };
}

function shown(asked: Asked, ask: Ask | undefined, approver: string): Standing {
  const nameOf = (id: string): string =>
    asked.approvers.find(({ objectId }) => same(objectId, id))?.displayName ?? id;
  const end = ask?.end;
  if (end?.kind === "granted") return { kind: "granted", by: end.by.map(nameOf) };
  if (end?.kind === "refused") {
    const by = end.by === undefined ? undefined : nameOf(end.by);
    return { kind: "refused", by, detail: end.detail };
  }
  if (end?.kind === "expired") return { kind: "expired" };
  const counted = ask?.counted.find(({ voter }) => same(voter, approver));
  return counted === undefined ? { kind: "open" } : { kind: "counted", votes: counted.votes };
}

/** What can differ between two looks at one approver's card. */
export const standingMark = (ask: Ask | undefined, approver: string): string =>
  ask?.end?.kind ?? String(ask?.counted.some(({ voter }) => same(voter, approver)) ?? false);
