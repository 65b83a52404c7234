// The languages that people are answered in. What a person is answered in never decides what may run:
// no policy sees it.

import { z } from "zod";

export const languages = ["en", "de", "fr", "it"] as const;

/** A primary language subtag of BCP 47 (RFC 5646, section 2.2.1). */
export const Language = z.enum(languages);
export type Language = z.infer<typeof Language>;

/** For people whose language is not known, or is none of ours. */
export const defaultLanguage: Language = "en";

/** The language of a tag such as `de-CH`; undefined where it is none of ours. */
export const languageOf = (tag: string | null | undefined): Language | undefined =>
  Language.safeParse(tag?.split("-")[0]?.toLowerCase()).data;
