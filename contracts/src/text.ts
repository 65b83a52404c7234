// Cutting text to a limit. Pure.

/**
 * At most `charactersMax` UTF-16 code units of a text, ending in an ellipsis where it was cut. The answer
 * is well formed: half of a surrogate pair becomes U+FFFD, because canonical JSON (RFC 8785) has no place
 * for it and a digest could not be computed.
 */
export function cut(text: string, charactersMax: number): string {
  const wellFormed = text.toWellFormed();
  if (wellFormed.length <= charactersMax) return wellFormed;
  return `${wellFormed.slice(0, charactersMax - 1).toWellFormed()}…`;
}
