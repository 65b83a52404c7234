// The approval card: Adaptive Card 1.5 as JSON, a pure function of what was asked and how it stands.
// https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model
//
// Invariants:
//   C1. Every argument that will run is on the card, whole, as the canonical JSON the digest covers.
//   C2. What others wrote stands only in a TextRun, which knows no Markdown, and with every character
//       that cannot be seen written out. TextBlock and FactSet, which know Markdown, get our texts only.
//   C3. The buttons carry the action's id and digest and nothing else.
//   C4. A decided card has no buttons, and its heading says what was decided.

import type { ApprovalAsked } from "@niivo/contracts/approvals";
import { canonicalJson, type Json } from "@niivo/contracts/canonical";
import type { z } from "zod";
import type { RefusalCode } from "./codes.ts";
import type { Texts } from "./texts.ts";

/** Teams takes 100 KB as UTF-16; mobile clients fewer. Larger than this, and nobody is asked (C1). */
export const cardBytesMax = 25 * 1024;

export type Asked = z.infer<typeof ApprovalAsked>["data"];

/** How an approval stands, as one reader of the card sees it. People are named, not numbered. */
export type Standing =
  | { readonly kind: "open" }
  | { readonly kind: "counted"; readonly votes: number }
  | { readonly kind: "granted"; readonly by: readonly string[] }
  | { readonly kind: "refused"; readonly by: string | undefined; readonly code: RefusalCode }
  | { readonly kind: "expired" };

export type Card = { readonly [name: string]: Json };

/** The card of a request. Its size in bytes is `cardBytes`; the asker compares it with the limit. */
export function approvalCard(asked: Asked, standing: Standing, texts: Texts): Card {
  return {
    type: "AdaptiveCard",
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    version: "1.5",
    body: [
      heading(standing, texts),
      ...standingLines(asked, standing, texts),
      labelled(texts.tool, asked.action.tool),
      ours(isOver(standing) ? texts.runsNot : texts.runs, { weight: "Bolder", spacing: "Medium" }),
      { type: "Container", style: "emphasis", items: argumentLines(asked, texts) },
      ...requesterLines(asked, texts),
      ...targetLines(asked, texts),
      labelled(texts.agent, asked.action.agent),
      ours(texts.claim, { isSubtle: true, spacing: "Medium" }),
      richText([run(visible(asked.reason), { isSubtle: true })]),
      labelled(texts.digest, shortDigest(asked.digest)),
      labelled(texts.expires, texts.moment(asked.expiresAt)),
      ours(texts.quorum(asked.quorum), {}),
      ...(standing.kind === "open" ? [buttons(asked, texts)] : []), // C4
    ],
  };
}

/** The size of a card on the wire, in bytes of UTF-8. */
export const cardBytes = (card: Card): number =>
  new TextEncoder().encode(JSON.stringify(card)).byteLength;

/** How people speak of an action: `#` and the digest's first six characters. */
export const shortDigest = (digest: string): string => `#${digest.slice(0, 6)}`;

/**
 * Text with every character that cannot be seen, or that changes how its neighbours are shown (line
 * breaks, bidirectional controls, zero-width characters, unusual spaces), written as `\u{…}`.
 */
export const visible = (text: string): string =>
  text.replace(
    /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );

/** Decided, and not for it: what was asked for will not run. */
const isOver = ({ kind }: Standing): boolean => kind === "refused" || kind === "expired";

/** C4. */
function heading(standing: Standing, texts: Texts): Card {
  const large = { size: "Large", weight: "Bolder" };
  switch (standing.kind) {
    case "open":
    case "counted":
      return ours(texts.title, large);
    case "granted":
      return ours(texts.titleGranted, { ...large, color: "Good" });
    case "refused":
      return ours(texts.titleRefused, { ...large, color: "Attention" });
    case "expired":
      return ours(texts.titleExpired, { ...large, color: "Warning" });
  }
}

function standingLines(asked: Asked, standing: Standing, texts: Texts): readonly Card[] {
  switch (standing.kind) {
    case "open":
      return [];
    case "counted":
      return [
        ours(texts.counted(standing.votes, asked.quorum), {
          ...{ weight: "Bolder", size: "Medium", color: "Good" },
        }),
      ];
    case "granted":
      return [...standing.by.map((name) => labelled(texts.by, visible(name)))];
    case "refused":
      return [
        ours(texts.refusals[standing.code], {}),
        ...(standing.by === undefined ? [] : [labelled(texts.by, visible(standing.by))]),
      ];
    case "expired":
      return [ours(texts.expired, {})];
  }
}

export function argumentLines({ action }: Pick<Asked, "action">, texts: Texts): readonly Card[] {
  const named = Object.entries(action.arguments);
  if (named.length === 0) return [ours(texts.noArguments, { isSubtle: true })];
  return named.map(([name, value]) =>
    richText([
      run(`${visible(name)} = `, { weight: "Bolder", fontType: "Monospace" }),
      run(visible(canonicalJson(value)), { fontType: "Monospace" }), // C1
    ]),
  );
}

export function requesterLines(
  { requester }: Pick<Asked, "requester">,
  texts: Texts,
): readonly Card[] {
  const known = requester.assurance === "verified";
  const badge = known ? ours(texts.verified, { color: "Good" }) : warning(texts.unverified);
  return [...requesterName(texts.requester, requester), badge];
}

/** An unverified requester has no name, only the address that somebody gave. */
const requesterName = (label: string, requester: Asked["requester"]): readonly Card[] =>
  requester.assurance === "verified"
    ? personLines(label, requester)
    : [
        labelled(label, visible(requester.claims)),
        richText([run(visible(requester.application.name), { fontType: "Monospace" })]),
      ];

export function targetLines({ target }: Pick<Asked, "target">, texts: Texts): readonly Card[] {
  if (target === undefined) return [];
  return [
    ...personLines(texts.target, target),
    ...(target.vip ? [warning(texts.vip)] : []),
    ...(target.privileged ? [warning(texts.privileged)] : []),
    ...(target.enabled ? [] : [warning(texts.disabled)]),
  ];
}

/** Name and user principal name on lines of their own, so that a name cannot imitate a badge. */
const personLines = (
  label: string,
  person: { readonly displayName: string; readonly userPrincipalName: string },
): readonly Card[] => [
  labelled(label, visible(person.displayName)),
  richText([run(visible(person.userPrincipalName), { fontType: "Monospace" })]),
];

function buttons({ actionId, digest }: Asked, texts: Texts): Card {
  const button = (verb: string, title: string, style: string): Card => ({
    type: "Action.Execute",
    verb,
    title,
    style,
    data: { actionId, digest }, // C3
  });
  return {
    type: "ActionSet",
    spacing: "Large",
    actions: [
      button("grant", texts.grant, "positive"),
      button("refuse", texts.refuse, "destructive"),
    ],
  };
}

/** One of our own texts. Never anything somebody else wrote (C2). */
export const ours = (text: string, look: Card): Card => ({
  type: "TextBlock",
  text,
  wrap: true,
  ...look,
});

const warning = (text: string): Card => ours(text, { weight: "Bolder", color: "Attention" });

const richText = (inlines: readonly Card[]): Card => ({ type: "RichTextBlock", inlines });
const run = (text: string, look: Card): Card => ({ type: "TextRun", text, ...look });

/** The label brings its own colon: what stands before one differs by language. */
export const labelled = (label: string, text: string): Card =>
  richText([run(`${label} `, { weight: "Bolder" }), run(text, {})]);
