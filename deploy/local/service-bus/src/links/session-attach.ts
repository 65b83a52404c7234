// Attaching to a session: a named one at once or not at all, "any" when one becomes free.

import rhea, { type Sender } from "rhea";
import { z } from "zod";
import type { Queue, SessionHold } from "../entities/queue.ts";
import { nextSession, openSession, releaseSession } from "../entities/sessions.ts";
import { limits } from "../limits.ts";
import { type Refusal, refuse } from "./refusal.ts";
import { holdAttach, setAttachProperties } from "./rhea-internals.ts";

const SESSION_FILTER = "com.microsoft:session-filter";
const TICKS_PER_MS = 10_000n;
/** .NET ticks at the start of 1970. */
const EPOCH_TICKS = 621_355_968_000_000_000n;

/** The session a client asks for; null for any. */
export interface SessionWish {
  readonly sessionId: string | null;
}

export interface SessionAttach {
  readonly queue: Queue;
  readonly link: Sender;
  readonly wish: SessionWish;
  readonly address: string;
  readonly owner: object;
  /** Starts delivering; the answer stops it. */
  readonly start: (hold: SessionHold) => () => void;
}

/** Reads the session filter of an attach; undefined when the client wants no session. */
export function sessionWish(link: Sender): SessionWish | undefined {
  const filter: unknown = link.source?.filter;
  if (typeof filter !== "object" || filter === null || !(SESSION_FILTER in filter))
    return undefined;
  const parsed = z.string().max(limits.idCharactersMax).nullish().safeParse(filter[SESSION_FILTER]);
  return parsed.success ? { sessionId: parsed.data ?? null } : undefined;
}

export type Attached =
  | { readonly kind: "attached"; readonly ended: (isLost: boolean) => void }
  | Extract<Refusal, { readonly kind: "session-taken" }>;

/** Gives the session, waits for one, or refuses. `ended` is to be called when the link has ended. */
export function attachSession(attach: SessionAttach): Attached {
  const { queue, link, wish, owner } = attach;
  let stop: (() => void) | undefined;
  let held: SessionHold | undefined;
  const onLost = () => {
    stop?.();
    refuse(link, { kind: "session-lock-lost", sessionId: held?.lane.sessionId ?? "" });
  };
  const grant = (hold: SessionHold) => {
    held = hold;
    answerAttach(attach, hold);
    stop = attach.start(hold);
  };
  const end = (isLost: boolean) => {
    stop?.();
    if (held !== undefined) releaseSession(queue, held, isLost);
  };
  if (wish.sessionId !== null) {
    const hold = openSession(queue, wish.sessionId, { owner, onLost });
    if (hold === undefined) return { kind: "session-taken", sessionId: wish.sessionId };
    grant(hold);
    return { kind: "attached", ended: end };
  }
  holdAttach(link);
  let isRefused = false;
  const timer = setTimeout(() => {
    isRefused = true;
    withdraw();
    refuseHeld(link);
  }, waitOf(link));
  const withdraw = nextSession(queue, {
    owner,
    onLost,
    granted: (hold) => {
      clearTimeout(timer);
      grant(hold);
      link.open();
    },
  });
  const ended = (isLost: boolean) => {
    clearTimeout(timer);
    withdraw();
    // A client that gives up waiting still gets its attach and its detach answered.
    if (held === undefined && !isRefused && !isLost) refuseHeld(link);
    end(isLost);
  };
  return { kind: "attached", ended };
}

function refuseHeld(link: Sender): void {
  link.open();
  refuse(link, { kind: "no-session" });
}

function answerAttach({ link, address }: SessionAttach, hold: SessionHold): void {
  link.set_source({ address, filter: { [SESSION_FILTER]: hold.lane.sessionId } });
  const ticks = Buffer.alloc(8);
  ticks.writeBigInt64BE(BigInt(Math.trunc(hold.until)) * TICKS_PER_MS + EPOCH_TICKS);
  setAttachProperties(link, { "com.microsoft:locked-until-utc": rhea.types.wrap_long(ticks) });
}

function waitOf(link: Sender): number {
  const asked: unknown = link.properties?.["com.microsoft:timeout"];
  const waitMs = typeof asked === "number" && asked > 0 ? asked : limits.acceptSessionDefaultMs;
  return Math.min(waitMs, limits.acceptSessionMaxMs);
}
