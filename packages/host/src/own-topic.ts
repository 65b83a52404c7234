// Sends commands to a service's own topic, from its HTTP door and its effects.

import { backOffMs, pause } from "./back-off.ts";
import type { EngineParts } from "./binding.ts";
import { BusUnavailable } from "./bus-unavailable.ts";
import type { OutgoingCommand } from "./host.ts";
import { traceOfKey } from "./key-trace.ts";
import { kindOf, outgoingOf } from "./outgoing.ts";
import { activeTraceparent, isSameTrace, tracedSend } from "./tracing.ts";

/** A caller waits for the bus no longer than this. */
const sendMs = 8000;

/**
 * Validates a command with its contract and publishes it. A publish that failed is repeated under the same id.
 * @throws BusUnavailable when the bus did not confirm within `sendMs`.
 * @throws InvalidOutput on a command its own schema refuses, or on an event: only actors decide those.
 */
export function commandSender(parts: EngineParts): (command: OutgoingCommand) => Promise<void> {
  return async (command) => {
    const around = {
      ...aroundOf(command, parts.now()),
      traceparent: await traceOf(parts, command),
    };
    const outgoing = outgoingOf(parts.contract, around, command);
    if (kindOf(parts.contract, command.type) === "event")
      throw new TypeError(`${command.type} is an event, and only an actor decides events`);
    const until = performance.now() + sendMs;
    const { topic } = parts.contract;
    for (let failures = 0; ; failures++) {
      try {
        return await tracedSend(topic, [outgoing], () => parts.publisher.publish([outgoing]));
      } catch (error) {
        const waitMs = backOffMs(failures);
        const isOver = performance.now() + waitMs > until || parts.closing.aborted;
        if (!(error instanceof BusUnavailable) || isOver) throw error;
        await pause(waitMs, parts.closing);
      }
    }
  };
}

const aroundOf = (command: OutgoingCommand, now: Date) => ({
  id: command.id,
  subject: command.subject,
  now,
  customer: command.customer,
  ticket: command.ticket,
  correlationid: command.correlationid ?? command.ticket ?? command.id,
  causationid: command.causationid,
  sequence: 0,
});

/** A command about a ticket goes on in its trace, and its span links to whoever sends it from another. */
async function traceOf(
  { store }: EngineParts,
  { customer, ticket, subject }: OutgoingCommand,
): Promise<string | undefined> {
  const active = activeTraceparent();
  const its = ticket === undefined ? undefined : await traceOfKey(store, customer, subject);
  return its === undefined || isSameTrace(its, active) ? active : its;
}
