// The way of one delivery through the process: parse, handle in a span, publish a dead-lettering, settle.

import type { Envelope } from "@niivo/contracts/envelope";
import { pathOf } from "@niivo/contracts/topology";
import type { Handle, HostParts } from "./binding.ts";
import type { Settlement } from "./bus.ts";
import { messageReader, type ReadMessage } from "./read-message.ts";
import { type Outcome, settlementOf } from "./settlement.ts";
import { tracedProcess } from "./tracing.ts";

/** @param work handles one parsed message; it does not throw. */
export function receiving(
  parts: HostParts,
  work: (envelope: Envelope, traceparent: string | undefined) => Promise<Outcome>,
): Handle {
  const readers = new Map<string, ReturnType<typeof messageReader>>();
  return async (subscription, delivery) => {
    const path = pathOf(subscription);
    const reader = readers.get(path) ?? messageReader(subscription);
    readers.set(path, reader);
    const read = reader(delivery.body, parts.now());
    const outcome: Outcome =
      read.kind === "message"
        ? await tracedProcess(
            subscription,
            { envelope: read.envelope, deliveryCount: delivery.deliveryCount, now: parts.now() },
            (traceparent) => work(read.envelope, traceparent),
          )
        : read;
    switch (outcome.kind) {
      case "handled":
        return settlementOf(outcome);
      case "poison": {
        const { code, detail } = outcome;
        const about = hintsOf(read);
        const told = await parts.deadLetters({ subscription, delivery, code, detail, ...about });
        parts.log.error({ path, messageId: delivery.messageId, code, detail }, "poison");
        return told.kind === "handled" ? settlementOf(outcome) : gaveUp(parts, told); // H6
      }
      case "transient":
      case "fatal":
        return gaveUp(parts, outcome);
    }
  };
}

const hintsOf = (
  read: ReadMessage,
): { envelope?: Envelope; customer?: string; messageType?: string } => {
  const { envelope } = read;
  const customer = read.kind === "message" ? read.envelope.customer : read.customer;
  const messageType = read.kind === "message" ? read.envelope.type : read.type;
  return {
    ...(envelope === undefined ? {} : { envelope }),
    ...(customer === undefined ? {} : { customer }),
    ...(messageType === undefined ? {} : { messageType }),
  };
};

function gaveUp(
  { log, onFatal }: HostParts,
  outcome: Exclude<Outcome, { kind: "handled" }>,
): Settlement {
  if (outcome.kind === "fatal") onFatal(outcome.error);
  else
    log.warn({ outcome }, "released without settlement; it comes again when its lock has run out");
  return { kind: "release" };
}
