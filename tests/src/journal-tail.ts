// The bus journal as it grows: every message the bus has stored, at once and even while audit is down.

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { z } from "zod";

const Line = z.looseObject({ topic: z.string(), base64: z.string() });
const Envelope = z.looseObject({ type: z.string(), ticket: z.string().optional() });

export interface Journalled {
  readonly topic: string;
  readonly type: string;
  readonly ticket: string | undefined;
}

/** @returns a function that answers with all messages so far; it reads only what is new. */
export function journalTail(file: string): () => readonly Journalled[] {
  const seen: Journalled[] = [];
  let at = 0;
  let rest = "";
  return () => {
    const size = statSync(file).size;
    const bytes = Buffer.alloc(Math.max(0, size - at));
    const descriptor = openSync(file, "r");
    try {
      at += readSync(descriptor, bytes, 0, bytes.length, at);
    } finally {
      closeSync(descriptor);
    }
    const lines = (rest + bytes.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const { topic, base64 } = Line.parse(JSON.parse(line));
      // An AMQP message ends with its body, and ours are JSON objects.
      const text = Buffer.from(base64, "base64").toString("utf8");
      const start = text.indexOf('{"specversion"');
      if (start === -1) continue;
      const { type, ticket } = Envelope.parse(JSON.parse(text.slice(start)));
      seen.push({ topic, type, ticket });
    }
    return seen;
  };
}
