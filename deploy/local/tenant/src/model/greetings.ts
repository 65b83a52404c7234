// By what a text of the emulated model shows its language: each of its texts for a requester begins with
// the greeting of its language.

import { languages } from "./understanding.ts";

const anyName = "\u0000";

/** The language of a text that this model wrote to a requester; undefined for any other text. */
export const languageOfReply = (text: string): string | undefined =>
  languages.find(({ say }) => text.startsWith(say.greeting(anyName).split(anyName)[0] ?? anyName))
    ?.code;
