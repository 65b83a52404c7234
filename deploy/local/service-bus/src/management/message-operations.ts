// Messages by request: peek, deferred ones, locks and dispositions by lock token, deletion in bulk.

import rhea from "rhea";
import { z } from "zod";
import { deleteOldest, findLock, peek, receiveDeferred, renewLock } from "../entities/browse.ts";
import { type Outcome, settle } from "../entities/settlement.ts";
import { limits } from "../limits.ts";
import { encodeProperties } from "../links/outcome.ts";
import type { Answer } from "../links/request.ts";
import { swapGuidOrder } from "../wire/lock-token.ts";
import { SequenceNumber, SequenceNumbers } from "../wire/sequence-numbers.ts";
import { badRequest, messageLockLost, notFound, ok, sessionLockLost } from "./answers.ts";
import type { ManagedQueue } from "./manage.ts";
import { holdOf, SessionId } from "./session-operations.ts";

const TIMESTAMP = 0x83;
const LockTokens = z
  .array(z.instanceof(Buffer).refine(({ length }) => length === 16))
  .min(1)
  .max(1_000);

export function renewLocks({ queue }: ManagedQueue, body: unknown): Answer {
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

export function peekMessages({ queue }: ManagedQueue, body: unknown): Answer {
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

export function receiveBySequenceNumber(managed: ManagedQueue, body: unknown): Answer {
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
  if (found === undefined) return notFound("deferred message");
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

export function updateDisposition({ queue }: ManagedQueue, body: unknown): Answer {
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

const Deletion = z.object({
  "message-count": z.int().min(1),
  "enqueued-time-utc": z.date().nullish(),
});

export function deleteMessages({ queue }: ManagedQueue, body: unknown): Answer {
  const parsed = Deletion.safeParse(body);
  if (!parsed.success) return badRequest;
  const before = parsed.data["enqueued-time-utc"]?.getTime() ?? queue.clock();
  const count = Math.min(parsed.data["message-count"], limits.deleteMessagesMax);
  const deleted = deleteOldest(queue, count, before);
  return ok({ "message-count": rhea.types.wrap_int(deleted) });
}
