// Sessions by request: their locks, their state, and which there are.

import rhea from "rhea";
import { z } from "zod";
import type { SessionHold } from "../entities/queue.ts";
import {
  findHold,
  listSessions,
  readSessionState,
  renewSession,
  writeSessionState,
} from "../entities/sessions.ts";
import { limits } from "../limits.ts";
import type { Answer } from "../links/request.ts";
import { badRequest, ok, sessionLockLost } from "./answers.ts";
import type { ManagedQueue } from "./manage.ts";

const SESSIONS_MAX = 1_000;
const STRING = 0xb1;

export const SessionId = z.string().max(limits.idCharactersMax);
const Listing = z.object({
  "last-updated-time": z.date(),
  skip: z.int().min(0),
  top: z.int().min(1),
});

/** The session that the request names, if the connection holds it. */
export function holdOf({ queue, owner }: ManagedQueue, body: unknown): SessionHold | undefined {
  const parsed = z.object({ "session-id": SessionId }).safeParse(body);
  return parsed.success ? findHold(queue, parsed.data["session-id"], owner) : undefined;
}

export function renewSessionLock(managed: ManagedQueue, body: unknown): Answer {
  const hold = holdOf(managed, body);
  if (hold === undefined) return sessionLockLost;
  const until = renewSession(managed.queue, hold);
  return ok({ expiration: rhea.types.wrap_timestamp(until) });
}

export function getSessionState(managed: ManagedQueue, body: unknown): Answer {
  const hold = holdOf(managed, body);
  if (hold === undefined) return sessionLockLost;
  const state = readSessionState(managed.queue, hold.lane.key);
  return ok({ "session-state": state ?? null });
}

export function setSessionState(managed: ManagedQueue, body: unknown): Answer {
  const parsed = z.object({ "session-state": z.instanceof(Buffer).nullable() }).safeParse(body);
  if (!parsed.success) return badRequest;
  const hold = holdOf(managed, body);
  if (hold === undefined) return sessionLockLost;
  const state = parsed.data["session-state"];
  const isKept = writeSessionState(managed.queue, hold.lane.key, state);
  return isKept ? ok(null) : { ...badRequest, description: "the session state is too large" };
}

export function getSessions({ queue }: ManagedQueue, body: unknown): Answer {
  const parsed = Listing.safeParse(body);
  if (!parsed.success) return badRequest;
  if (!queue.policy.requiresSession) {
    return { ...badRequest, description: "the entity does not have sessions" };
  }
  const { skip, top, "last-updated-time": since } = parsed.data;
  const most = Math.min(top, SESSIONS_MAX);
  const found = listSessions(queue, since.getTime(), { skip, top: most });
  if (found.length === 0) {
    const condition = "com.microsoft:message-not-found";
    return { status: 204, description: "no sessions", condition };
  }
  const ids = rhea.types.wrap_array(found, STRING, undefined);
  return ok({ skip: rhea.types.wrap_int(skip + found.length), "sessions-ids": ids });
}
