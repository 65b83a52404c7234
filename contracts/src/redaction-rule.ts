// What a redaction rule is, and how what it found is told from prose and from placeholders. Pure.

export interface RedactionRule {
  readonly name: string;
  /** Global. Where it has a group `secret`, only that is replaced; otherwise the whole match. */
  readonly pattern: RegExp;
  /** Whether what was found is a credential after all; without it, it is. */
  readonly holds?: (secret: string) => boolean;
}

/** A word as ordinary prose has it, with no digit and no capital inside. */
export const looksLikeProse = (word: string): boolean => /^\p{L}\p{Ll}*[.,;:!?]*$/u.test(word);

/** Has what ordinary words have not: a digit, a sign, a capital inside. */
export const looksMadeUp = (word: string): boolean =>
  !looksLikeProse(word) && /[\d\p{S}!?#&%@*_]|\p{Ll}\p{Lu}/u.test(word);

/**
 * What stands where a credential would: a variable of a shell or a template, a row of the same character,
 * or words that say so. Ask it only about keys; a person's password may well be "example1".
 */
export const isPlaceholder = (text: string): boolean =>
  /^[<{$%`[(]|(.)\1{4}|example|placeholder|dummy|redacted|changeme|your[_-]|here$/i.test(text);

// Bits a character. Text of 16 characters and more that nobody thought up has at least this; most words,
// counted rows and repeated parts have less.
const randomBitsMin = 3.2;

/** A key as a machine draws it: long, of letters and digits, hardly a character twice as often as another. */
export const looksRandom = (text: string): boolean =>
  text.length >= 16 &&
  /\d\D*\d/.test(text) &&
  /\p{L}/u.test(text) &&
  !isPlaceholder(text) &&
  bitsPerCharacter(text.slice(0, 256)) >= randomBitsMin;

/** Of both cases, with several digits. */
export const looksEncoded = (text: string): boolean =>
  looksRandom(text) && /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d\D*\d\D*\d/.test(text);

function bitsPerCharacter(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()]
    .map((count) => count / text.length)
    .reduce((bits, share) => bits - share * Math.log2(share), 0);
}
