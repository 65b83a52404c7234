// A temporary password: long, of all character classes, and readable aloud.

import { randomInt } from "node:crypto";

/** About 138 bits: 24 characters out of 64 less what the fixed classes cost. */
export const passwordLength = 24;

// Without the characters that people confuse: 0 O o, 1 l I, and quotes that a form may change.
const classes = [
  "ABCDEFGHJKLMNPQRSTUVWXYZ",
  "abcdefghijkmnpqrstuvwxyz",
  "23456789",
  "!#%*+-=?@",
] as const;
const all = classes.join("");

/** A new password from the system's cryptographic randomness, with every class at least once. */
export function generatedPassword(): string {
  const characters = [
    ...classes.map((one) => pick(one)),
    ...Array.from({ length: passwordLength - classes.length }, () => pick(all)),
  ];
  return shuffled(characters).join("");
}

const pick = (alphabet: string): string => alphabet.charAt(randomInt(alphabet.length));

// Otherwise the first four characters would tell their classes (Fisher and Yates).
function shuffled(items: readonly string[]): readonly string[] {
  const left = [...items];
  return items.flatMap(() => left.splice(randomInt(left.length), 1));
}
