// A received message as the rules of a subscription see it.

import type { MessageView } from "../entities/rule-evaluation.ts";
import type { IncomingMessage } from "../wire/incoming-message.ts";
import { textOf } from "./value.ts";

export interface Arrival {
  /** Milliseconds since 1970. */
  readonly enqueuedAt: number;
  readonly sequenceNumber: number;
}

/** One view serves every subscription of the topic. */
export function viewMessage(message: IncomingMessage, arrival: Arrival): MessageView {
  const properties = message.applicationProperties;
  let spellings: ReadonlyMap<string, string> | undefined;
  const spelling = (name: string): string | undefined => {
    if (properties.has(name)) return name;
    spellings ??= new Map([...properties.keys()].map((key) => [key.toLowerCase(), key]));
    return spellings.get(name.toLowerCase());
  };
  return {
    system(name) {
      if (name !== "partitionKey") return message.system[name];
      const encoded = message.annotations.get("x-opt-partition-key");
      return encoded === undefined ? undefined : textOf(encoded);
    },
    timeToLiveMs: message.timeToLiveMs,
    scheduledFor: message.scheduledFor,
    enqueuedAt: arrival.enqueuedAt,
    sequenceNumber: arrival.sequenceNumber,
    sizeInBytes: message.raw.length,
    property(name) {
      const exact = properties.get(name);
      if (exact !== undefined) return exact;
      const found = spelling(name);
      return found === undefined ? undefined : properties.get(found);
    },
    spelling,
  };
}
