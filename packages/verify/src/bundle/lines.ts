// The lines of a file as bytes, one after the other, whatever the file's length.

import { createReadStream } from "node:fs";

const newline = 0x0a;

export interface Line {
  /** Without its line feed. */
  readonly bytes: Uint8Array;
  /** Whether a line feed ended it. The last line of a file may lack one. */
  readonly isEnded: boolean;
}

/** Longer lines are cut here, and what was cut is no entry. */
const lineBytesMax = 1024 * 1024;

/** @param onBytes sees all bytes of the file in their order. */
export async function* linesOf(
  path: string,
  onBytes: (bytes: Uint8Array) => void = () => {},
): AsyncGenerator<readonly Line[]> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    const bytes = Buffer.from(chunk);
    onBytes(bytes);
    const whole = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const lines: Line[] = [];
    let from = 0;
    for (let at = whole.indexOf(newline); at >= 0; at = whole.indexOf(newline, from)) {
      lines.push({ bytes: whole.subarray(from, at), isEnded: true });
      from = at + 1;
    }
    rest = whole.subarray(from);
    if (rest.length > lineBytesMax) {
      lines.push({ bytes: rest.subarray(0, lineBytesMax), isEnded: false });
      rest = Buffer.alloc(0);
    }
    yield lines;
  }
  if (rest.length > 0) yield [{ bytes: rest, isEnded: false }];
}
