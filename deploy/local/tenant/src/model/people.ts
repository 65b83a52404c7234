// Whom a sentence speaks of. A name alone becomes first.last@<the requester's domain>, because no tool
// searches the directory by name.

import type { Language } from "./language.ts";

const address = /[\p{L}\d._%+'-]{1,64}@[\p{L}\d-]{1,63}(?:\.[\p{L}\d-]{1,63})+/gu;
const word = String.raw`\p{Lu}[\p{Ll}]+(?:[-'’]\p{Lu}[\p{Ll}]+)?`;
const name = String.raw`(${word})\s+(${word})`;
const peopleMax = 4;

/** User principal names in the order in which they are mentioned, each once. */
export function peopleIn(sentence: string, language: Language, domain: string): string[] {
  const addresses = [...sentence.matchAll(address)].map(([found]) => found.toLowerCase());
  const named = domain === "" ? [] : namesIn(sentence, language).map((one) => at(one, domain));
  return [...new Set([...addresses, ...named])].slice(0, peopleMax);
}

function namesIn(sentence: string, { person }: Language): (readonly [string, string])[] {
  const introduced = new RegExp(`(?:${person.introductions.source})${name}`, "gu");
  const possessed = new RegExp(`${name}(?=${person.possessive.source})`, "gu");
  return [introduced, possessed]
    .flatMap((pattern) => [...sentence.matchAll(pattern)])
    .map((match): readonly [string, string] => [match.at(-2) ?? "", match.at(-1) ?? ""])
    .filter((parts) => parts.every((part) => !person.notNames.has(part.toLowerCase())));
}

const at = ([first, last]: readonly [string, string], domain: string): string =>
  `${plain(first)}.${plain(last)}@${domain}`;

const umlauts: Readonly<Record<string, string>> = { ä: "ae", ö: "oe", ü: "ue", ß: "ss" };

const plain = (part: string): string =>
  part
    .toLowerCase()
    .replaceAll(/[äöüß]/g, (letter) => umlauts[letter] ?? letter)
    .normalize("NFD")
    .replaceAll(/[^a-z-]/g, "");
