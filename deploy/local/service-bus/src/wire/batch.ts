// A batched transfer: message format 0x80013700, whose data sections each hold a whole message.

import { readSections, section, WireError } from "./sections.ts";

export const BATCH_FORMAT = 0x80013700;

/** The encoded messages of a batch. Throws `WireError` when it holds anything else. */
export function splitBatch(raw: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (const part of readSections(raw)) {
    if (part.code !== section.data) continue; // The envelope repeats the first message's fields.
    messages.push(binaryOf(raw.subarray(part.valueStart, part.end)));
  }
  if (messages.length === 0) throw new WireError("the batch is empty");
  return messages;
}

function binaryOf(encoded: Buffer): Buffer {
  if (encoded[0] === 0xa0) return encoded.subarray(2);
  if (encoded[0] === 0xb0) return encoded.subarray(5);
  throw new WireError("a batch entry is not binary");
}
