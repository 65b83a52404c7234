// Which language a person is answered in.

import { expect, test } from "vitest";
import { languageOf } from "./language.ts";

test.each([
  ["de", "de"],
  ["de-CH", "de"],
  ["FR-ch", "fr"],
  ["it-IT", "it"],
  ["en-US", "en"],
  ["rm-CH", undefined],
  ["deu", undefined],
  ["", undefined],
  [null, undefined],
  [undefined, undefined],
])("%s is answered in %s", (tag, language) => expect(languageOf(tag)).toBe(language));
