// Bytes as text, and back, without the leniency of JavaScript's own readers: what is read is written again and
// must be the same, so every value has one form only.

const utf8 = new TextEncoder();
// Neither keeps anything between two calls.
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const bytesOf = (text: string): Uint8Array => utf8.encode(text);

export const base64Of = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** The text of UTF-8 bytes, and `undefined` where they are none. A byte order mark is kept: it is content. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** RFC 4648 section 4 with padding, in its one canonical form; anything else is `undefined`. */
export function fromBase64(text: string): Uint8Array | undefined {
  // Buffer.from skips what it cannot read and ignores stray bits at the end, so the text is made again.
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

/** Lower-case hexadecimal of exactly `length` bytes; anything else is `undefined`. */
export function fromHex(text: string, length: number): Uint8Array | undefined {
  if (text.length !== 2 * length || !/^[0-9a-f]*$/.test(text)) return undefined;
  return Buffer.from(text, "hex");
}

/** A number in decimal without sign, space or leading zero, up to 2^53−1; anything else is `undefined`. */
export function fromDecimal(text: string): number | undefined {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

export const isSameBytes = (one: Uint8Array, other: Uint8Array): boolean =>
  Buffer.compare(one, other) === 0;
