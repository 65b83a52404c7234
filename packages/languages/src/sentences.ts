// A sentence of ours in a person's language, and a moment as people there write it. Pure.
//
// Invariants:
//   L1. Every sentence exists in every language, with the same placeholders.
//   L2. No sentence has a character that Markdown gives a meaning to.

import type { Language } from "@niivo/contracts/language";
import IntlMessageFormat from "intl-messageformat";
import { de } from "./de.ts";
import { type Catalogue, en, type SentenceKey } from "./en.ts";
import { fr } from "./fr.ts";
import { it } from "./it.ts";

export const catalogues: Readonly<Record<Language, Catalogue>> = { en, de, fr, it };

/** What must be given with a sentence: numbers and ids of ours. No text of others gets into a sentence. */
interface Values {
  readonly "card.quorum": { readonly people: number };
  readonly "card.counted": { readonly votes: number; readonly quorum: number };
  /** The beginning of the ticket's id. */
  readonly "ticket.opened": { readonly ticket: string };
}

/** The sentences that need nothing given with them. */
export type PlainKey = Exclude<SentenceKey, keyof Values>;

type ValuesOf<Key extends SentenceKey> = Key extends keyof Values ? [Values[Key]] : [];

/** The customers are Swiss: this decides how dates, times and numbers are written. */
const locales: Readonly<Record<Language, string>> = {
  ...{ en: "en-GB", de: "de-CH" },
  ...{ fr: "fr-CH", it: "it-CH" },
};
const timeZone = "Europe/Zurich";

/** The sentence of that key. */
export function sentence<Key extends SentenceKey>(
  language: Language,
  key: Key,
  ...[values]: ValuesOf<Key>
): string {
  const message = new IntlMessageFormat(catalogues[language][key], locales[language], undefined, {
    ignoreTag: true,
  });
  return String(message.format({ ...values }));
}

const moments: Readonly<Record<Language, Intl.DateTimeFormat>> = {
  ...{ en: momentsIn("en"), de: momentsIn("de") },
  ...{ fr: momentsIn("fr"), it: momentsIn("it") },
};

/** An ISO 8601 timestamp as the time in Zurich, to the minute and with its offset's name. */
export const moment = (language: Language, timestamp: string): string =>
  moments[language].format(new Date(timestamp));

function momentsIn(language: Language): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(locales[language], {
    ...{ day: "numeric", month: "long", year: "numeric" },
    ...{ hour: "2-digit", minute: "2-digit", timeZoneName: "short", timeZone },
  });
}
