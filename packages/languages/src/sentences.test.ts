// The catalogues: complete, alike in their placeholders, and safe where Markdown is interpreted.

import { type Language, languages } from "@niivo/contracts/language";
import IntlMessageFormat from "intl-messageformat";
import { describe, expect, test } from "vitest";
import { en } from "./en.ts";
import { catalogues, moment, sentence } from "./sentences.ts";

type Node = ReturnType<IntlMessageFormat["getAst"]>[number];

/** `name:type` of every placeholder within a message, in order of the alphabet. */
function placeholders(message: string, language: Language): string[] {
  const found = new Set<string>();
  const walk = (nodes: readonly Node[]): void => {
    for (const node of nodes) {
      if (node.type === 0 || node.type === 7) continue; // Literal text, and `#` within a plural.
      found.add(`${node.value}:${node.type}`);
      if ("options" in node) for (const { value } of Object.values(node.options)) walk(value);
    }
  };
  walk(new IntlMessageFormat(message, language, undefined, { ignoreTag: true }).getAst());
  return [...found].sort();
}

const keys = Object.keys(en) as (keyof typeof en)[];
const others = languages.filter((language) => language !== "en");

describe.each(languages)("%s", (language) => {
  test("L1: no key is missing and none is too many", () => {
    expect(Object.keys(catalogues[language]).sort()).toEqual([...keys].sort());
  });

  test("L1: every sentence has the placeholders of the English one", () => {
    for (const key of keys)
      expect(placeholders(catalogues[language][key], language), key).toEqual(
        placeholders(en[key], "en"),
      );
  });

  test("L2: no sentence has a character of Markdown, a tag, or space at its ends", () => {
    for (const key of keys) {
      expect(catalogues[language][key], key).not.toMatch(/[*_`[\]<>#~|\\](?! )/u);
      expect(catalogues[language][key].trim(), key).toBe(catalogues[language][key]);
      expect(catalogues[language][key], key).not.toBe("");
    }
  });
});

test("no language but English says what English says, short words aside", () => {
  const shared = new Set(["card.vip", "card.agent"]);
  for (const language of others)
    for (const key of keys.filter((one) => !shared.has(one)))
      expect(catalogues[language][key], `${language} ${key}`).not.toBe(en[key]);
});

test("French has a space that does not break before its high signs, and only there", () => {
  expect(Object.values(catalogues.fr).join("\n")).not.toMatch(/[^\u00a0\u202f][:;?!]/u);
});

test("German is spelled as in Switzerland", () => {
  expect(JSON.stringify(catalogues.de)).not.toContain("ß");
});

test.each([
  ["en", "One person decides.", "2 people must grant it."],
  ["de", "Eine Person entscheidet.", "2 Personen müssen zustimmen."],
  ["fr", "Une seule personne décide.", "L’accord de 2 personnes est nécessaire."],
  ["it", "Decide una sola persona.", "Devono approvare 2 persone."],
] as const)("%s counts people by its own rules", (language, one, two) => {
  expect(sentence(language, "card.quorum", { people: 1 })).toBe(one);
  expect(sentence(language, "card.quorum", { people: 2 })).toBe(two);
});

test.each([
  ["en", "1 January 2026 at 09:30 CET"],
  ["de", "1. Januar 2026 um 09:30 MEZ"],
  ["fr", "1 janvier 2026 à 09:30 UTC+1"],
  ["it", "1 gennaio 2026 alle ore 09:30 CET"],
] as const)("%s writes the time in Zurich", (language, text) => {
  expect(moment(language, "2026-01-01T08:30:00.000Z")).toBe(text);
});

test("in summer the time in Zurich is two hours ahead of UTC", () => {
  expect(moment("de", "2026-07-01T08:30:00.000Z")).toBe("1. Juli 2026 um 10:30 MESZ");
});
