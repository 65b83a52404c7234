// How an approval stands for one of its readers, from what is remembered of it. Pure.

import { languageOfRequester, personOf } from "@niivo/contracts/action";
import type { Language } from "@niivo/contracts/language";
import { type Asked, approvalCard, type Standing } from "./card.ts";
import type { Ask } from "./documents.ts";
import { same } from "./state.ts";
import type { Content } from "./teams.ts";
import { textsIn } from "./texts.ts";

/** What the card of one approver shows. */
export function cardFor(
  asked: Asked,
  ask: Ask | undefined,
  approver: string,
): Extract<Content, { kind: "card" }> {
  const texts = textsIn(languageOfReader(asked, approver));
  const standing = shown(asked, ask, approver);
  const card = approvalCard(asked, standing, texts);
  return { kind: "card", card, summary: texts.notification };
}

/** The language of somebody who approves, asked for it or is acted on; undefined for anybody else. */
export function languageOfReader(asked: Asked | undefined, person: string): Language | undefined {
  if (asked === undefined) return undefined;
  const { approvers, requester, target } = asked;
  const known = [
    ...approvers,
    { objectId: personOf(requester), language: languageOfRequester(requester) },
    ...(target === undefined ? [] : [target]),
  ];
  return known.find(({ objectId }) => objectId !== undefined && same(objectId, person))?.language;
}

function shown(asked: Asked, ask: Ask | undefined, approver: string): Standing {
  const nameOf = (id: string): string =>
    asked.approvers.find(({ objectId }) => same(objectId, id))?.displayName ?? id;
  const end = ask?.end;
  if (end?.kind === "granted") return { kind: "granted", by: end.by.map(nameOf) };
  if (end?.kind === "refused") {
    const by = end.by === undefined ? undefined : nameOf(end.by);
    return { kind: "refused", by, code: end.code };
  }
  if (end?.kind === "expired") return { kind: "expired" };
  const counted = ask?.counted.find(({ voter }) => same(voter, approver));
  return counted === undefined ? { kind: "open" } : { kind: "counted", votes: counted.votes };
}

/** What can differ between two looks at one approver's card. */
export const standingMark = (ask: Ask | undefined, approver: string): string =>
  ask?.end?.kind ?? String(ask?.counted.some(({ voter }) => same(voter, approver)) ?? false);
