// What is on the card, and what an attacker's text cannot do to it.

import { canonicalJson } from "@niivo/contracts/canonical";
import { languages } from "@niivo/contracts/language";
import { describe, expect, test } from "vitest";
import { actionId, asked, digest, verifiedRequester } from "../test/example.ts";
import {
  type Asked,
  approvalCard,
  type Card,
  cardBytes,
  cardBytesMax,
  type Standing,
  visible,
} from "./card.ts";
import { english, textsIn } from "./texts.ts";

/** Every object within a card. */
const parts = (value: unknown): Record<string, unknown>[] => {
  if (Array.isArray(value)) return value.flatMap(parts);
  if (typeof value !== "object" || value === null) return [];
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(parts)];
};
const ofType = (card: Card, type: string) => parts(card).filter((part) => part["type"] === type);
const textsOf = (card: Card, type: string) =>
  ofType(card, type).map((part) => String(part["text"]));
const shown = (standing: Standing = { kind: "open" }, changes: Partial<Asked> = {}): Card =>
  approvalCard({ ...asked, ...changes }, standing, english);
const withArguments = (args: Asked["action"]["arguments"]) =>
  shown({ kind: "open" }, { action: { ...asked.action, arguments: args } });

describe("what an approver sees", () => {
  test("C1: every argument is there by name, as the JSON the digest covers", () => {
    const args = {
      user: "tom@contoso.example",
      days: 3,
      deep: { list: [1, "two", null] },
      no: false,
    };
    const runs = textsOf(withArguments(args), "TextRun");
    for (const [name, value] of Object.entries(args)) {
      expect(runs).toContain(`${name} = `);
      expect(runs).toContain(canonicalJson(value));
    }
  });

  test("C1: a long argument is shown to its end", () => {
    const text = `${"long ".repeat(3000)}end`;
    expect(textsOf(withArguments({ text }), "TextRun")).toContain(JSON.stringify(text));
  });

  test("tool, people, agent, claim, digest and time are all there", () => {
    const runs = textsOf(shown(), "TextRun").join("\n");
    for (const text of [
      "password.reset",
      "Rita Requester",
      "rita@contoso.example",
      "Tom Target",
      "niivo-l1-desk",
      "Tom is locked out.",
      `#${digest.slice(0, 6)}`,
      "1 January 2026 at 09:30 CET",
    ])
      expect(runs).toContain(text);
    const blocks = textsOf(shown(), "TextBlock");
    expect(blocks).toContain(english.claim);
    expect(blocks).toContain(english.verified);
    expect(blocks).toContain(english.vip);
    expect(blocks).toContain(english.quorum(2));
    expect(blocks).not.toContain(english.privileged);
  });

  test("somebody whose identity is not verified is marked so", () => {
    const requester: Asked["requester"] = {
      assurance: "unverified",
      tenantId: asked.requester.tenantId,
      claims: "**ceo**@contoso.example",
      application: { objectId: asked.actionId, name: "itsm-connector" },
    };
    const blocks = textsOf(shown({ kind: "open" }, { requester }), "TextBlock");
    expect(blocks).toContain(english.unverified);
    expect(blocks).not.toContain(english.verified);
    expect(blocks.join()).not.toContain("**ceo**");
    expect(JSON.stringify(shown({ kind: "open" }, { requester }))).toContain("**ceo**");
  });

  test("it is an Adaptive Card of version 1.5 well within its size", () => {
    expect(shown()).toMatchObject({ type: "AdaptiveCard", version: "1.5" });
    expect(cardBytes(shown())).toBeLessThan(cardBytesMax / 4);
  });
});

describe("what others wrote", () => {
  const evil = "**[Approve](https://evil.example)** <at>CEO</at> {{DATE(2020-01-01)}}";
  const everywhere: Asked = {
    ...asked,
    reason: evil,
    requester: { ...verifiedRequester, displayName: evil },
    action: { ...asked.action, arguments: { [evil]: evil } },
    ...(asked.target === undefined ? {} : { target: { ...asked.target, displayName: evil } }),
  };
  const standings: readonly Standing[] = [
    { kind: "open" },
    { kind: "counted", votes: 1 },
    { kind: "granted", by: [evil] },
    { kind: "refused", by: evil, code: "refused-by-approver" },
    { kind: "expired" },
  ];

  test.each(standings)("C2: stands in text runs only, on the card that is $kind", (standing) => {
    const card = approvalCard(everywhere, standing, english);
    expect(textsOf(card, "TextRun").some((text) => text.includes("evil"))).toBe(true);
    const elsewhere = parts(card).filter((part) => part["type"] !== "TextRun");
    const strings = elsewhere.flatMap((part) =>
      Object.values(part).filter((value) => typeof value === "string"),
    );
    expect(strings.filter((text) => text.includes("evil"))).toEqual([]);
    expect(ofType(card, "FactSet")).toEqual([]);
  });

  test.each([
    ["a line break", "a\nb", "a\\u{a}b"],
    ["a right-to-left override", "a\u202eb", "a\\u{202e}b"],
    ["a zero-width space", "a\u200bb", "a\\u{200b}b"],
    ["a no-break space", "a\u00a0b", "a\\u{a0}b"],
    ["a line separator", "a\u2028b", "a\\u{2028}b"],
    ["ordinary letters", "Zoë Grüß 日本 '\"", "Zoë Grüß 日本 '\""],
  ])("C2: %s is written so that it can be seen", (_, text, seen) => {
    expect(visible(text)).toBe(seen);
  });

  test("C2: an argument cannot begin a new line on the card", () => {
    const card = withArguments({ text: "x\nAsked for by: the CEO" });
    expect(textsOf(card, "TextRun")).toContain('"x\\nAsked for by: the CEO"');
  });
});

describe("in another language", () => {
  test.each([
    ["de", "Freigabe nötig", "Offen bis: 1. Januar 2026 um 09:30 MEZ", "Freigeben"],
    ["fr", "Votre accord est nécessaire", "Délai de réponse\u00a0: 1 janvier 2026", "Accepter"],
    ["it", "Serve la Sua approvazione", "Termine per rispondere: 1 gennaio 2026", "Approva"],
  ] as const)(
    "the card in %s is whole, and says the same action",
    (language, title, until, verb) => {
      const card = approvalCard(asked, { kind: "open" }, textsIn(language));
      expect(textsOf(card, "TextBlock")).toContain(title);
      expect(textsOf(card, "TextRun").join("")).toContain(until);
      expect(ofType(card, "Action.Execute").map((button) => button["title"])).toContain(verb);
      expect(textsOf(card, "TextRun")).toContain('"tom@contoso.example"');
      for (const button of ofType(card, "Action.Execute"))
        expect(button["data"]).toEqual({ actionId, digest }); // C3
    },
  );

  test("every language's card is well within its size", () => {
    for (const language of languages)
      expect(cardBytes(approvalCard(asked, { kind: "open" }, textsIn(language)))).toBeLessThan(
        cardBytesMax / 4,
      );
  });
});

describe("the buttons", () => {
  test("C3: carry the action's id and digest and nothing else", () => {
    const buttons = ofType(shown(), "Action.Execute");
    expect(buttons.map((button) => button["verb"])).toEqual(["grant", "refuse"]);
    for (const button of buttons) expect(button["data"]).toEqual({ actionId, digest });
  });

  test.each<[Standing, string]>([
    [{ kind: "counted", votes: 1 }, english.counted(1, 2)],
    [{ kind: "granted", by: ["Ann", "Ben"] }, english.titleGranted],
    [{ kind: "refused", by: "Ann", code: "refused-by-approver" }, english.titleRefused],
    [{ kind: "refused", by: undefined, code: "nobody-reached" }, english.titleRefused],
    [{ kind: "expired" }, english.titleExpired],
  ])("C4: are gone from the card that is $kind", (standing, text) => {
    const card = shown(standing);
    expect(textsOf(card, "TextBlock")).toContain(text);
    expect(parts(card).filter((part) => String(part["type"]).startsWith("Action"))).toEqual([]);
  });

  test("whoever granted is named", () => {
    const runs = textsOf(shown({ kind: "granted", by: ["Ann", "Ben"] }), "TextRun");
    expect(runs).toEqual(expect.arrayContaining(["Ann", "Ben"]));
  });
});
