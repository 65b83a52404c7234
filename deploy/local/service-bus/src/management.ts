// $management of a subscription or of its dead-letter queue: locks, sessions, peek, deferred
// messages and dispositions by lock token.

import rhea from "rhea";
import { z } from "zod";
import { findLock, peek, receiveDeferred, renewLock } from "./entities/browse.ts";
import type { Queue, SessionHold } from "./entities/queue.ts";
import {
  findHold,
  readSessionState,
  renewSession,
  writeSessionState,
} from "./entities/sessions.ts";
import { type Outcome, settle } from "./entities/settlement.ts";
import { limits } from "./limits.ts";
import type { Answer, Request } from "./links/request.ts";
import { swapGuidOrder } from "./wire/lock-token.ts";
import { SequenceNumber, SequenceNumbers } from "./wire/sequence-numbers.ts";
import { encodeValue } from "./wire/values.ts";

/** What a request acts on, and the connection it comes from. */
export interface Managed {
  readonly queue: Queue;
  readonly owner: object;
}

type Operation = (managed: Managed, body: unknown) => Answer;

const TIMESTAMP = 0x83;
const SessionId = z.string().max(limits.idCharactersMax);
const LockTokens = z
  .array(z.instanceof(Buffer).refine(({ length }) => length === 16))
  .min(1)
  .max(1_000);

const operations: ReadonlyMap<string, Operation> = new Map([
  ["com.microsoft:renew-lock", renewLocks],
  ["com.microsoft:renew-session-lock", renewSessionLock],
  ["com.microsoft:get-session-state", getSessionState],
  ["com.microsoft:set-session-state", setSessionState],
  ["com.microsoft:peek-message", peekMessages],
  ["com.microsoft:receive-by-sequence-number", receiveBySequenceNumber],
  ["com.microsoft:update-disposition", updateDisposition],
]);

/** Acts on one request to `<subscription>/$management`. The answer is true once it is durable. */
export function manageSubscription(managed: Managed, request: Request): Answer {
  const operation = operations.get(request.operation);
  if (operation !== undefined) return operation(managed, request.body);
  return { status: 501, description: `${request.operation} is not available here` };
}

function renewLocks({ queue }: Managed, body: unknown): Answer {
  const parsed = z.object({ "lock-tokens": LockTokens }).safeParse(body);
  if (!parsed.success) return badRequest;
  const tokens = parsed.data["lock-tokens"];
  const locks = tokens.map((token) => findLock(queue, swapGuidOrder(token)));
  const ends: Date[] = [];
  for (const lock of locks) {
    if (lock === undefined) return messageLockLost;
    ends.push(new Date(renewLock(queue, lock)));
  }
  return ok({ expirations: rhea.types.wrap_array(ends, TIMESTAMP, undefined) });
}

function renewSessionLock(managed: Managed, body: unknown): Answer {
  const hold = holdOf(managed, body);
  if (hold === undefined) return sessionLockLost;
  const until = renewSession(managed.queue, hold);
  return ok({ expiration: rhea.types.wrap_timestamp(until) });
}

function getSessionState(managed: Managed, body: unknown): Answer {
  const hold = holdOf(managed, body);
  if (hold === undefined) return sessionLockLost;
  const state = readSessionState(managed.queue, hold.lane.sessionId ?? "");
  return ok({ "session-state": state ?? null });
}

function setSessionState(managed: Managed, body: unknown): Answer {
  const parsed = z.object({ "session-state": z.instanceof(Buffer).nullable() }).safeParse(body);
  if (!parsed.success) return badRequest;
  const hold = holdOf(managed, body);
  if (hold === undefined) return sessionLockLost;
  const state = parsed.data["session-state"];
  const isKept = writeSessionState(managed.queue, hold.lane.sessionId ?? "", state);
  return isKept ? ok(null) : { ...badRequest, description: "the session state is too large" };
}

function peekMessages({ queue }: Managed, body: unknown): Answer {
  const parsed = z
    .object({
      "from-sequence-number": SequenceNumber,
      "message-count": z.int().min(1),
      "session-id": SessionId.nullish(),
    })
    .safeParse(body);
  if (!parsed.success) return badRequest;
  const count = Math.min(parsed.data["message-count"], limits.peekMessagesMax);
  const sessionId = parsed.data["session-id"] ?? undefined;
  const found = peek(queue, parsed.data["from-sequence-number"], count, sessionId);
  if (found.length > 0) return ok({ messages: found.map((message) => ({ message })) });
  const condition = "com.microsoft:message-not-found";
  return { status: 204, description: "no messages", condition };
}

function receiveBySequenceNumber(managed: Managed, body: unknown): Answer {
  const parsed = z
    .object({
      "sequence-numbers": SequenceNumbers,
      "receiver-settle-mode": z.int(),
      "session-id": SessionId.nullish(),
    })
    .safeParse(body);
  if (!parsed.success) return badRequest;
  const { queue } = managed;
  const sessionId = parsed.data["session-id"] ?? undefined;
  if (queue.policy.requiresSession && holdOf(managed, body) === undefined) {
    return sessionLockLost;
  }
  const mode = parsed.data["receiver-settle-mode"] === 0 ? "receiveAndDelete" : "peekLock";
  const found = receiveDeferred(queue, parsed.data["sequence-numbers"], mode, sessionId);
  if (found === undefined) return messageNotFound;
  const messages = found.map(({ encoded, token }) => ({
    message: encoded,
    ...(token && { "lock-token": rhea.types.wrap_uuid(swapGuidOrder(token)) }),
  }));
  return ok({ messages });
}

const Disposition = z.object({
  "lock-tokens": LockTokens,
  "disposition-status": z.enum(["completed", "abandoned", "defered", "suspended"]),
  "deadletter-reason": z.string().nullish(),
  "deadletter-description": z.string().nullish(),
  "properties-to-modify": z.record(z.string(), z.unknown()).nullish(),
});

function updateDisposition({ queue }: Managed, body: unknown): Answer {
  const parsed = Disposition.safeParse(body);
  if (!parsed.success) return badRequest;
  const outcome = outcomeOf(parsed.data);
  const tokens = parsed.data["lock-tokens"];
  const locks = tokens.map((token) => findLock(queue, swapGuidOrder(token)));
  const held = locks.filter((lock) => lock !== undefined);
  if (held.length < tokens.length) {
    return queue.policy.requiresSession ? sessionLockLost : messageLockLost;
  }
  for (const lock of held) settle(queue, lock, outcome, () => undefined);
  return ok(null);
}

function outcomeOf(disposition: z.infer<typeof Disposition>): Outcome {
  const modify = encodeProperties(disposition["properties-to-modify"] ?? {});
  switch (disposition["disposition-status"]) {
    case "completed":
      return { kind: "complete" };
    case "abandoned":
      return { kind: "abandon", modify };
    case "defered":
      return { kind: "defer", modify };
    case "suspended":
      return {
        kind: "dead-letter",
        reason: disposition["deadletter-reason"] ?? undefined,
        description: disposition["deadletter-description"] ?? undefined,
        modify,
      };
  }
}

/** Application properties as the bus keeps them. */
export function encodeProperties(properties: Readonly<Record<string, unknown>>) {
  return new Map(
    Object.entries(properties).map(([name, value]) => [name, encodeValue(value)] as const),
  );
}

function holdOf({ queue, owner }: Managed, body: unknown): SessionHold | undefined {
  const parsed = z.object({ "session-id": SessionId }).safeParse(body);
  return parsed.success ? findHold(queue, parsed.data["session-id"], owner) : undefined;
}

const ok = (body: unknown): Answer => ({ status: 200, description: "OK", body });
const badRequest: Answer = {
  status: 400,
  description: "the request is not understood",
  condition: "com.microsoft:argument-error",
};
const messageLockLost: Answer = {
  status: 410,
  description: "the lock is lost",
  condition: "com.microsoft:message-lock-lost",
};
const sessionLockLost: Answer = {
  status: 410,
  description: "the session lock is lost",
  condition: "com.microsoft:session-lock-lost",
};
const messageNotFound: Answer = {
  status: 404,
  description: "no such deferred message",
  condition: "com.microsoft:message-not-found",
};
