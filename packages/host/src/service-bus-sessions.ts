// Receiving with sessions: a few requests for the next free session are always open, each session that is granted is
// read in order, one message at a time, and kept for a moment after its last, because opening one costs more
// than a message.

import type { ServiceBusSessionReceiver } from "@azure/service-bus";
import { pathOf } from "@niivo/contracts/topology";
import { backOffMs, pause } from "./back-off.ts";
import type { Receiving } from "./bus.ts";
import { deliveryOf, type Reading, settle } from "./service-bus-delivery.ts";
import { fatalOf, isLockLost, isNoSession } from "./service-bus-errors.ts";
import { limited } from "./time-limit.ts";

/** Sessions in work at once, per subscription. */
const sessionsMax = 64;
/** Requests for a next session: more would only wait beside each other. */
const acceptsMax = 2;
/**
 * Longer than a request waits at the bus (`retryOptions` in `service-bus.ts`). One that went down with its connection is
 * never answered, and the library would wait for it for a minute or more: with `acceptsMax` of those, nothing is read.
 */
const acceptMs = 12_000;
/** The end of a link that went down with its connection is not answered either. */
const closeMs = 5000;
/** A session is kept open for this long after its last message. */
const idleMs = 1500;
/** With so many sessions open, those that have nothing to do make room for others sooner. */
const crowdedAt = sessionsMax / 2;
const crowdedIdleMs = 200;
/** The library renews a session's lock for a fixed time from its opening; a busy session is opened anew. */
const sessionAgeMaxMs = 5 * 60 * 1000;
/** Covers a session's age and one message that is held at its end (`holdMs` in `service.ts`). */
const lockRenewalMs = 15 * 60 * 1000;

export function receiveSessions(reading: Reading): Receiving {
  const closing = new AbortController();
  const open = new Set<Promise<void>>();
  let accepting = 0;
  let failures = 0;

  const acceptMore = (): void => {
    while (
      !closing.signal.aborted &&
      accepting < acceptsMax &&
      accepting + open.size < sessionsMax
    ) {
      accepting += 1;
      void acceptOne();
    }
  };

  const acceptOne = async (): Promise<void> => {
    try {
      const receiver = await accept(reading, closing.signal);
      failures = 0;
      const idle = () => (open.size > crowdedAt ? crowdedIdleMs : idleMs);
      const one = readSession(reading, receiver, idle, closing.signal).finally(() => {
        open.delete(one);
        acceptMore();
      });
      open.add(one);
    } catch (error) {
      if (!isNoSession(error)) await failed(reading, error, failures++, closing.signal);
    }
    accepting -= 1;
    acceptMore();
  };

  acceptMore();
  return {
    close: async () => {
      // The library does not heed the signal while a request for a session waits at the bus. Nothing is lost
      // with it: the request ends with the connection.
      closing.abort();
      await Promise.allSettled(open);
    },
  };
}

// A session that is granted to a request that was left is closed by the library, because of the aborted signal.
const accept = (
  { client, subscription }: Reading,
  closing: AbortSignal,
): Promise<ServiceBusSessionReceiver> =>
  limited("a request for a session", acceptMs, (late) =>
    client.acceptNextSession(subscription.topic, subscription.name, {
      maxAutoLockRenewalDurationInMs: lockRenewalMs,
      skipParsingBodyAsJson: true,
      abortSignal: AbortSignal.any([closing, late]),
    }),
  );

/** Waits before the next request, or reports what waiting cannot mend. */
async function failed(
  { subscription, onFatal, log }: Reading,
  error: unknown,
  failures: number,
  closing: AbortSignal,
): Promise<void> {
  if (closing.aborted) return;
  const path = pathOf(subscription);
  const fatal = fatalOf(error, path);
  if (fatal !== undefined) onFatal(fatal);
  log.warn({ err: error, path }, "no session could be opened; it is tried again");
  await pause(backOffMs(failures + 2), closing);
}

/** Until the session is idle or old, its lock is lost, a message is released, or the process drains. */
async function readSession(
  { handle, log }: Reading,
  receiver: ServiceBusSessionReceiver,
  idle: () => number,
  closing: AbortSignal,
): Promise<void> {
  // A signal of its own: the library listens to it several times a message, and all sessions at one signal
  // would make each of these as slow as there are sessions.
  const ending = new AbortController();
  const abortSignal = ending.signal;
  const end = () => ending.abort();
  closing.addEventListener("abort", end, { once: true });
  if (closing.aborted) end();
  const until = performance.now() + sessionAgeMaxMs;
  const { sessionId } = receiver;
  try {
    while (!abortSignal.aborted && performance.now() < until) {
      const [message] = await receiver.receiveMessages(1, { maxWaitTimeInMs: idle(), abortSignal });
      if (message === undefined) break;
      const settlement = await handle(deliveryOf(message));
      const isSettled = await settle(receiver, message, settlement, log);
      // What comes after a released message must not overtake it, and a lost connection brings nothing more.
      if (settlement.kind === "release" || !isSettled) break;
    }
  } catch (error) {
    if (!abortSignal.aborted && !isLockLost(error))
      log.warn({ err: error, sessionId }, "a session ended early; its messages come again");
  }
  closing.removeEventListener("abort", end);
  try {
    await limited("the end of a session", closeMs, () => receiver.close());
  } catch (error) {
    log.info({ err: error, sessionId }, "a session did not close in order");
  }
}
